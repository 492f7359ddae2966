"""Telling trackers and chats: the letters of the outbox, who takes them, and the worker that carries them."""

from __future__ import annotations

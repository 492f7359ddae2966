"""Chats and webhooks: targets of the outbox."""

from __future__ import annotations

"""Trackers of productions: each a target of the outbox, and a place that projects, shots and tasks are pulled from."""

from __future__ import annotations

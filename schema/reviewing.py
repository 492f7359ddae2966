"""What ``review``, ``note``, ``notes`` and ``audit`` print as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime

from .base import Document
from .states import ReviewState


class ReviewOut(Document):
    """``shotmill review``: where the version stood, where it stands, and which version ``approved`` now shows."""

    address: str
    was: ReviewState
    status: ReviewState
    told: int
    approved: str | None


class NoteOut(Document):
    """``shotmill note``: something said about a version; ``frame`` is the one it speaks of."""

    id: str
    author: str
    frame: int | None
    text: str
    created: AwareDatetime


class NotesOut(Document):
    """``shotmill notes``: where a version stands, and what was said about it, oldest first."""

    address: str
    status: ReviewState
    by: str | None
    moved: AwareDatetime | None
    notes: tuple[NoteOut, ...]


class EventOut(Document):
    """Who did what to what, and when."""

    number: int
    at: AwareDatetime
    actor: str
    host: str
    verb: str
    subject: str
    facts: dict[str, Any]


class AuditOut(Document):
    """``shotmill audit``: what happened, newest last."""

    subject: str
    events: tuple[EventOut, ...]

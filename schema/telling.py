"""What ``--json`` prints of trackers and chats: the outbox, what targets say of themselves, and what a pull brought."""

from __future__ import annotations

from pydantic import AwareDatetime

from .base import Document


class LetterOut(Document):
    """One fact for one target; ``subject`` is what it is about, ``remote_id`` what the target calls it."""

    id: str
    target: str
    kind: str
    state: str
    subject: str
    attempts: int
    next_attempt: AwareDatetime | None
    last_error: str | None
    remote_id: str | None
    created: AwareDatetime
    delivered: AwareDatetime | None


class OutboxOut(Document):
    """``shotmill outbox``: ``counts`` says of each target how many letters it has in each state."""

    letters: tuple[LetterOut, ...]
    counts: dict[str, dict[str, int]]


class TargetOut(Document):
    """One target; ``problem`` is empty where it would take a letter, ``mend`` says how to put it right."""

    name: str
    kind: str
    server: str = ""
    who: str = ""
    lines: tuple[str, ...] = ()
    problem: str = ""
    mend: str = ""


class TrackersOut(Document):
    """``shotmill tracker check``."""

    targets: tuple[TargetOut, ...]

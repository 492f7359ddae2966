"""Pictures that go with a message."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from ..outbox.letter import Publication

MARK = 16  # hexadecimal digits; two facts of one channel that share them are not met in a studio's life
KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A file to show; ``kind`` is its MIME type."""

    name: str
    kind: str
    content: bytes = field(repr=False)

    def marked(self, mark: str) -> str:
        """The name under which it goes to a server: a message that shows it is known by that."""
        stem, dot, suffix = self.name.rpartition(".")
        return f"{stem}.{mark}{dot}{suffix}"


def picture_mark(fact: uuid.UUID) -> str:
    """What the name of a fact's picture holds: short, and no other fact's."""
    return fact.hex[:MARK]


def picture_of(publication: Publication | None, *, max_mib: int) -> Picture | None:
    """A version's thumbnail; None where it has none, or none that a chat shows: a message never waits for a picture."""
    path = publication.thumbnail if publication else None
    if publication is None or path is None or path.suffix.lower() not in KINDS:
        return None
    content = _read(path, max_mib * 2**20)
    suffix = path.suffix.lower()
    return Picture(f"{publication.name}{suffix}", KINDS[suffix], content) if content else None


def _read(path: Path, limit: int) -> bytes:
    """What lies in a file; nothing if it is gone or larger than the limit."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError:
        return b""
    return content if len(content) <= limit else b""

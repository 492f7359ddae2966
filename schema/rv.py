"""What an RV session says without RV: its plates, and prompts and notes made of what is painted on them."""

from __future__ import annotations

from .base import Document
from .frames import FrameSet
from .roto import RotoObject


class RvNote(Document):
    """A review note made of the marks of one frame, in the plate's own numbering."""

    frame: int
    text: str


class RvPlate(Document):
    """One source of a session.

    Attributes:
        source: its node in RV.
        path: absolute, with padding as ``#``.
        frames: what the session cuts it to; None: all of it.
        objects: as the parameter ``objects`` of a roto takes them, pixels of the plate.
        problems: marks that are no prompts, and why.
    """

    source: str
    path: str
    frames: FrameSet | None = None
    objects: tuple[RotoObject, ...] = ()
    notes: tuple[RvNote, ...] = ()
    problems: tuple[str, ...] = ()


class RvSession(Document):
    """``shotmill rv-session --json``."""

    path: str
    plates: tuple[RvPlate, ...]
    problems: tuple[str, ...] = ()

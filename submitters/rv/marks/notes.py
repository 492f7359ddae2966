"""From marks to review notes: what was written, and where it was drawn."""

from __future__ import annotations

from collections import Counter
from typing import Iterable, NamedTuple

from .names import plain_label
from .place import Picture
from .prompts import FrameMarks
from .strokes import bounds_of

WORDS = {"pen": "stroke", "rect": "box", "ellipse": "ellipse", "arrow": "arrow", "line": "line"}


class FrameNote(NamedTuple):
    """A note about one frame, in the plate's own numbering."""

    frame: int
    text: str


def frame_notes(picture: Picture, frames: Iterable[FrameMarks]) -> list[FrameNote]:
    """One note a frame: the texts in their order, then what else was drawn and where, in pixels.

    A frame on which an eraser was all that was used has none.
    """
    found = []
    for one in sorted(frames, key=lambda each: each.frame):
        texts = [plain_label(mark.text) for mark in one.marks if mark.kind == "text"]
        drawn = _drawn(picture, one)
        parts = [*[text for text in texts if text], *([drawn] if drawn else [])]
        if parts:
            found.append(FrameNote(one.frame, " / ".join(parts)))
    return found


def _drawn(picture: Picture, one: FrameMarks) -> str:
    marks = [mark for mark in one.marks if mark.kind != "text" and not mark.erases]
    if not marks:
        return ""
    counts = Counter(WORDS[mark.kind] for mark in marks)
    what = ", ".join(f"{count} {_plural(word, count)}" for word, count in counts.items())
    left, top, right, bottom = bounds_of([picture.pixel(point) for mark in marks for point in mark.points])
    return f"{what} at {round(left)},{round(top)} to {round(right)},{round(bottom)}"


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    return word + "es" if word.endswith("x") else word + "s"

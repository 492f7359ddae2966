"""Frame ranges as Cuebot reads them: in the order they are written, each frame once."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PART = re.compile(r"(-?\d+)(?:-(-?\d+)(?:x(\d+))?)?\Z")


def frames_of(text: str) -> list[int]:
    """The frames of a range.

    Raises:
        ValueError: it is no range.
    """
    found: dict[int, None] = {}
    for part in text.replace(" ", "").split(","):
        parsed = _PART.match(part)
        if parsed is None:
            raise ValueError(text)
        first = int(parsed[1])
        last = int(parsed[2]) if parsed[2] else first
        step = int(parsed[3] or 1) * (1 if first <= last else -1)
        found.update(dict.fromkeys(range(first, last + (1 if step > 0 else -1), step)))
    return list(found)


def chunks_of(text: str, size: int) -> list[list[int]]:
    """What each of a layer's frames stands for; Cuebot names it by its first."""
    frames = frames_of(text)
    return [frames[start : start + size] for start in range(0, len(frames), size)]


def spec_of(frames: Sequence[int]) -> str:
    """What becomes of #FRAMESPEC#: runs of equal steps, in the order of the range."""
    parts = []
    start = 0
    while start < len(frames):
        end = start
        step = frames[start + 1] - frames[start] if start + 1 < len(frames) else 1
        while end + 1 < len(frames) and frames[end + 1] - frames[end] == step:
            end += 1
        if end - start < 2 and step != 1:
            end = start
        parts.append(_part(frames[start], frames[end], step))
        start = end + 1
    return ",".join(parts)


def _part(first: int, last: int, step: int) -> str:
    if first == last:
        return str(first)
    return f"{first}-{last}" if step == 1 else f"{first}-{last}x{step}"

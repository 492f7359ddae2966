"""Which frame of a clip is meant: ``middle``, ``first``, ``last`` or a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator

from .media import Clip

_PICK = re.compile(r"middle|first|last|-?\d{1,9}\Z")


def _check(value: str) -> str:
    if not _PICK.match(value):
        raise ValueError(f"{value[:40]!r} is no frame; write middle, first, last or a number such as 1042")
    return value


FramePick = Annotated[str, AfterValidator(_check)]


def picked_frame(clip: Clip, pick: str, there: Sequence[int]) -> int:
    """The frame that is meant.

    Args:
        clip: its own ``frame`` wins over ``middle``: a cut says which frame shows a shot.
        pick: ``middle``, ``first``, ``last`` or a number; a number is taken as it is, there or not.
        there: the frames that exist, ascending; the middle one is the nearest to the middle of the range.
    """
    if pick == "middle":
        if clip.frame is not None:
            return clip.frame
        centre = (there[0] + there[-1]) // 2
        return min(there, key=lambda frame: (abs(frame - centre), frame))
    if pick in {"first", "last"}:
        return there[0] if pick == "first" else there[-1]
    return int(pick)


def evenly(there: Sequence[int], count: int) -> list[int]:
    """``count`` frames spread over those that exist, the first and the last among them; fewer when there are fewer."""
    if count >= len(there):
        return list(there)
    if count == 1:
        return [there[len(there) // 2]]
    return [there[round(index * (len(there) - 1) / (count - 1))] for index in range(count)]

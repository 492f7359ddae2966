"""Which frames of a clip are meant: ``middle``, ``first``, ``last``, a number, or some evenly spaced ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from .media import Clip

_PICK = re.compile(r"(?:middle|first|last|-?\d{1,9})\Z")


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _check(value: str) -> str:
    if not _PICK.match(value):
        raise ValueError(f"{value[:40]!r} is no frame; write middle, first, last or a number such as 1042")
    return value


FramePick = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int), AfterValidator(_check)]


def picked_frame(clip: Clip, pick: str, there: Sequence[int]) -> int:
    """The frame that is meant.

    Args:
        clip: its own ``frame`` wins over ``middle``: a cut says which frame shows a shot. Where that one is a hole, the
            one nearest to it is meant.
        pick: ``middle``, ``first``, ``last`` or a number; a number is taken as it is, there or not.
        there: the frames that exist, ascending; ``middle`` is the one nearest to the middle of the clip's whole range,
            gaps included, the earlier of two that are equally near.
    """
    if pick == "middle":
        if clip.frame is not None and _is_there(clip, clip.frame):
            return clip.frame
        first, last = (clip.frames.first, clip.frames.last) if clip.frames else (there[0], there[-1])
        centre = (first + last) // 2 if clip.frame is None else clip.frame
        return min(there, key=lambda frame: (abs(frame - centre), frame))
    if pick in {"first", "last"}:
        return there[0] if pick == "first" else there[-1]
    return int(pick)


def check_pick(clips: Sequence[Clip], pick: str) -> None:
    """Refuse a number that a clip is known not to have.

    Raises:
        ValueError: names the clip, what it has, and the number.
    """
    if not is_number(pick):
        return
    for clip in clips:
        if clip.frames is None or clip.offline:  # a movie: opening it tells
            continue
        if int(pick) not in clip.frames:
            raise ValueError(
                f"frame {pick} is not among the frames {clip.frames} of clip {clip.name!r}; choose another"
            )
        if clip.holes and int(pick) in clip.holes:
            raise ValueError(f"frame {pick} of clip {clip.name!r} is not there; bring it, or choose another")


def is_picked(clip: Clip, pick: str) -> bool:
    """Whether the frame is known without a look at the medium."""
    if pick == "middle":
        return clip.frame is not None and _is_there(clip, clip.frame)
    return is_number(pick)


def is_number(pick: str) -> bool:
    """Whether somebody asked for one frame by its number."""
    return pick not in {"middle", "first", "last"}


def _is_there(clip: Clip, frame: int) -> bool:
    return clip.holes is None or frame not in clip.holes


def evenly(there: Sequence[int], count: int) -> list[int]:
    """``count`` frames spread over those that exist, the first and the last among them; fewer when there are fewer."""
    if count >= len(there):
        return list(there)
    if count == 1:
        return [there[(len(there) - 1) // 2]]
    last, steps = len(there) - 1, count - 1
    return [there[(2 * index * last + steps) // (2 * steps)] for index in range(count)]

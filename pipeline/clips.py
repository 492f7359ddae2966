"""Clips at work: the still that a job asks of one, its timecode, and errors that say which clip they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..schema.errors import InputMissingError, ShotmillError
from ..schema.picks import is_number, is_picked, picked_frame
from ..schema.timecode import DROP_RATES, advance

if TYPE_CHECKING:
    from ..schema.media import Clip, MediaInfo
    from ..schema.pictures import LookParams
    from .tools import Look, Still, Tools


def look_of(params: LookParams) -> Look:
    """What the params want pictures to be made for."""
    from .tools import Look  # noqa: PLC0415 - heavy: the tools, which only hosts that do the work need

    return Look(display=params.display, view=params.view, colourspace=params.colourspace)


def picked_still(clip: Clip, pick: str, *, width: int, look: Look, tools: Tools) -> Still:
    """The still of a clip; no medium is opened to count frames when the frame is known already.

    Args:
        clip: movie, sequence or still.
        pick: see ``picks.picked_frame``.
        width: in square pixels.
        look: what it is made for.
        tools: of this machine.

    Raises:
        InputMissingError: the frame is not there; names clip and frame.
        InputCorruptError: it is there but cannot be read whole.
    """
    with naming(clip):
        there = (0,) if is_picked(clip, pick) else tools.frames(clip)
        try:
            return tools.still(clip, picked_frame(clip, pick, there), width=width, look=look)
        except InputMissingError as error:
            if is_number(pick):
                error.hint = error.hint or "submit again with another --frame"
            raise


def timecode_of(found: MediaInfo, frame: int) -> str | None:
    """The timecode of a frame, counted on from the medium's first one; None where none is known."""
    code = found.timecode
    if code is not None and found.rate is not None and found.rate not in DROP_RATES:
        code = code.replace(";", ":")  # some write the flag where it means nothing
    if code is None or found.rate is None:
        return code if frame == found.frames.first else None
    try:
        return advance(code, frame - found.frames.first, found.rate)
    except ValueError:  # a code that its own rate does not have says nothing
        return None


@contextmanager
def naming(clip: Clip) -> Iterator[None]:
    """Errors from inside say which clip they are about."""
    try:
        yield
    except ShotmillError as error:
        error.fields.setdefault("clip", clip.name)
        raise

"""A preview movie of a roto: the plate with its mattes over it and the frame's number burnt in."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ....schema.errors import BadRequestError
from ....schema.media import Rate
from ... import drawing as draw
from .check import RotoFrame
from .overlay import border, overlaid, stamp
from .track import Limits

if TYPE_CHECKING:
    from ..backend import Picture

PREVIEW_WIDTH = 960
# A fixed number of threads: x264 gives other bytes for another number.
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-threads", "2")
FASTSTART = ("-movflags", "+faststart")  # browsers begin before all of it is there


def write_preview(path: Path, frames: Iterable[RotoFrame], *, rate: Rate, width: int = PREVIEW_WIDTH) -> None:
    """Write a movie of frames with their mattes; one frame at a time is in memory.

    Frames whose confidence is low have a frame around them. The same frames give the same bytes on one machine.

    Args:
        path: ends in ``.mp4``.
        frames: in the order they are shown; at least one.
        rate: frames per second.
        width: of the movie in pixels, at most; never wider than the pictures.

    Raises:
        BadRequestError: there is no frame.
        DiskFullError: no space is left.
        StorageError: it could not be encoded.
    """
    from ...movies import encode  # noqa: PLC0415 - heavy: PyAV

    pictures = (_shown(frame, width) for frame in frames)
    first = next(pictures, None)
    if first is None:
        raise BadRequestError("there is no frame for a preview; the range of the roto is empty")
    size = first.shape[1], first.shape[0]
    encode(path, _chained(first, pictures), size=size, rate=rate, codec=(*X264, *FASTSTART))


def _chained(first: Picture, others: Iterator[Picture]) -> Iterator[Picture]:
    return itertools.chain([first], others)


def _shown(frame: RotoFrame, width: int) -> Picture:
    picture = overlaid(frame.picture, frame.mattes, width=width)
    unsure = any(said.confidence < Limits().confidence for said in frame.said.values())
    if unsure:
        border(picture)
    stamp(picture, str(frame.number), colour=draw.WARNING if unsure else draw.INK)
    return picture

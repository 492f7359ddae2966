"""Frames that Blender wrote: looked through, and written again with nothing in them but what they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...schema.errors import TaskFailedError
from ...schema.media import Rate
from ..frame_bakes import entries_of
from ..images import Limits, check_whole, read_header, write_bare
from .colour import RenderColour


@dataclass(frozen=True)
class Finish:
    """What frames of one render are.

    Attributes:
        size: width and height in pixels.
        pixel_aspect: width of a pixel over its height.
        rate: frames per second, as a fraction.
    """

    size: tuple[int, int]
    pixel_aspect: float
    rate: str
    colour: RenderColour
    limits: Limits


def finish_frame(source: Path, target: Path, finish: Finish) -> None:
    """Take over a frame: the same pixels, without the times and hosts that Blender writes beside them.

    Args:
        source: what Blender wrote.
        target: appears when it was written whole; the suffix of both is the same.
        finish: what it must be, and what is written into it.

    Raises:
        TaskFailedError: Blender wrote none, or another size.
        InputCorruptError: it cannot be read whole.
        DiskFullError, StorageError: it could not be written.
    """
    if not source.is_file():
        raise TaskFailedError(f"Blender said that it wrote {source.name}, and it is not there", path=source)
    check_whole(source, finish.limits)
    header = read_header(source, finish.limits)
    if (header.width, header.height) != finish.size:
        asked = "x".join(map(str, finish.size))
        raise TaskFailedError(
            f"Blender wrote {header.width}x{header.height} pixels instead of {asked}; submit the scene again",
            path=source,
        )
    write_bare(source, target, _entries(target.suffix, finish), finish.limits)


def _entries(suffix: str, finish: Finish) -> dict[str, Any]:
    found = {"PixelAspectRatio": finish.pixel_aspect}
    if suffix != ".exr":
        return found
    rate = Rate.parse(finish.rate)
    told = entries_of(finish.colour.end, finish.colour.config, suffix)
    return {**found, **told, "FramesPerSecond": (rate.numerator, rate.denominator)}

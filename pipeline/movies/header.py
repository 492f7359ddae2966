"""What a movie says of itself, before any frame is decoded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from ...schema.errors import InputCorruptError, InputTooLargeError
from ...schema.frames import MAX_FRAMES
from ...schema.media import Rate
from .said import colour_said

MAX_PIXELS = 8192 * 8192  # a full dome; every frame that waits for another costs memory
_LENGTH = re.compile(r"(\d{1,9}):(\d{1,9}):(\d{1,9}(?:\.\d{0,12})?)", re.ASCII)
PLATE_CODECS = ("h264", "hevc", "prores", "dnxhd", "mjpeg")


@dataclass(frozen=True)
class MovieHeader:
    """What a movie says of itself.

    Attributes:
        width, height, pixel_aspect: as stored; see ``Movie.turn``.
        frames: how many are shown; those that an edit list hides do not count.
        rate: exact frames per second.
        colour: what its tags say, as ``colour_said`` names it.
        intra: every frame stands alone.
        variable: frames are shown for different times; one that has no picture of its own shows the one before.
        lost: frames that its index lists and that lie beyond the end of its file: it was cut off.
    """

    path: Path
    container: str
    codec: str
    width: int
    height: int
    pixel_aspect: float
    rate: Rate
    frames: int
    timecode: str | None
    colour: str | None
    bits: int
    channels: tuple[str, ...]
    audio_streams: int
    intra: bool
    variable: bool
    lost: int = 0


def missing_codecs() -> list[str]:
    """Codecs of plates that this build cannot decode."""
    return [codec for codec in PLATE_CODECS if codec not in av.codecs_available]


def read_movie_header(path: Path, container: Any, stream: Any) -> MovieHeader:
    """The header of an open movie.

    Raises:
        InputCorruptError: it lacks what a movie must say.
        InputTooLargeError: it claims more pixels or frames than are allowed.
    """
    context = stream.codec_context
    rate = stream.average_rate or stream.base_rate or stream.guessed_rate
    if not rate or not stream.time_base or context.width <= 0:
        raise InputCorruptError(f"movie {path} names no frame rate or size; copy it again", path=path)
    try:
        exact = Rate.parse(rate)
    except ValueError as error:
        raise InputCorruptError(f"movie {path} names an impossible frame rate: {error}", path=path) from error
    frames = _count(path, container, stream, Fraction(rate))
    if context.width * context.height > MAX_PIXELS or frames > MAX_FRAMES:
        raise InputTooLargeError(
            f"movie {path} claims {context.width}x{context.height} pixels and {frames} frames, {MAX_PIXELS} pixels and "
            f"{MAX_FRAMES} frames are allowed; copy it again, or cut it",
            path=path,
        )
    aspect = stream.sample_aspect_ratio
    components = context.format.components if context.format else ()
    return MovieHeader(
        path=path,
        container=container.format.name.split(",")[0],
        codec=context.name,
        width=context.width,
        height=context.height,
        pixel_aspect=float(aspect) if aspect else 1.0,
        rate=exact,
        frames=frames,
        timecode=timecode_of(container, stream),
        colour=colour_said(int(context.color_primaries or 0), int(context.color_trc or 0)),
        bits=components[0].bits if components else 8,
        channels=("R", "G", "B"),
        audio_streams=len(container.streams.audio),
        intra=is_intra(stream),
        variable=stream.base_rate != stream.average_rate,
        lost=_lost(path, container, stream),
    )


def _lost(path: Path, container: Any, stream: Any) -> int:
    """What a QuickTime or MP4 file lacks whose index stands in front: it opens although it was cut off."""
    if "mov" not in container.format.name:
        return 0
    size = path.stat().st_size
    return sum(entry.pos + entry.size > size for entry in stream.index_entries)


def is_intra(stream: Any) -> bool:
    """Whether every frame is a keyframe: by its codec, or by the container's index where it lists all frames."""
    if stream.codec_context.codec.intra_only:
        return True
    entries = stream.index_entries
    return stream.frames == len(entries) > 1 and all(entry.is_keyframe for entry in entries)


def timecode_of(container: Any, stream: Any) -> str | None:
    """The timecode of an open movie's first frame."""
    tracks = [track.metadata for track in container.streams.data]
    for source in (stream.metadata, container.metadata, *tracks):
        if source.get("timecode"):
            return str(source["timecode"])
    return None


def _count(path: Path, container: Any, stream: Any, rate: Fraction) -> int:
    """Frames by the container's index, else by its own count, else by the length of the stream."""
    entries = stream.index_entries
    if stream.frames and len(entries) >= stream.frames:
        shown = sum(not entry.is_discard for entry in entries)  # discarded: before an edit list's start
    else:
        shown = stream.frames or round(_length_s(container, stream) * rate)
    if shown <= 0:
        raise InputCorruptError(f"movie {path} does not say how long it is; rewrap it", path=path)
    return int(shown)


def _length_s(container: Any, stream: Any) -> Fraction:
    """Length of the picture in seconds; 0 when nothing tells."""
    if stream.duration:
        return Fraction(stream.duration * stream.time_base)
    start = Fraction((stream.start_time or 0) * stream.time_base)
    tagged = _LENGTH.fullmatch(stream.metadata.get("DURATION") or "")  # Matroska: when the stream ends
    if tagged:
        hours, minutes, seconds = (Fraction(part) for part in tagged.groups())
        return hours * 3600 + minutes * 60 + seconds - start
    return Fraction(container.duration or 0, av.time_base) - start

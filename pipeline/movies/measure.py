"""What a movie that was just written holds, read by another library than the one that wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from ...schema.errors import StorageError
from .header import timecode_of


@dataclass(frozen=True)
class Measured:
    """What is in a movie.

    Attributes:
        frames: packets of the picture.
        rate: frames per second.
        timecode: of its first frame, or None.
        sound_end_s: where its sound ends; 0: it has none.
        packet_s: how long the longest packet of sound lasts.
    """

    frames: int
    rate: Fraction
    timecode: str | None
    sound_end_s: Fraction
    packet_s: Fraction


def measure(path: Path) -> Measured:
    """Count what is in a movie; nothing is decoded.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        with av.open(str(path)) as found:
            video = found.streams.video[0]
            frames, end, longest = 0, Fraction(0), Fraction(0)
            audio: Any = found.streams.audio[0] if found.streams.audio else None
            packet: Any
            for packet in found.demux(*([video, audio] if audio else [video])):
                if packet.dts is None:
                    continue
                if packet.stream is video:
                    frames += 1
                else:
                    lasts = Fraction(packet.duration or 0) * packet.time_base
                    end, longest = max(end, packet.pts * packet.time_base + lasts), max(longest, lasts)
            rate = Fraction(video.average_rate or 0)
            return Measured(frames, rate, timecode_of(found, video), end, longest)
    except (av.error.FFmpegError, IndexError) as error:
        raise StorageError(f"{path} cannot be read after it was written: {error}; run it again", path=path) from error

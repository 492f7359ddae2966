"""Movies for tests, made by the ffmpeg of imageio-ffmpeg: every frame carries its number; see ``numbered``."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numbered import as_bytes, numbered, with_patch
from numpy.typing import NDArray

Colour = tuple[float, float, float]

SIZE = (256, 144)
RATES = ("24000/1001", "24", "25", "30000/1001", "60000/1001")
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-threads", "2")
LONG_GOP = (*X264, "-bf", "3", "-b_strategy", "0", "-g", "250", "-keyint_min", "250", "-sc_threshold", "0")
SHORT_GOP = (*X264, "-bf", "2", "-b_strategy", "0", "-g", "12", "-sc_threshold", "0")
OPEN_GOP = (*SHORT_GOP, "-x264-params", "open-gop=1:b-pyramid=normal:bframes=3")
HEVC = (
    "-c:v",
    "libx265",
    "-preset",
    "ultrafast",
    "-x265-params",
    "log-level=none:pools=1:keyint=24:bframes=3:open-gop=1",
)
PRORES = ("-c:v", "prores_ks", "-profile:v", "hq", "-pix_fmt", "yuv422p10le", "-vendor", "apl0")
DNXHR = ("-c:v", "dnxhd", "-profile:v", "dnxhr_hq", "-pix_fmt", "yuv422p")
DNXHD_36 = ("-c:v", "dnxhd", "-b:v", "36M", "-pix_fmt", "yuv422p")
INTRA = (*X264, "-g", "1")
MJPEG = ("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj422p")
BT709 = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"


@dataclass(frozen=True)
class Made:
    """A movie and the facts that it was made with.

    Attributes:
        numbers: what its frames spell, in the order they are shown.
        rate: as ffmpeg was told.
    """

    path: Path
    numbers: range
    rate: str


def ffmpeg(*options: str | Path, feed: bytes | None = None) -> None:
    """Run ffmpeg; what it says on failure becomes the error."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *map(str, options)]
    done = subprocess.run(command, input=feed, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.decode()}")


def raw_frames(numbers: range, size: tuple[int, int] = SIZE, *, patch: Colour | None = None) -> bytes:
    """Frames as ffmpeg takes them in: 8-bit RGB, one after the other."""
    pictures = (numbered(number, size=size) for number in numbers)
    return b"".join(as_bytes(with_patch(one, patch) if patch else one).tobytes() for one in pictures)


def movie(  # noqa: PLR0913 - what ffmpeg is told
    path: Path,
    codec: Sequence[str],
    *,
    rate: str = "24",
    frames: int = 60,
    first: int = 0,
    size: tuple[int, int] = SIZE,
    options: Sequence[str] = (),
    dropped: str = "0",
    patch: Colour | None = None,
    full: bool = False,
) -> Made:
    """Encode a movie.

    Args:
        path: its suffix says the container.
        codec: ffmpeg's options for the video stream.
        rate: frames per second.
        frames: how many.
        first: number in the first of them.
        size: width and height.
        options: more for the output, such as ``-timecode``.
        dropped: an expression of ffmpeg for frames ``n`` to leave out.
        patch: a patch of one colour in each frame.
        full: full range, as cameras and MJPEG have it, rather than limited.
    """
    numbers = range(first, first + frames)
    given = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", rate, "-i", "-")
    levels = "pc" if full else "tv"
    filters = (
        f"select='not({dropped})',scale=in_range=full:out_range={levels}:out_color_matrix=bt709,{BT709}:range={levels}"
    )
    ffmpeg(*given, "-vf", filters, *codec, *options, path, feed=raw_frames(numbers, size, patch=patch))
    return Made(path, numbers, rate)


def rewrapped(source: Made, path: Path, *options: str | Path, before: Sequence[str] = ()) -> Made:
    """The same stream in another container, or with other stamps."""
    ffmpeg(*before, "-i", source.path, "-c", "copy", *options, path)
    return Made(path, source.numbers, source.rate)


def trimmed(source: Made, path: Path, *, skip: int) -> Made:
    """The movie without its first frames: they stay in the file, hidden by an edit list, as cutting tools do."""
    numerator, _, denominator = source.rate.partition("/")
    start = (skip - 0.5) * int(denominator or 1) / int(numerator)
    made = rewrapped(source, path, before=("-ss", f"{start:.6f}"))
    return Made(path, source.numbers[skip:], made.rate)


def flipped(path: Path, copy: Path, *, at: float, bit: int = 3) -> Path:
    """A copy with one bit turned over.

    Args:
        path: of the original.
        copy: to write.
        at: where, as a share of the file's length.
        bit: which of the byte.
    """
    content = bytearray(path.read_bytes())
    content[min(int(len(content) * at), len(content) - 1)] ^= 1 << bit
    copy.write_bytes(content)
    return copy


def cut_off(path: Path, copy: Path, *, share: float) -> Path:
    """A copy that ends early."""
    copy.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return copy


def turned(source: Made, path: Path, *display: str) -> Made:
    """The same stream with a display matrix: how it is to be shown.

    Args:
        source: the movie.
        path: in a container that holds a matrix.
        display: ffmpeg's words, such as ``-display_rotation 90`` (counterclockwise).
    """
    return rewrapped(source, path, before=display)


def shown_by_ffmpeg(path: Path, number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A frame as ffmpeg shows it, which turns pictures upright; (h, w, 3)."""
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path)]
    wanted = ["-vf", f"select=eq(n\\,{number})", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run([*program, *wanted], capture_output=True, check=True)
    return np.frombuffer(done.stdout, dtype=np.uint8).reshape(size[1], size[0], 3)

"""Encoding: 8-bit RGB frames through a pipe into the ffmpeg of imageio-ffmpeg."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...schema.errors import DiskFullError, StorageError
from ...schema.media import Rate

# As a filter: ffmpeg takes the tags of the frames over those of the command line.
BT709 = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"


def encoder_program() -> str:
    """The path of the ffmpeg that imageio-ffmpeg brings.

    Raises:
        RuntimeError: there is none for this system.
    """
    import imageio_ffmpeg  # noqa: PLC0415 - only encoding needs the program

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def encode(
    path: Path,
    frames: Iterator[NDArray[np.uint8]],
    *,
    size: tuple[int, int],
    rate: Rate,
    codec: Sequence[str] = ("-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p"),
) -> None:
    """Encode 8-bit RGB frames, tagged as BT.709, limited range.

    Args:
        path: it appears under this name only when it was written whole.
        frames: (h, w, 3) uint8 each, in the encoding of a Rec.709 display.
        size: (width, height) of every frame.
        rate: frames per second.
        codec: ffmpeg's own options for the video stream.

    Raises:
        DiskFullError: no space is left.
        StorageError: ffmpeg failed; the message is its last line.
    """
    half_written = path.with_name(f".{path.stem}.part{path.suffix}")
    command = [
        encoder_program(), "-y", "-v", "error",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", str(rate), "-i", "-",
        "-vf", f"scale=in_range=full:out_range=tv:out_color_matrix=bt709,{BT709}",
        *codec,
        "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1",
        str(half_written),
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as encoder:
        said = _feed(encoder, frames)
    if encoder.returncode:
        half_written.unlink(missing_ok=True)
        last = said.strip().splitlines()[-1] if said.strip() else f"exit {encoder.returncode}"
        if "No space left" in said:
            raise DiskFullError(f"no space is left for {path}", hint="make space and retry", path=path)
        raise StorageError(f"{path} could not be encoded: {last}", path=path)
    half_written.replace(path)


def _feed(encoder: subprocess.Popen[bytes], frames: Iterator[NDArray[np.uint8]]) -> str:
    if encoder.stdin is None or encoder.stderr is None:
        raise StorageError("the encoder has no pipes")
    try:
        for frame in frames:
            encoder.stdin.write(np.ascontiguousarray(frame).data)
        encoder.stdin.close()
    except BrokenPipeError:
        pass  # the encoder ended early; its exit code and last words tell why
    return encoder.stderr.read().decode(errors="replace")

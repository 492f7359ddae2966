"""Encoding: RGB frames through a pipe into the ffmpeg of imageio-ffmpeg."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ...schema.codecs import TAGS, ColourTags, TagName
from ...schema.errors import DiskFullError, StorageError
from ...schema.media import Rate
from .sound import CutSound, SoundTrack, cut_sound, sound_inputs, sound_options

H264 = ("-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p")
_MATRICES = {"bt709": "709", "bt2020nc": "2020_ncl"}  # zscale's names


@dataclass(frozen=True)
class MovieForm:
    """How a movie is written.

    Attributes:
        size: (width, height) of every frame.
        rate: frames per second.
        codec: ffmpeg's own options for the video stream; see ``presets``.
        tags: what it says of its colour; limited range.
        deep: frames are uint16, 0 to 65535, rather than uint8.
        timecode: SMPTE, of its first frame; empty: it gets no timecode track.
        keys: frames, counted from 0, that are keyframes with closed groups before them.
        sound: the sound that goes in.
    """

    size: tuple[int, int]
    rate: Rate
    codec: Sequence[str] = H264
    tags: ColourTags = TAGS[TagName.REC709]
    deep: bool = False
    timecode: str = ""
    keys: Sequence[int] = ()
    sound: SoundTrack | None = None


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
    codec: Sequence[str] = H264,
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
    encode_movie(path, frames, MovieForm(size, rate, codec))


def encode_movie(path: Path, frames: Iterable[NDArray[Any]], form: MovieForm) -> None:
    """Encode RGB frames; the same frames give the same bytes.

    Args:
        path: it appears under this name only when it was written whole.
        frames: (h, w, 3) each, uint8 or uint16 as ``form.deep`` says, full range, in the encoding of the tags.
        form: how.

    Raises:
        DiskFullError: no space is left.
        StorageError: ffmpeg failed; the message is its last line.
    """
    half_written = path.with_name(f".{path.stem}.part{path.suffix}")
    with cut_sound(form.sound, path) as sound:
        _write(path, half_written, _command(half_written, form, sound), frames)


def _write(path: Path, half_written: Path, command: Sequence[str], frames: Iterable[NDArray[Any]]) -> None:
    try:
        with tempfile.TemporaryFile() as said:
            code = _run(command, frames, said)
            said.seek(0)
            words = said.read().decode(errors="replace").strip()
        if code:
            raise _failed(path, words, code)
        half_written.replace(path)
    finally:
        half_written.unlink(missing_ok=True)


def rewrap(path: Path, silent: Path, track: SoundTrack | None, *, timecode: str = "") -> None:
    """Write a movie again with sound and timecode; its picture stays as it is, bit for bit.

    Args:
        path: it appears under this name only when it was written whole.
        silent: the movie.
        track: of the sound; None: none.
        timecode: of the movie's first frame.

    Raises:
        DiskFullError: no space is left.
        StorageError: ffmpeg failed; the message is its last line.
    """
    half_written = path.with_name(f".{path.stem}.part{path.suffix}")
    with cut_sound(track, path) as sound:
        command = [
            encoder_program(), "-y", "-v", "error", "-i", f"file:{silent}", *sound_inputs(sound),
            "-map", "0:v", "-c:v", "copy", *sound_options(track), *_ending(timecode), str(half_written),
        ]  # fmt: skip
        _write(path, half_written, command, ())


def _command(path: Path, form: MovieForm, sound: CutSound | None) -> list[str]:
    pixels = "rgb48le" if form.deep else "rgb24"
    size = f"{form.size[0]}x{form.size[1]}"
    return [
        encoder_program(), "-y", "-v", "error",
        "-f", "rawvideo", "-pix_fmt", pixels, "-s", size, "-r", str(form.rate), "-i", "-",
        *sound_inputs(sound),
        "-map", "0:v", *sound_options(form.sound),
        "-vf", _filters(form.tags, _pixels(form.codec)),
        *form.codec,
        *_keyframes(form.keys),
        "-flags:v", "+bitexact",
        *_ending(form.timecode),
        str(path),
    ]  # fmt: skip


def _ending(timecode: str) -> tuple[str, ...]:
    """Nothing of the day or the program is written; a movie can be shown before all of it was read."""
    code = ("-timecode", timecode, "-write_tmcd", "1") if timecode else ()
    return (*code, "-movflags", "+faststart", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1")


def _filters(tags: ColourTags, pixels: str) -> str:
    # As a filter: ffmpeg takes the tags of the frames over those of the command line.
    said = f"color_primaries={tags.primaries}:color_trc={tags.transfer}:colorspace={tags.matrix}:range=tv"
    matrix = _MATRICES[tags.matrix]
    # Not swscale: of 16 bits, it makes white 3 of 1023 too light.
    exact = f"zscale=matrixin=gbr:matrix={matrix}:rangein=full:range=limited:chromal=left:dither=none"
    return f"{exact},format={pixels},setparams={said}"


def _pixels(codec: Sequence[str]) -> str:
    return codec[codec.index("-pix_fmt") + 1] if "-pix_fmt" in codec else "yuv420p"


def _keyframes(frames: Sequence[int]) -> tuple[str, ...]:
    if not frames:
        return ()
    return ("-force_key_frames", "expr:" + "+".join(f"eq(n,{frame})" for frame in sorted(set(frames))))


def _run(command: Sequence[str], frames: Iterable[NDArray[Any]], said: IO[bytes]) -> int:
    """Feed the encoder; its exit code. Where a frame cannot be made, the encoder is ended."""
    encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said)
    try:
        assert encoder.stdin is not None  # noqa: S101 - as it was asked for
        with contextlib.suppress(BrokenPipeError):  # the encoder ended early; its exit code and last words tell why
            for frame in frames:
                encoder.stdin.write(np.ascontiguousarray(frame).data)
        with contextlib.suppress(BrokenPipeError):
            encoder.stdin.close()
        return encoder.wait()
    finally:
        if encoder.poll() is None:
            encoder.kill()
            encoder.wait()
        if encoder.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                encoder.stdin.close()


def _failed(path: Path, words: str, code: int) -> StorageError:
    if "No space left" in words:
        return DiskFullError(f"no space is left for {path}", hint="make space and retry", path=path)
    last = words.splitlines()[-1] if words else f"exit {code}"
    return StorageError(f"{path} could not be encoded: {last}", path=path)

"""Movies: exact frames through PyAV, encoding through the ffmpeg of imageio-ffmpeg; the only file that imports either.

Frames count from 0. A frame is found by its time: frame ``n`` is the one shown at ``start + n / rate``. Codecs whose
frames stand alone are sought directly; others are decoded from the keyframe before, leaving out frames that nothing
refers to.
"""

from __future__ import annotations

import bisect
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from ..schema.errors import DiskFullError, InputCorruptError, InputMissingError, StorageError
from ..schema.media import Rate

HD_LINES = 720  # from here on untagged video is BT.709, below it BT.601: the convention of every player
AV_COLORSPACE_BT709 = 1  # libavutil/pixfmt.h
AV_COLORSPACE_UNSPECIFIED = 2
AV_RANGE_JPEG = 2
TRC_NAMES = {
    1: "bt709",
    13: "srgb",
    8: "linear",
    16: "pq",
    18: "hlg",
}  # libavutil/pixfmt.h, AVColorTransferCharacteristic


@dataclass(frozen=True)
class MovieHeader:
    """What a movie says of itself.

    Attributes:
        frames: how many there are, by the container's own count.
        rate: exact frames per second.
        transfer: name of the transfer function it is tagged with, or None.
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
    transfer: str | None
    bits: int
    channels: tuple[str, ...]
    audio_streams: int
    intra: bool


class Movie:
    """An open movie that hands out exact frames; one thread at a time.

    Attributes:
        header: what it says of itself.
        decoded: frames decoded so far.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it is no movie, or holds no picture.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise InputMissingError(f"movie {path} is not there; mend the path", path=path)
        try:
            self._container = av.open(str(path))
            self._stream = self._container.streams.video[0]
        except (av.error.FFmpegError, IndexError) as error:
            raise InputCorruptError(f"{path} cannot be read as a movie: {error}; copy it again", path=path) from error
        self.path = path
        self.header = self._read_header()
        self.decoded = 0
        # Frame threads delay the output by a frame each, which costs more than it brings when frames stand alone.
        self._stream.thread_type = "SLICE" if self.header.intra else "AUTO"
        self._step = Fraction(1) / (self.header.rate * (self._stream.time_base or 1))
        self._start = self._stream.start_time or 0
        self._keys = self._keyframes()
        self._position = -1  # the last frame that came out; -1: nothing yet, or unknown
        self._frames: Iterator[Any] | None = None
        self._wanted = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._frames = None
        self._container.close()

    def frame(self, number: int, *, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """One exact frame.

        Args:
            number: counted from 0.
            size: (width, height) to scale to by area while converting; None: as stored.

        Returns:
            (h, w, 3) uint8 full-range RGB in the movie's own encoding.

        Raises:
            InputMissingError: the movie has no such frame.
            InputCorruptError: the frame cannot be decoded; names it.
        """
        if not 0 <= number < self.header.frames:
            raise InputMissingError(
                f"movie {self.path} has frames 0-{self.header.frames - 1}, not {number}; choose one of them",
                path=self.path,
                frame=number,
            )
        try:
            found = self._decode(number)
        except av.error.FFmpegError as error:
            self._position, self._frames = -1, None
            raise self._broken(number, str(error)) from error
        if found is None:
            self._position, self._frames = -1, None
            raise self._broken(number, "the stream ends before it")
        return self._rgb(found, size)

    def frames(self, numbers: Sequence[int], *, size: tuple[int, int] | None = None) -> list[NDArray[np.uint8]]:
        """Several exact frames, in the order asked for; each stretch between keyframes is decoded once."""
        found = {number: self.frame(number, size=size) for number in sorted(set(numbers))}
        return [found[number] for number in numbers]

    def _decode(self, number: int) -> Any | None:
        target = self._start + float(number * self._step)
        self._wanted = number
        if self._frames is None or not self._can_walk_to(number):
            self._seek(number)
        found = self._walk(target)
        if found is not None and found.pts > target + self._step / 2:
            # The seek landed behind the target: an open group of pictures, or an index that lies. Start at the front.
            self._seek(0)
            found = self._walk(target)
        self._position = number if found is not None else -1
        return found

    def _can_walk_to(self, number: int) -> bool:
        """Whether decoding on is shorter than seeking: no keyframe lies between here and there."""
        if self._position < 0 or number <= self._position:
            return False
        if self.header.intra:
            return number == self._position + 1
        if not self._keys:
            return number - self._position <= self.header.rate
        return bisect.bisect_right(self._keys, self._position) == bisect.bisect_right(self._keys, number)

    def _seek(self, number: int) -> None:
        target = self._start + round(number * self._step)
        self._container.seek(max(target, 0), stream=self._stream, backward=True)
        self._frames = self._decoded_frames()

    def _walk(self, target: float) -> Any | None:
        if self._frames is None:
            return None
        for frame in self._frames:
            if frame.pts is not None and frame.pts > target - self._step / 2:
                return frame
        return None

    def _decoded_frames(self) -> Iterator[Any]:
        """Frames in the order they are shown; before the wanted one, frames that nothing refers to are left out."""
        context = self._stream.codec_context
        half = self._step / 2
        for packet in self._container.demux(self._stream):
            if not self.header.intra:
                target = self._start + self._wanted * self._step
                before = packet.pts is not None and packet.pts < target - half
                context.skip_frame = "NONREF" if before else "DEFAULT"
            for frame in packet.decode():
                self.decoded += 1
                yield frame

    def _rgb(self, frame: Any, size: tuple[int, int] | None) -> NDArray[np.uint8]:
        width, height = size or (frame.width, frame.height)
        space = frame.colorspace
        if space in {None, 0, AV_COLORSPACE_UNSPECIFIED}:
            space = Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601
        picture = frame.reformat(
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=space,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA if size else Interpolation.BICUBIC,
        )
        return np.asarray(picture.to_ndarray(), dtype=np.uint8)

    def _keyframes(self) -> list[int]:
        """Frame numbers of the keyframes, as far as the container's index tells."""
        entries = self._stream.index_entries
        stamps = sorted(entry.timestamp for entry in entries if entry.is_keyframe)
        if not stamps or self.header.intra:
            return []
        first = stamps[0]  # decoding times start before 0 where frames are reordered
        return [round((stamp - first) / self._step) for stamp in stamps]

    def _broken(self, number: int, why: str) -> InputCorruptError:
        return InputCorruptError(
            f"frame {number} of movie {self.path} cannot be decoded: {why}; the file may be cut off, copy it again",
            path=self.path,
            frame=number,
        )

    def _read_header(self) -> MovieHeader:
        stream, context = self._stream, self._stream.codec_context
        rate = stream.average_rate or stream.base_rate or stream.guessed_rate
        if not rate or not stream.time_base or context.width <= 0:
            raise InputCorruptError(f"movie {self.path} names no frame rate or size; copy it again", path=self.path)
        aspect = stream.sample_aspect_ratio
        components = context.format.components if context.format else ()
        return MovieHeader(
            path=self.path,
            container=self._container.format.name.split(",")[0],
            codec=context.name,
            width=context.width,
            height=context.height,
            pixel_aspect=float(aspect) if aspect else 1.0,
            rate=Rate.parse(rate),
            frames=stream.frames or self._count(Fraction(rate)),
            timecode=self._timecode(),
            transfer=TRC_NAMES.get(int(context.color_trc or 0)),
            bits=components[0].bits if components else 8,
            channels=("R", "G", "B"),
            audio_streams=len(self._container.streams.audio),
            intra=bool(context.codec.intra_only),
        )

    def _timecode(self) -> str | None:
        for source in (
            self._stream.metadata,
            self._container.metadata,
            *(s.metadata for s in self._container.streams.data),
        ):
            if source.get("timecode"):
                return str(source["timecode"])
        return None

    def _count(self, rate: Fraction) -> int:
        """Frames by the length of the stream, for containers that keep no count."""
        if self._stream.duration and self._stream.time_base:
            return round(self._stream.duration * self._stream.time_base * rate)
        if self._container.duration:
            return round(Fraction(self._container.duration, av.time_base) * rate)
        raise InputCorruptError(f"movie {self.path} does not say how long it is; rewrap it", path=self.path)


PLATE_CODECS = ("h264", "hevc", "prores", "dnxhd", "mjpeg")


def missing_codecs() -> list[str]:
    """Codecs of plates that this build cannot decode."""
    return [codec for codec in PLATE_CODECS if codec not in av.codecs_available]


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
        "-vf", "scale=in_range=full:out_range=tv:out_color_matrix=bt709",
        *codec,
        "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
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

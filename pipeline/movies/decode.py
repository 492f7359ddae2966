"""Exact frames of a movie.

Codecs whose frames stand alone are sought directly. Others are decoded from the keyframe before, leaving out frames
that nothing refers to; what was decoded with an error on the way spoils all that follows, so it is an error.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from ...schema.errors import InputCorruptError, InputMissingError
from .header import MAX_PIXELS, MovieHeader, is_intra, read_movie_header
from .planes import Plane, planes_of
from .upright import Turn, turn_of

# A file named .mov may be a playlist of other files and addresses; only containers of plates are opened.
OPEN_OPTIONS = {"format_whitelist": "mov,matroska,webm,mxf,avi,mpegts", "protocol_whitelist": "file"}
HD_LINES = 720  # from here on untagged video is BT.709, below it BT.601: the convention of every player
AV_COLORSPACE_UNSPECIFIED = 2  # libavutil/pixfmt.h
LEADS_S = (0, 1, 8)  # how much earlier to seek, in seconds, where a container's own seek lands too late
# Without these two, swscale makes colours up to 4 of 255 too dark.
EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
# Words in a movie may be of any encoding; from 19 on PyAV takes them all.
_ANY_TEXT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}  # noqa: PLR2004
DECODERS = 4  # frames decoded at once: twice a task's cores, as those that wait for a reference do nothing
HALF = Fraction(1, 2)
UPRIGHT = frozenset({"mxf", "avi"})  # containers that have no word for anything else
BEHIND_BYTES = 128 * 1024 * 1024  # of pictures kept for walks backwards: 20 of HD, 5 of 4K
SEARCH_S = 2  # how far behind the wanted frame a keyframe is looked for, in seconds


class Movie:
    """An open movie that hands out exact frames; one thread at a time.

    Attributes:
        header: what it says of itself.
        decoded: frames decoded so far.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it is no movie, or holds no picture.
        InputTooLargeError: it claims more pixels or frames than are allowed.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise InputMissingError(f"movie {path} is not there; mend the path", path=path)
        self.path = path
        self.decoded = 0
        self._strict = True
        self._open_groups = False  # whether frames were met that refer to before the keyframe in front of them
        self._open()
        self.header: MovieHeader = read_movie_header(path, self._container, self._stream)
        self._step: Fraction = 1 / (self.header.rate * self._stream.time_base)
        self._start: int = self._stream.start_time or 0
        self._keys = self._keyframes()
        self._reformatter = VideoReformatter()  # keeps its tables from frame to frame
        self._asked = -1  # the frame that was asked for last
        self._behind: dict[int, NDArray[np.uint8]] = {}  # frames in front of it, for whoever walks back
        self._position = -1  # the last frame that came out; -1: nothing yet, or unknown
        self._frames: Iterator[Any] | None = None
        self._wanted = 0
        self._needed: frozenset[int] = frozenset()
        self._skips_ahead = True  # until somebody asks for a frame that was skipped so
        self._walks = False  # whether all frames are asked for, one after the other
        self._last: int | None = None  # of the small frames that are asked for at once
        self._group, self._drains = -1, False  # where was sought; whether nobody walks on there, frame by frame
        self._attempt = 0  # index into LEADS_S of the lead that this container needs
        self._key: int | None = None  # stamp of the keyframe that decoding started from
        self._holds = False  # whether a frame is shown until the next one comes
        self._turn: Turn | None = None  # of the first frame that was decoded

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

    @property
    def turn(self) -> Turn:
        """How its pictures are turned to be shown; decodes one frame when none was decoded yet.

        A movie whose first frame cannot be decoded is taken as it is stored: frames that are asked for tell the error.
        """
        if self._turn is None:
            self._turn = self._first_turn()
        return self._turn

    def _first_turn(self) -> Turn:
        if self.header.container in UPRIGHT:
            return Turn()
        try:
            return next(map(turn_of, self._decoded_frames(thin=False)), Turn())
        except (av.error.FFmpegError, _SpoiledError):
            return Turn()
        finally:
            self._position, self._frames = -1, None

    def frame(self, number: int, *, size: tuple[int, int] | int | None = None) -> NDArray[np.uint8]:
        """One exact frame, upright, of 8 bits.

        Args:
            number: counted from 0.
            size: (width, height), as shown, to scale to by area while converting, or the width of square pixels alone;
                None: as stored, but upright.

        Returns:
            (h, w, 3) uint8 full-range RGB in the movie's own encoding.

        Raises:
            InputMissingError: the movie has no such frame.
            InputCorruptError: the frame cannot be decoded; names it.
        """
        goes_back = size is None and number == self._asked - 1 and not self.header.intra
        self._asked = number
        if not goes_back:
            self._behind.clear()
            return self.frames([number], size=size)[0]
        if number not in self._behind:
            self._behind = self._stretch_to(number)
        return self._behind.pop(number)

    def _stretch_to(self, number: int) -> dict[int, NDArray[np.uint8]]:
        """A frame and some before it: whoever walks back would else decode from the keyframe on for each of them."""
        most = max(BEHIND_BYTES // (3 * self.header.width * self.header.height), 1)
        stretch = range(max(number - most + 1, 0), number + 1)
        try:
            return dict(zip(stretch, self.frames(stretch), strict=True))
        except InputCorruptError:  # perhaps of one that nobody asks for
            return {number: self.frames([number])[0]}

    def walk(self, numbers: Sequence[int]) -> Iterator[tuple[int, list[Plane] | InputMissingError | InputCorruptError]]:
        """Frames one at a time and as they are stored, ascending; for one that cannot be had, the error that says why.

        Each is decoded once where all can be; once one was broken, less is tried for the next ones.
        """
        self._needed, self._last = frozenset(numbers), None
        finds = self._find_leniently
        for number in sorted(self._needed):
            self._walks = True
            try:
                found: list[Plane] | InputMissingError | InputCorruptError = planes_of(self._picture(number, finds))
            except (InputMissingError, InputCorruptError) as error:
                found, finds = error, self._find_near
            self._walks = False
            yield number, found

    def deep_frame(self, number: int) -> NDArray[np.uint16]:
        """One exact frame, upright and as large as it is stored, of 16 bits; see ``frame``."""
        self._needed, self._last = frozenset([number]), None
        return self._turned(self._picture(number, self._find_leniently), None, deep=True)

    def _frame(self, number: int, size: tuple[int, int] | int | None) -> NDArray[np.uint8]:
        return self._turned(self._picture(number, self._find_leniently), size)

    def _picture(self, number: int, find: Callable[[int], Any | None]) -> Any:
        if not 0 <= number < self.header.frames:
            raise InputMissingError(
                f"movie {self.path} has frames 0-{self.header.frames - 1}, not {number}; choose one of them",
                path=self.path,
                frame=number,
            )
        try:
            found = find(number)
        except (av.error.FFmpegError, _SpoiledError) as error:
            self._position, self._frames = -1, None
            raise self._broken(number, str(error)) from error
        if found is None:
            self._position, self._frames = -1, None
            raise self._broken(number, "the stream ends before it")
        self._position = number
        return found

    def frames(self, numbers: Sequence[int], *, size: tuple[int, int] | int | None = None) -> list[NDArray[np.uint8]]:
        """Several exact frames, in the order asked for; each stretch between keyframes is decoded once."""
        self._needed = frozenset(numbers)
        self._last = max(numbers, default=None) if size else None
        found = {number: self._frame(number, size) for number in sorted(self._needed)}
        return [found[number] for number in numbers]

    def _find_leniently(self, number: int) -> Any | None:
        """The frame; where groups of pictures are open, what refers to before the place sought is no error."""
        try:
            return self._find(number)
        except (av.error.FFmpegError, _SpoiledError):
            if not (self._strict and self._open_groups):
                raise
        self._strict = False
        self._reopen()
        return self._find(number)

    def _find(self, number: int) -> Any | None:
        """The frame, by walking on, else by seeking, each time further ahead of it, else from the first."""
        self._wanted = number
        if self._can_walk_to(number):
            found = self._walk()
            if found is not None:
                return found
            self._skips_ahead = False
        second = round(1 / self._stream.time_base)
        for attempt in range(self._attempt, len(LEADS_S)):
            self._seek(self._target - LEADS_S[attempt] * second)
            found = self._walk()
            if found is None and self._key is not None:  # an open group of pictures: what it refers to lies before
                self._seek(self._key - 1)
                found = self._walk()
            if found is not None:
                self._attempt = attempt
                return found
        self._reopen()
        return self._walk()

    def _find_near(self, number: int) -> Any | None:
        """The frame by walking on, else by one seek."""
        self._wanted = number
        if not self._can_walk_to(number):
            self._seek(self._target)
        return self._walk()

    def _can_walk_to(self, number: int) -> bool:
        """Whether decoding on is shorter than seeking: no keyframe lies between here and there."""
        if self._frames is None or not 0 <= self._position < number:
            return False
        if self.header.intra or (self._walks and number == self._position + 1):
            return number == self._position + 1
        if not self._keys:
            return number - self._position <= self.header.rate
        return bisect.bisect_right(self._keys, self._position) == bisect.bisect_right(self._keys, number)

    def _seek(self, stamp: int) -> None:
        try:
            self._container.seek(stamp, stream=self._stream, backward=True)
        except av.error.FFmpegError:  # before the first keyframe
            self._container.seek(self._start, stream=self._stream, backward=True)
        group = bisect.bisect_right(self._keys, self._wanted)
        self._drains = bool(self._keys) and (group != self._group or self._wanted <= self._position)
        self._group = group
        self._frames = self._decoded_frames(thin=not self.header.intra)

    def _reopen(self) -> None:
        """Start over at the front of the file, whatever its index says, and leave nothing out."""
        self._container.close()
        self._open()
        self._position = -1
        self._frames = self._decoded_frames(thin=False)

    @property
    def _target(self) -> int:
        return self._start + round(self._wanted * self._step)

    def _walk(self) -> Any | None:
        """The wanted frame; None when what comes out starts behind it, or ends before it."""
        half, before = self._step / 2, None
        for frame in self._frames or ():
            if frame.pts is not None and frame.pts > self._target - half:
                if frame.pts <= self._target + half:
                    return frame
                self._frames = None  # the frame behind it is used up
                return before
            before = frame if self._holds else None
        return None

    def _decoded_frames(self, *, thin: bool) -> Iterator[Any]:
        """Frames in the order they are shown.

        Args:
            thin: leave out what nobody asked for and no other frame refers to.

        Raises:
            _SpoiledError: one of them was decoded with errors.
        """
        context, first = self._stream.codec_context, None
        self._key, self._holds = None, self.header.variable and not thin
        for packet in self._container.demux(self._stream):
            if first is None and packet.is_keyframe:
                first, self._key = packet.pts, packet.pts if packet.dts is None else packet.dts
            if first is None:
                if packet.pts is not None and packet.pts > self._target + SEARCH_S / packet.time_base:
                    return
                continue
            self._open_groups |= packet.pts is not None and packet.pts < first
            context.skip_frame = "NONREF" if thin and self._leaves_out(packet) else "DEFAULT"
            frames, ends = packet.decode(), self._is_last(packet.pts)
            if ends:  # the decoder need not be fed to let go of it, nor work on what follows
                frames, self._frames = [*frames, *context.decode(None)], None
            for frame in frames:
                self.decoded += 1
                self._turn = self._turn or turn_of(frame)
                if frame.pts is not None and frame.pts < first:
                    continue  # refers to what lies before the place that was sought
                if frame.is_corrupt:
                    raise _SpoiledError(f"data of frame {self._number(frame.pts)} is damaged")
                yield frame
            if ends:
                return

    def _is_last(self, stamp: int | None) -> bool:
        """Whether a packet holds the last frame that is asked for, and no walk goes on behind it."""
        if stamp is None or self._holds or not self._drains or self._wanted != self._last:
            return False
        return abs(stamp - self._target) <= self._step / 2

    def _leaves_out(self, packet: Any) -> bool:
        """Whether nobody asked for the frame; behind the wanted one, only as long as nobody walks on from there."""
        if packet.pts is None:
            return False
        place = (packet.pts - self._start) / self._step
        if place > self._wanted and not self._skips_ahead:
            return False
        return self._needed.isdisjoint({math.floor(place + HALF), math.ceil(place - HALF)})

    def _number(self, stamp: int | None) -> str:
        return "?" if stamp is None else str(round((stamp - self._start) / self._step))

    def _turned(self, frame: Any, size: tuple[int, int] | int | None, *, deep: bool = False) -> NDArray[Any]:
        turn = turn_of(frame)
        shown = self._fitted(turn, size) if isinstance(size, int) else size
        width, height = turn.size(*shown) if shown else (frame.width, frame.height)
        space = frame.colorspace
        if space in {None, 0, AV_COLORSPACE_UNSPECIFIED}:
            space = Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601
        picture = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="rgb48le" if deep else "rgb24",
            src_colorspace=space,
            dst_color_range=ColorRange.JPEG,
            interpolation=(Interpolation.AREA if size else Interpolation.BICUBIC) | EXACT,
            threads=1,  # starting more costs more than they bring
        )
        return turn.applied(np.asarray(picture.to_ndarray()))

    def _fitted(self, turn: Turn, width: int) -> tuple[int, int]:
        """The size of a shown picture of square pixels that is so wide."""
        from ..images import fit_width  # noqa: PLC0415 - only who scales loads OpenImageIO

        stored = self.header
        return fit_width(*turn.size(stored.width, stored.height), turn.aspect(stored.pixel_aspect), width)

    def _open(self) -> None:
        try:
            self._container = av.open(str(self.path), container_options=OPEN_OPTIONS, **_ANY_TEXT)
        except av.error.FFmpegError as error:
            what = (error.strerror or str(error)) if self.path.stat().st_size else "it has zero bytes"
            raise InputCorruptError(
                f"{self.path} cannot be read as a movie: {what}; copy it again", path=self.path
            ) from error
        if not self._container.streams.video:
            sound = "only sound" if self._container.streams.audio else "no stream that is known"
            self._container.close()
            raise InputCorruptError(f"movie {self.path} holds no picture, {sound}; give another file", path=self.path)
        self._stream: Any = self._container.streams.video[0]
        strict = {"err_detect": "explode"} if self._strict else {}  # an error rather than a patched-up picture
        self._stream.codec_context.options = {"max_pixels": str(MAX_PIXELS), **strict}  # frames may outgrow the header
        # Frame threads delay the output by a frame each, which costs more than it brings when frames stand alone.
        self._stream.thread_type = "SLICE" if is_intra(self._stream) else "AUTO"
        if not is_intra(self._stream):
            self._stream.codec_context.thread_count = DECODERS

    def _keyframes(self) -> list[int]:
        """Frame numbers of the keyframes, as far as the container's index tells."""
        if self.header.intra:
            return []
        stamps = sorted(entry.timestamp for entry in self._stream.index_entries if entry.is_keyframe)
        return [round((stamp - stamps[0]) / self._step) for stamp in stamps]

    def _broken(self, number: int, why: str) -> InputCorruptError:
        return InputCorruptError(
            f"frame {number} of movie {self.path} cannot be decoded: {why}; the file may be cut off, copy it again",
            path=self.path,
            frame=number,
        )


class _SpoiledError(Exception):
    """A frame was decoded with errors."""

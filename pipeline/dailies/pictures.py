"""The pictures of a clip as a movie has them: read, shown as OpenColorIO does, and placed on the frame.

Movies of 8 bits are shown by a table where the exact view costs much, see ``viewtable.py``. Some thousand pixels of
each frame are shown exactly, too; where the table missed one of these by more than a code value, all of the frame is.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...schema.codecs import TAGS
from ...schema.errors import BadRequestError, ShotmillError
from ...schema.media import MediaKind
from ..colour import THREADS
from ..colour_grade import Grader
from ..images import read_frame, shrink, to_float
from ..media import frame_path
from ..movies import Movie
from ..overlap import Overlap
from .canvas import Canvas
from .lettering import Pen
from .plan import PlannedClip
from .slate import draw_card

if TYPE_CHECKING:
    from ..viewtable import ViewTables

FLIGHT_BYTES = 640 * 1024 * 1024  # of all frames in flight
MOST_WORKERS = 8
COPIES = 4  # of a frame, while it is read and shown: as stored, with a layer or two more, as float, as code values
GATE = 1  # of 255: how far a table may be off
GATED, GATED_IN_FRAME = 262_144, 8_192  # pixels of a clip, and of each of its frames, that are shown exactly too


@dataclass(frozen=True)
class Shown:
    """One frame of a movie. ``there``: its picture is, else it is a card that says so."""

    frame: int
    pixels: NDArray[Any]
    there: bool = True


class Pictures:
    """The pictures of a clip, in order; they are read and shown by several threads, of a movie decoded by one.

    Args:
        clip: as it was planned.
        grader: what is done to its colour.
        canvas: where its picture lies.
        pen: the code values of the movie.
        tools: of this machine.
        views: show by a table where the exact view costs much; None: all is shown exactly. Of 8 bits only.

    Attributes:
        by: ``table`` or ``exact``.
        worst: how far the table was off, of 255, in the pixels of each of its frames that were shown exactly too; None:
            no frame was shown by it.
        missed: frames that were shown exactly because the table was off by more, and by how much.
        in_flight: frames that were in memory at once, at most.
    """

    def __init__(
        self,
        clip: PlannedClip,
        grader: Grader,
        canvas: Canvas,
        pen: Pen,
        tools: Any,
        *,
        views: ViewTables | None = None,
    ) -> None:
        self._clip, self._grader, self._canvas, self._pen, self._tools = clip, grader, canvas, pen, tools
        size = canvas.picture_width * canvas.picture_height
        self._painter = None if views is None else views.graded(grader, size)
        self._holes = frozenset(clip.holes or ())
        self._movie_lock = threading.Lock()
        self._movie: Movie | None = None
        self._kept: tuple[int, NDArray[Any]] | None = None
        self.in_flight = 0
        self.by = self._painter.by if self._painter else "exact"
        self.worst: float | None = None
        self.missed: dict[int, float] = {}
        self._gate_lock = threading.Lock()

    def close(self) -> None:
        """Close the movie, where the clip is one."""
        with self._movie_lock:
            if self._movie is not None:
                self._movie.close()
            self._movie = None

    def one(self, frame: int) -> NDArray[Any]:
        """A single picture, such as that of the slate; ``all`` hands out the same one, and does not show it anew.

        Raises:
            InputMissingError, InputCorruptError, BadRequestError: as ``all``.
        """
        self._kept = frame, self._shown(frame, self._read(frame), threads=THREADS)
        return self._kept[1]

    def all(self, *, workers: int) -> Iterator[Shown]:
        """Every frame of the clip on the movie's frame, in order; a hole is a card.

        Raises:
            InputMissingError: a frame is not there; names it.
            InputCorruptError: it cannot be read whole; names it.
            BadRequestError: it has another size than the first.
        """
        workers, ahead = bounds(self._clip.stored, self._canvas, workers)
        overlap = Overlap(self._finished, workers=workers, ahead=ahead)
        with ThreadPoolExecutor(1, thread_name_prefix="decoder") as decoder:
            for shown in overlap.run((frame, self._begun(frame, decoder)) for frame in self._clip.frames):
                self.in_flight = overlap.most
                yield shown

    def _begun(self, frame: int, decoder: ThreadPoolExecutor) -> Future[NDArray[Any]] | None:
        """A movie is decoded in order, by a thread of its own; images are read by whoever shows them."""
        if self._clip.kind is MediaKind.MOVIE:
            return decoder.submit(self._read, frame)
        return None

    def _finished(self, begun: tuple[int, Future[NDArray[Any]] | None]) -> Shown:
        frame, decoded = begun
        if frame in self._holes:
            size = self._canvas.width, self._canvas.height
            return Shown(frame, draw_card(f"MISSING {frame}", self._clip.name, size, self._pen), there=False)
        if self._kept is not None and self._kept[0] == frame:
            (_, pixels), self._kept = self._kept, None
            return Shown(frame, pixels)
        return Shown(frame, self._shown(frame, self._read(frame) if decoded is None else decoded.result()))

    def _read(self, frame: int) -> NDArray[Any]:
        clip = self._clip
        with _naming_frame(clip, frame):
            if clip.kind is MediaKind.MOVIE:
                return self._decoded(frame)
            path = frame_path(clip.media, frame)
            image = read_frame(path, limits=self._tools.limits)
            pixels: NDArray[Any] = image.pixels
            found = _shape_of((pixels.shape[1], pixels.shape[0]), image.header.pixel_aspect)
            wanted = _shape_of(clip.stored, clip.pixel_aspect)
            if found != wanted:
                raise BadRequestError(
                    f"{path} is {found}, the frames before it are {wanted}; render it again, or give the frames of one "
                    "size with --frames",
                    path=path,
                    frame=frame,
                )
            return pixels

    def _decoded(self, frame: int) -> NDArray[Any]:
        with self._movie_lock:
            if self._movie is None:
                self._movie = Movie(Path(self._clip.media))
            return self._movie.deep_frame(frame) if self._clip.deep else self._movie.frame(frame)

    def _shown(self, frame: int, pixels: NDArray[Any], *, threads: int = 1) -> NDArray[Any]:
        canvas = self._canvas
        if (pixels.shape[1], pixels.shape[0]) != (canvas.picture_width, canvas.picture_height):
            pixels = shrink(pixels, canvas.picture_width, canvas.picture_height)
        codes = self._codes(frame, pixels, threads)
        if codes.shape[:2] == (canvas.height, canvas.width):
            return codes
        whole = self._pen.blank((canvas.width, canvas.height), (0, 0, 0))
        whole[canvas.y : canvas.y + canvas.picture_height, canvas.x : canvas.x + canvas.picture_width] = codes
        return whole

    def _codes(self, frame: int, pixels: NDArray[Any], threads: int) -> NDArray[Any]:
        if self._painter is not None and self._painter.by == "table":
            light = to_float(pixels) if pixels.dtype.kind == "u" else pixels
            found = self._painter.show(light, threads=threads).pixels
            if self._is_near(frame, pixels, found):
                return found
        return self._grader.codes(pixels, bits=16 if self._pen.deep else 8, threads=threads)

    def _is_near(self, frame: int, pixels: NDArray[Any], found: NDArray[np.uint8]) -> bool:
        """Show a grid of a frame's pixels exactly; from frame to frame it lies elsewhere."""
        wanted = max(GATED // len(self._clip.frames), GATED_IN_FRAME)
        step = max(math.isqrt(pixels.shape[0] * pixels.shape[1] // wanted), 1)
        grid = slice(frame % step, None, step), slice(frame // step % step, None, step)
        exact = self._grader.codes(pixels[grid])
        worst = float(np.abs(found[grid].astype(np.int16) - exact).max(initial=0))
        with self._gate_lock:
            if worst > GATE:
                self.missed[frame] = worst
            else:
                self.worst = max(self.worst or 0.0, worst)
        return worst <= GATE


def _shape_of(stored: tuple[int, int], pixel_aspect: float) -> str:
    """What decides where pictures lie on the movie's frame, in words."""
    aspect = f"{pixel_aspect:.4g}"
    return f"{stored[0]}x{stored[1]}" + (f" with a pixel aspect of {aspect}" if aspect != "1" else "")


def pen_of(clip: PlannedClip, *, deep: bool) -> Pen:
    """Writes on the movie of a clip."""
    return Pen(deep=deep, white=TAGS[clip.tags].white)


def bounds(stored: tuple[int, int], canvas: Canvas, workers: int) -> tuple[int, int]:
    """How many threads, and how many frames in flight, so that memory does not grow with a clip's length or size.

    Args:
        stored: (width, height) of the pictures as they are stored.
        canvas: where they lie.
        workers: wanted; 8 are enough for any encoder.
    """
    frame = max(stored[0] * stored[1] * 3 * 4, canvas.width * canvas.height * 3 * 2) * COPIES
    most = max(2, FLIGHT_BYTES // frame)
    workers = max(1, min(workers, MOST_WORKERS, most - 1))
    return workers, min(workers + 2, most)


@contextmanager
def _naming_frame(clip: PlannedClip, frame: int) -> Iterator[None]:
    """Errors from inside say which clip and frame they are about."""
    try:
        yield
    except ShotmillError as error:
        error.fields.setdefault("frame", str(frame))
        error.fields.setdefault("clip", clip.name)
        raise

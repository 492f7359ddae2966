"""What a task is given: pictures, colour and probes, with open movies and OCIO processors kept for the next task."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from ..schema.errors import InputMissingError, ShotmillError
from ..schema.media import Clip, MediaInfo
from .colour_kept import Colouring, KeptColours

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..schema.colour import Grade
    from ..schema.job import JobSpec
    from .colour import Colour
    from .colour_grade import Grader
    from .images import Finish, Header, Limits
    from .movies import Movie
    from .roto.cache import FrameCache
    from .settings import Settings
    from .viewtable import Painter, ViewTables

T = TypeVar("T")

OPEN_MOVIES = 4


class Look(NamedTuple):
    """What pictures are made for.

    Attributes:
        display: empty: the config's sRGB display.
        view: empty: the display's default view.
        colourspace: of the source; empty: found from the file.
    """

    display: str = ""
    view: str = ""
    colourspace: str = ""


@dataclass(frozen=True)
class Still:
    """One picture for people.

    Attributes:
        pixels: (h, w, 3) uint8 in the display's encoding; square pixels.
        frame: the frame it shows, in the file's own numbering.
        facts: where it came from and what was done to it, as JSON.
    """

    pixels: NDArray[np.uint8]
    frame: int
    facts: dict[str, Any] = field(default_factory=dict)


class Tools(Protocol):
    """What a task may use; a test may bring its own."""

    @property
    def limits(self) -> Limits:
        """The largest image that is read."""
        ...

    def still(self, clip: Clip, frame: int, *, width: int, look: Look = ...) -> Still:
        """One frame as people see it, ``width`` pixels wide."""
        ...

    def stills(self, clip: Clip, frames: Sequence[int], *, width: int, look: Look = ...) -> list[Still]:
        """Several frames of one clip, decoded in one pass where that is shorter."""
        ...

    def whole(self, clip: Clip, frame: int, *, look: Look = ..., exposure: float = 0.0) -> Still:
        """One frame as people see it, every pixel of its display window as it is stored."""
        ...

    def frames(self, clip: Clip) -> Sequence[int]:
        """The frames of a clip that exist, ascending; movies are opened to count them."""
        ...

    def probe(self, clip: Clip) -> MediaInfo:
        """What is in a clip."""
        ...

    def kept(self, key: str, load: Callable[[], T], *, reset: Callable[[T], object] | None = None) -> T:
        """What is costly to load, such as a model: loaded once in a process that does many tasks."""
        ...

    @property
    def frame_cache(self) -> FrameCache:
        """Where roto tasks keep what the next one may need."""
        ...


class _Kept:
    """What was costly to make, for the next task of any job."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.movies: OrderedDict[Path, tuple[int, Movie]] = OrderedDict()
        self.colours = KeptColours()
        self.model: tuple[str, Any] | None = None
        self.loads = 0

    @cached_property
    def views(self) -> ViewTables:
        """Tables of costly views."""
        from .viewtable import ViewTables  # noqa: PLC0415 - heavy

        return ViewTables(self._home)


class StudioTools:
    """The tools of this machine, by its settings. Keep one per process: it remembers what was costly to make."""

    def __init__(self, settings: Settings, *, kept: _Kept | None = None, colouring: Colouring | None = None) -> None:
        self.settings = settings
        self._kept = kept or _Kept(settings.home)
        self._colouring = colouring or Colouring(settings.ocio, None, settings.display, settings.view)

    def for_job(self, job: JobSpec) -> StudioTools:
        """The same tools with the colour that the job was submitted with; make them anew for each task.

        A job that says nothing of colour gets that of the settings.
        """
        colouring = Colouring(
            self.settings.ocio if job.colour_config is None else job.colour_config,
            None if job.colour_config is None else job.colour_config_hash,
            self.settings.display if job.display is None else job.display,
            self.settings.view if job.view is None else job.view,
            job.colour_files,
        )
        return StudioTools(self.settings, kept=self._kept, colouring=colouring)

    @cached_property
    def colour(self) -> Colour:
        """The OCIO config of the job, or of the settings."""
        return self._kept.colours.colour(self._colouring)

    def grader(self, grade: Grade) -> Grader:
        """OCIO's exact processor of one of the job's grades, kept for the next task.

        Raises:
            ColourError: the config, or a file that it reads, is not what the job was submitted with.
        """
        return self._kept.colours.grader(self._colouring, grade)

    @property
    def views(self) -> ViewTables:
        """Tables of costly views, for pictures of 8 bits."""
        return self._kept.views

    @cached_property
    def limits(self) -> Limits:
        """The largest image that is read."""
        from .images import Limits  # noqa: PLC0415 - heavy

        found = self.settings
        return Limits(found.max_pixels, found.max_file_mib, found.max_image_mib)

    @cached_property
    def frame_cache(self) -> FrameCache:
        """Where roto tasks keep what the next one may need; the one place outside of staging that a task writes to."""
        from .roto.cache import FrameCache  # noqa: PLC0415 - only roto needs it

        return FrameCache(self.settings.cache_folder, most_mib=self.settings.cache_mib)

    def kept(self, key: str, load: Callable[[], T], *, reset: Callable[[T], object] | None = None) -> T:
        """What is costly to load, such as a model: loaded once in a process that does many tasks.

        One thing is kept at a time, so that a process never holds the memory of two. A task that fails or is cancelled
        leaves nothing behind: the next one loads anew. Tasks must write the same bytes in either case.

        Args:
            key: says all that the result depends on: checkpoint with its hash, device, number format.
            load: makes it.
            reset: given what an earlier task had, before it is handed out again; takes away that task's state.
        """
        if self._kept.model is not None and self._kept.model[0] == key:
            found: T = self._kept.model[1]
            if reset is not None:
                reset(found)
            return found
        self.forget()
        found = load()
        self._kept.model = (key, found)
        self._kept.loads += 1
        return found

    def forget(self) -> None:
        """Let go of what is kept: nobody knows its state any more, or another needs the memory."""
        if self._kept.model is not None:
            self._kept.model = None
            gc.collect()  # models hold themselves in circles

    @property
    def loads(self) -> int:
        """How often something was loaded to be kept."""
        return self._kept.loads

    def probe(self, clip: Clip) -> MediaInfo:
        """What is in a clip; see ``media.probe``."""
        from .media import is_movie, probe, with_frames  # noqa: PLC0415 - heavy

        movie = self._movie(Path(clip.media)) if is_movie(clip.media) else None
        return probe(with_frames(clip), self.colour, limits=self.limits, movie=movie)

    def frames(self, clip: Clip) -> Sequence[int]:
        """The frames of a clip that exist: those it uses, less its holes; all of a movie when it names none.

        Raises:
            InputMissingError: a sequence has no frame left.
        """
        from .media import is_movie, with_frames  # noqa: PLC0415 - heavy

        clip = with_frames(clip)
        if clip.frames is not None:
            there = clip.frames.minus(clip.holes or ())
            if not there:
                raise InputMissingError(f"no frame of {clip.media} is there; check the range", path=clip.media)
            return there
        if is_movie(clip.media):
            return range(self._movie(Path(clip.media)).header.frames)
        return (0,)

    def still(self, clip: Clip, frame: int, *, width: int, look: Look | None = None) -> Still:
        """One frame as people see it.

        Args:
            clip: movie, sequence or still.
            frame: in the file's own numbering; movies count from 0.
            width: in square pixels; the height follows from the picture's shape and pixel aspect.
            look: display, view and colour space, where they are not the job's.

        Raises:
            InputMissingError: the frame is not there; names it.
            InputCorruptError: it cannot be read whole; names it.
            ColourError: a name is not in the config, or nothing says which colour space the file is in.
        """
        return self.stills(clip, [frame], width=width, look=look)[0]

    def stills(self, clip: Clip, frames: Sequence[int], *, width: int, look: Look | None = None) -> list[Still]:
        """Several frames of one clip; movies are walked once where that is shorter than seeking."""
        from .media import is_movie  # noqa: PLC0415 - heavy

        chosen = look or Look()
        if is_movie(clip.media):
            return self._from_movie(clip, frames, width, chosen)
        return [self._from_image(clip, frame, width, chosen) for frame in frames]

    def whole(self, clip: Clip, frame: int, *, look: Look | None = None, exposure: float = 0.0) -> Still:
        """One frame as people see it, every pixel of its display window as it is stored; missing data is black.

        Args:
            clip: movie, sequence or still.
            frame: in the file's own numbering; movies count from 0.
            look: display, view and colour space, where they are not the job's.
            exposure: stops that scene-referred pixels are made brighter by.

        Raises:
            InputMissingError, InputCorruptError, ColourError: as ``still``.
        """
        from .images import read_image, to_float  # noqa: PLC0415 - heavy
        from .media import frame_path, is_movie  # noqa: PLC0415 - heavy

        chosen = look or Look()
        if is_movie(clip.media):
            movie = self._movie(Path(clip.media))
            found = self._space_of_movie(clip, movie, chosen)
            return self._shown(clip, frame, to_float(movie.frame(frame)), found, chosen, exposure)
        path = frame_path(clip.media, frame)
        with _naming_frame(frame):
            image = read_image(path, limits=self.limits)
        found = self._space_of_image(clip, path, image.header, chosen)
        return self._shown(clip, frame, to_float(image.pixels), found, chosen, exposure)

    def _from_movie(self, clip: Clip, frames: Sequence[int], width: int, look: Look) -> list[Still]:
        from .images import to_float  # noqa: PLC0415 - heavy

        movie = self._movie(Path(clip.media))
        found = self._space_of_movie(clip, movie, look)
        pictures = movie.frames(frames, size=width)
        return [
            self._shown(clip, frame, to_float(picture), found, look)
            for frame, picture in zip(frames, pictures, strict=True)
        ]

    def _from_image(self, clip: Clip, frame: int, width: int, look: Look) -> Still:
        from .colour import THREADS  # noqa: PLC0415 - heavy
        from .images import read_small  # noqa: PLC0415 - heavy
        from .media import frame_path  # noqa: PLC0415 - heavy

        path = frame_path(clip.media, frame)
        facts: dict[str, Any] = {}

        def finish(header: Header, size: tuple[int, int]) -> Finish:
            found = self._space_of_image(clip, path, header, look)
            painter, told = self._painter(clip, frame, size[0] * size[1], found, look)
            facts.update(told)
            # Some rows are shown while others are read, which takes all there is.
            return lambda rows: painter.show(rows, threads=THREADS if len(rows) == size[1] else 1).pixels

        with _naming_frame(frame):
            image = read_small(path, width, limits=self.limits, finish=finish)
        return Still(image.pixels, frame, facts)

    def _space_of_movie(self, clip: Clip, movie: Movie, look: Look) -> tuple[str, str]:
        if given := look.colourspace or clip.colourspace:
            return self.colour.space(given), "given"
        return _pair(self.colour.space_of_file(movie.path, hint=movie.header.colour, floating=False, movie=True))

    def _space_of_image(self, clip: Clip, path: Path, header: Header, look: Look) -> tuple[str, str]:
        if given := look.colourspace or clip.colourspace:
            return self.colour.space(given), "given"
        floating = header.sample == "float"
        return _pair(self.colour.space_of_file(path, hint=header.colourspace, floating=floating, movie=False))

    def _shown(
        self, clip: Clip, frame: int, pixels: Any, found: tuple[str, str], look: Look, exposure: float = 0.0
    ) -> Still:
        space = found[0]
        if exposure:
            pixels, space = self.colour.exposed(pixels, space, exposure)
        painter, facts = self._painter(clip, frame, pixels.shape[0] * pixels.shape[1], found, look, space)
        return Still(painter.show(pixels).pixels, frame, facts)

    def _painter(
        self, clip: Clip, frame: int, size: int, found: tuple[str, str], look: Look, space: str = ""
    ) -> tuple[Painter, dict[str, Any]]:
        """What shows a frame of ``size`` pixels, in ``space`` or as found, and what there is to say of it."""
        display = self.colour.display(look.display or self._colouring.display)
        view = self.colour.view(display, look.view or self._colouring.view)
        painter = self._kept.views.painter(self.colour, size, space or found[0], display=display, view=view)
        facts = {
            "source": clip.media,
            "frame": frame,
            "colourspace": found[0],
            "colourspace_from": found[1],
            "display": display,
            "view": view,
            "view_by": painter.by,  # the table of a preview is within 1/255 of the exact way
            "config": self.colour.name,
        }
        return painter, facts

    def _movie(self, path: Path) -> Movie:
        """The open movie of a path; opened anew when the file changed."""
        from .movies import Movie  # noqa: PLC0415 - heavy

        stamp = path.stat().st_mtime_ns if path.exists() else 0
        kept = self._kept.movies.pop(path, None)
        if kept is not None and kept[0] != stamp:
            kept[1].close()
            kept = None
        entry = kept or (stamp, Movie(path))
        self._kept.movies[path] = entry
        while len(self._kept.movies) > OPEN_MOVIES:
            self._kept.movies.popitem(last=False)[1][1].close()
        return entry[1]


@contextmanager
def _naming_frame(frame: int) -> Iterator[None]:
    """Errors from inside say which frame they are about."""
    try:
        yield
    except ShotmillError as error:
        error.fields.setdefault("frame", str(frame))
        raise


def _pair(found: Any) -> tuple[str, str]:
    return found.space, found.rule

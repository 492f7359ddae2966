"""Views of previews by a table, where OpenColorIO's exact way costs more than reading the picture.

Thumbnails, contact sheets, filmstrips, and movies of 8 bits: what is baked is exact, and movies of more bits are; see
``colour_grade.py``.

A table holds what the exact way makes of ``NODES`` cubed colours, and OpenColorIO finds what lies between them. Where
that is not good enough is known beforehand: the exact way was asked in the middle of each cell, of its faces and of
its edges too. A cell is doubtful where the table missed one of these by more than ``TOLERANCE``, where a channel
reaches its end inside of it, or where the view turns sharply at one of its corners. Pixels in doubtful cells, and those
darker or brighter than the table, go another way: many of them by a table of more saturated colours, whose cells are
larger, and what is doubtful there, too, the exact way. So every pixel is within one code value of the exact picture: of
92 million colours in the other cells of the first tables of all such views of OpenColorIO's own configs, none was 0.81
away, and of 98 million in those of the second tables, none 0.92.

Pictures do not depend on what was done before: whether a table is used follows from the picture and the way alone, and
a table that is read is the one that would be made.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from numpy.typing import NDArray

from ..schema.colour import Grade
from .colour import THREADS, Colour, apply, described, each_band, shown_light
from .colour_grade import Grader
from .halves import as_float32
from .viewtable_bake import CELLS, FORMAT, Table, bake, cube, curve, exposure, keep_table, processor, read_table

MIN_PIXELS = 65_536  # a smaller picture costs at most 25 ms the exact way, and a table costs 1 s, once
MANY = 16_384  # pixels beyond a table, for which a second one is made
# Linear spaces no wider than most pictures and displays: in ACEScg, five times as many pixels would be doubtful.
BASES = ("lin_p3d65", "lin_p3d65_scene", "Linear P3-D65", "lin_rec709", "lin_rec709_scene", "Linear Rec.709 (sRGB)")
# For what lies outside of those: lights of one wavelength, and what wide cameras make of them.
WIDE_BASES = ("lin_rec2020", "lin_rec2020_scene", "Linear Rec.2020", "ACEScg", "lin_ap1_scene", "lin_ap1")
MOST_KEPT = 8
TABLE_PIXELS = 16_384  # at once: what is made of them on the way stays in a core's own cache
EDGE = 2e-4  # of a cell, at either end of the table: what lies there, or beyond, goes the exact way
TABLES = ("cache", "views")  # folders in the studio's home
COSTLY = (
    "FIXED_FUNCTION_ACES_"  # OCIO's ACES 1 and 2 output transforms: 0.1 to 0.4 us a pixel; all else is 20 times less
)


Exact = Callable[[NDArray[Any], int], NDArray[np.uint8]]  # code values of pixels, made by so many threads
Way = Callable[[str], Any]  # OpenColorIO's processor to a space, or from it


@dataclass(frozen=True)
class Shown:
    """A picture for people.

    Attributes:
        pixels: (h, w, 3) uint8 in the display's encoding.
        by: ``table`` or ``exact``.
        exact_share: of its pixels, those that went the exact way, 0..1.
    """

    pixels: NDArray[np.uint8]
    by: str
    exact_share: float


class Painter(Protocol):
    """Shows pixels of one space on one display; parts of a picture are shown as they are in the whole."""

    @property
    def by(self) -> str:
        """``table`` or ``exact``."""
        ...

    def show(self, picture: NDArray[Any], *, threads: int = THREADS) -> Shown:
        """What (h, w, 3) pixels, half or float32, are shown as; what is no number goes the exact way.

        Args:
            picture: or some rows of it.
            threads: that work on it; where several pictures are shown at once, 1 is quickest.
        """
        ...


class ViewTables:
    """Tables of views, kept for the next picture and, in a folder, for the next process.

    Args:
        home: of the studio. Where its cache cannot be read or written, tables are made anew.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home.joinpath(*TABLES)
        self._kept: OrderedDict[tuple[str, str], _View] = OrderedDict()
        self._lock = threading.Lock()

    def show(
        self, colour: Colour, pixels: NDArray[Any], space: str, *, display: str, view: str, threads: int = THREADS
    ) -> Shown:
        """Pixels of a preview as they are shown: each channel within 1/255 of ``Colour.to_display``.

        Args:
            colour: the config.
            pixels: (h, w, 3) half or float32 in ``space``; NaN becomes 0.
            space: a colour space of the config.
            display: for scene-referred and display-referred pixels alike.
            view: for scene-referred pixels only.
            threads: that work on it; where several pictures are shown at once, 1 is quickest.

        Raises:
            ColourError: the config has no way from the space to the display.
        """
        size = pixels.shape[0] * pixels.shape[1]
        return self.painter(colour, size, space, display=display, view=view).show(pixels, threads=threads)

    def painter(self, colour: Colour, size: int, space: str, *, display: str, view: str) -> Painter:
        """What shows a picture of ``size`` pixels, whole or in parts; see ``show``."""
        exact = partial(_to_display, colour, space, display, view)
        if size < MIN_PIXELS or colour.is_display_referred(space) or not is_costly(colour.way(space, display, view)):
            return _Exactly(exact)
        return self._painter(colour, exact, partial(colour.between, space), partial(_from, colour, display, view))

    def graded(self, grader: Grader, size: int) -> Painter:
        """What shows pictures of ``size`` pixels by a grade, with CDL, looks and context: within 1/255 of its codes.

        Raises:
            ColourError: the config has no way to the space of a table.
        """
        grade, colour = grader.grade, grader.colour
        light = all(map(colour.is_scene_light, (colour.space(grade.source), grader.ends_from)))
        if size < MIN_PIXELS or grade.space or grade.inverse or not light or not is_costly(grader.processor):
            return _Exactly(grader.exact)

        def begin(chosen: str) -> Any:
            there = {"space": chosen, "display": "", "view": ""}
            return Grader(colour, grade.model_copy(update=there)).processor

        def end(chosen: str) -> Any:
            shown = Grade(source=chosen, display=grade.display, view=grade.view, context=grade.context)
            return Grader(colour, shown).processor

        return self._painter(colour, grader.exact, begin, end)

    def _painter(self, colour: Colour, exact: Exact, begin: Way, end: Way) -> Painter:
        """By tables, where the way from a space of theirs costs much."""
        basis, wide = (_linear(colour, names) for names in (BASES, WIDE_BASES))
        if basis is None or not is_costly(end(basis)):
            return _Exactly(exact)
        second = partial(self._view_in, wide, begin, end) if wide else None
        return _ByTables(exact, self._view_in(basis, begin, end), second)

    def _view_in(self, chosen: str, begin: Way, end: Way) -> _View:
        return self._view(begin(chosen), end(chosen))

    def _view(self, first: Any, then: Any) -> _View:
        """A table of ``then``, at work on what ``first`` makes its space of."""
        key = (first.getCacheID(), then.getCacheID())
        with self._lock:  # threads that show frames of one clip want the same one
            view = self._kept.pop(key, None) or _View(first, self._table(then))
            self._kept[key] = view
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return view

    def _table(self, way: Any) -> Table:
        facts = (FORMAT, ocio.GetVersion(), way.getCacheID())
        path = self.folder / f"{hashlib.sha256(repr(facts).encode()).hexdigest()[:32]}.view"
        table = read_table(path)
        if table is None:
            table = bake(way)
            keep_table(path, table)
        return table


def is_costly(way: Any) -> bool:
    """Whether a way takes much longer than a table does."""
    steps = way.createGroupTransform()
    styles = [str(step.getStyle().name) for step in steps if isinstance(step, ocio.FixedFunctionTransform)]
    return any(style.startswith(COSTLY) for style in styles)


def _linear(colour: Colour, names: tuple[str, ...]) -> str | None:
    found = colour.known(names)
    return found if found and colour.is_linear(found) else None


def _to_display(
    colour: Colour, space: str, display: str, view: str, pixels: NDArray[Any], threads: int
) -> NDArray[np.uint8]:
    return colour.to_display(pixels, space, display=display, view=view, threads=threads)


def _from(colour: Colour, display: str, view: str, space: str) -> Any:
    return colour.way(space, display, view)


@dataclass(frozen=True)
class _Exactly:
    """OpenColorIO's own way."""

    exact: Exact
    by: str = "exact"

    def show(self, picture: NDArray[Any], *, threads: int = THREADS) -> Shown:
        return Shown(self.exact(picture, threads), self.by, 1.0)


class _ByTables:
    """A table for most pixels, a second one where the first leaves many, and the exact way for the others."""

    by = "table"

    def __init__(self, exact: Exact, table: _View, wide: Callable[[], _View] | None) -> None:
        self._exact, self._table, self._wide = exact, table, wide
        self._lock = threading.Lock()
        self._second: _View | None = None

    def show(self, picture: NDArray[Any], *, threads: int = THREADS) -> Shown:
        pixels = np.ascontiguousarray(picture).reshape(-1, 3)
        shown = np.empty(pixels.shape, dtype=np.uint8)
        where = self._table.show(pixels, shown, threads)
        given = pixels[where]
        coloured = given.any(axis=1)
        if not coloured.all():  # one black is as another, and is most of some frames
            shown[where[~coloured]] = self._exact(np.zeros((1, 3), dtype=pixels.dtype), 1)
            where, given = where[coloured], given[coloured]
        if self._wide is not None and len(where) > MANY:
            made = np.empty(given.shape, dtype=np.uint8)
            left = self._wider(self._wide).show(given, made, threads)
            shown[where] = made
            where, given = where[left], given[left]
        shown[where] = self._exact(given, threads)
        return Shown(shown.reshape(picture.shape), self.by, len(where) / len(pixels))

    def _wider(self, make: Callable[[], _View]) -> _View:
        """The second table; threads that show frames of one clip want it at once."""
        with self._lock:
            self._second = self._second or make()
            return self._second


class _View:
    """A table at work on pixels of one space."""

    def __init__(self, first: Any, table: Table) -> None:
        to_places = (first.createGroupTransform(), exposure(), curve(table.axis))
        self._places = processor(*to_places, depth=np.float32)
        self._cube = processor(cube(table.nodes), depth=np.uint8)
        self._beyond = _codes(table.doubtful)
        self._own = threading.local()

    def show(self, pixels: NDArray[Any], shown: NDArray[np.uint8], threads: int) -> NDArray[np.intp]:
        """Fill ``shown`` (n, 3); which pixels need another way: those of doubtful cells, and at the table's ends."""
        beyond = np.empty(len(pixels), dtype=np.bool_)

        def band(part: slice) -> None:
            beyond[part] = self._band(pixels[part], shown[part])

        each_band(band, len(pixels), TABLE_PIXELS, threads=threads)
        return np.flatnonzero(beyond)

    def _band(self, pixels: NDArray[Any], shown: NDArray[np.uint8]) -> NDArray[np.bool_]:
        desk, count = self._desk(), len(pixels)
        as_float32(pixels, desk.light[:count])
        whole = bool(np.isfinite(desk.light).all())
        if not whole:
            desk.light[:count] = shown_light(pixels)
        apply(self._places, desk.of_light, desk.of_places)
        apply(self._cube, desk.of_places, desk.of_shown)
        shown[:] = desk.shown[:count]
        desk.places *= np.float32(CELLS + EDGE)
        desk.places += np.float32(1 - EDGE / 2)
        codes = desk.places.astype(np.uint8).view("<u4")[:count, 0] & np.uint32(0xFFFFFF)
        beyond = np.asarray(self._beyond.take(codes))
        return beyond if whole else beyond | ~np.isfinite(pixels).all(axis=1)

    def _desk(self) -> _Desk:
        """This thread's own."""
        if not hasattr(self._own, "desk"):
            self._own.desk = _Desk()
        return cast("_Desk", self._own.desk)


class _Desk:
    """Room for pixels on their way through a table, as OpenColorIO wants them."""

    def __init__(self) -> None:
        self.light = np.zeros((TABLE_PIXELS, 3), dtype=np.float32)
        self.places = np.zeros((TABLE_PIXELS, 4), dtype=np.float32)  # an alpha makes four bytes of a pixel's cell
        self.shown = np.zeros((TABLE_PIXELS, 3), dtype=np.uint8)
        self.of_light, self.of_places = described(self.light), described(self.places)
        self.of_shown = described(self.shown)


def _codes(doubtful: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a pixel goes the exact way, by its cell's numbers from 1 as bytes, red lowest; 0 and 65 are the ends."""
    codes = np.ones((CELLS + 2, 256, 256), dtype=np.bool_)
    codes[1:-1, 1 : CELLS + 1, 1 : CELLS + 1] = doubtful.reshape(CELLS, CELLS, CELLS).transpose(2, 1, 0)
    return codes.reshape(-1)

"""Views of previews by a table, where OpenColorIO's exact way costs more than reading the picture.

Thumbnails, contact sheets and filmstrips only: what is delivered or baked is exact, see ``colour.py``.

A table holds what the exact way makes of ``NODES`` cubed colours, and OpenColorIO finds what lies between them. Where
that is not good enough is known beforehand: the exact way was asked in the middle of each cell, of its faces and of
its edges too. A cell is doubtful where the table missed one of these by more than ``TOLERANCE``, where a channel
reaches its end inside of it, or where the view turns sharply at one of its corners. Pixels in doubtful cells, and those
darker or brighter than the table, go the exact way. So every pixel is within one code value of the exact picture: of
92 million colours in the other cells, in all 34 such views of OpenColorIO's own configs, none was 0.81 away.

Pictures do not depend on what was done before: whether a table is used follows from the picture's size and the way
alone, and a table that is read is the one that would be made.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from numpy.typing import NDArray

from .colour import THREADS, Colour, apply, convert, described, each_band, made_for, shown_light
from .files import read_file, write_whole
from .hashes import new_hash

Float = NDArray[np.float32]

FORMAT = 1  # of the files, and of how tables are made: another number makes all of them anew
MIN_PIXELS = 65_536  # a smaller picture costs at most 25 ms the exact way, and a table costs 1 s, once
NODES = 65  # along each axis; 129 take eight times as long to make, 57 leave twice as many pixels doubtful
CELLS = NODES - 1
TOLERANCE = 0.5  # of a code value of 255
BEND = 1.5  # between nodes, twice as far as what was asked: of a smooth view, four times the tolerance
END = 1e-5  # of 0 and 1, in the display's encoding: PQ's black is 7e-7
# Linear spaces no wider than most pictures and displays: in ACEScg, five times as many pixels would be doubtful.
BASES = ("lin_p3d65", "lin_p3d65_scene", "Linear P3-D65", "lin_rec709", "lin_rec709_scene", "Linear Rec.709 (sRGB)")
BRIGHTEST = 16.0  # 6.5 stops above middle grey: what is brighter fills few pixels
BLACK = 0.01  # light below which the table's axis is linear rather than logarithmic
TONE = 0.7  # share of the axis that follows the view's own curve for greys; the rest follows exposure
STEPS = 4096  # of the axis
SMOOTH = 65
MOST_FILES = 16  # of 3.3 MB each
MOST_KEPT = 4
TABLE_PIXELS = 4096  # at once: what is made of them on the way stays in a core's own cache
EDGE = 2e-4  # of a cell, at either end of the table: what lies there, or beyond, goes the exact way
TABLES = ("cache", "views")  # folders in the studio's home
COSTLY = (
    "FIXED_FUNCTION_ACES_"  # OCIO's ACES 1 and 2 output transforms: 0.1 to 0.4 us a pixel; all else is 20 times less
)


@dataclass(frozen=True)
class Table:
    """A baked view.

    Attributes:
        axis: (STEPS,) where along the table equal steps of exposure lie, in 0..1.
        nodes: (NODES, NODES, NODES, 3) in 0..1, red first.
        doubtful: (CELLS ** 3,) whether a cell's pixels go the exact way, blue fastest.
    """

    axis: Float
    nodes: Float
    doubtful: NDArray[np.bool_]


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
        if pixels.shape[0] * pixels.shape[1] >= MIN_PIXELS:
            exact, basis = colour.way(space, display, view), colour.known(BASES)
            if basis and colour.is_linear(basis) and not colour.is_display_referred(space) and is_costly(exact):
                ways = _Ways(colour.between(space, basis), colour.way(basis, display, view), exact)
                return self._view(ways).show(pixels, threads)
        return Shown(colour.to_display(pixels, space, display=display, view=view), "exact", 1.0)

    def _view(self, ways: _Ways) -> _View:
        key = (ways.first.getCacheID(), ways.then.getCacheID())
        with self._lock:  # threads that show frames of one clip want the same one
            view = self._kept.pop(key, None) or _View(ways, self._table(ways.then))
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


@dataclass(frozen=True)
class _Ways:
    """OCIO's processors from a space to the table's basis, from there to what is shown, and from the space to that."""

    first: Any
    then: Any
    exact: Any


class _View:
    """A table at work on pixels of one space."""

    def __init__(self, ways: _Ways, table: Table) -> None:
        self._exact = made_for(ways.exact, np.uint8)
        to_places = (ways.first.createGroupTransform(), _exposure(), _curve(table.axis))
        self._places = _processor(*to_places, depth=np.float32)
        self._cube = _processor(_cube(table.nodes), depth=np.uint8)
        self._exactly = _codes(table.doubtful)
        self._own = threading.local()

    def show(self, picture: NDArray[Any], threads: int) -> Shown:
        """What (h, w, 3) pixels, half or float32, are shown as."""
        pixels = np.ascontiguousarray(picture).reshape(-1, 3)
        shown = np.empty(pixels.shape, dtype=np.uint8)
        exactly = np.empty(len(pixels), dtype=np.bool_)

        def band(part: slice) -> None:
            exactly[part] = self._by_table(pixels[part], shown[part])

        each_band(band, len(pixels), TABLE_PIXELS, threads=threads)
        where = np.flatnonzero(exactly)
        given = shown_light(pixels[where])
        coloured = given.any(axis=1)  # black lies on a node, and is most of some frames
        if not coloured.all():
            where, given = where[coloured], given[coloured]
        made = np.empty(given.shape, dtype=np.uint8)
        convert(self._exact, given, made, threads=threads)
        shown[where] = made
        return Shown(shown.reshape(picture.shape), "table", len(where) / len(pixels))

    def _by_table(self, pixels: NDArray[Any], shown: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Fill ``shown``; which pixels go the exact way: those of doubtful cells, and at the table's ends."""
        desk, count = self._desk(), len(pixels)
        desk.light[:count] = pixels
        if not np.isfinite(desk.light).all():
            desk.light[:count] = shown_light(pixels)
        apply(self._places, desk.of_light, desk.of_places)
        apply(self._cube, desk.of_places, desk.of_shown)
        shown[:] = desk.shown[:count]
        desk.places *= np.float32(CELLS + EDGE)
        desk.places += np.float32(1 - EDGE / 2)
        codes = desk.places.astype(np.uint8).view("<u4")[:count, 0] & np.uint32(0xFFFFFF)
        return np.asarray(self._exactly.take(codes))

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


def bake(way: Any) -> Table:
    """Make the table of a way from linear light to what is shown: 2.2 million pixels of it."""
    exact = made_for(way, np.float32)
    steps = np.linspace(0, 1, STEPS)
    axis = _axis(_asked(exact, np.repeat(_light(steps)[:, np.newaxis], 3, axis=1)))
    places = np.interp(np.linspace(0, 1, 2 * CELLS + 1), axis, steps)  # of the nodes, and half way between them
    light = _light(places).astype(np.float32)
    asked = _asked(exact, _grid(light, light, light))
    doubtful = _missed(asked) | _bent(asked[::2, ::2, ::2])
    quarter = _light(np.interp([0.25 / CELLS], axis, steps)).astype(np.float32)
    for part in range(3):
        darkest = _asked(exact, _grid(*(quarter if part == other else light for other in range(3))))
        np.moveaxis(doubtful, part, 0)[0] |= _missed_near_black(np.moveaxis(asked, part, 0), darkest.squeeze(part))
    return Table(axis.astype(np.float32), np.ascontiguousarray(asked[::2, ::2, ::2]), doubtful.reshape(-1))


def _grid(*light: Float) -> Float:
    return np.stack(np.meshgrid(*light, indexing="ij"), axis=-1)


def _asked(exact: Any, colours: NDArray[Any]) -> Float:
    given = np.ascontiguousarray(colours, dtype=np.float32)
    made = np.empty(given.shape, dtype=np.float32)
    convert(exact, given.reshape(-1, 3), made.reshape(-1, 3))
    return np.clip(np.nan_to_num(made), 0, 1)


def _light(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear light at 0..1 of exposure."""
    return np.asarray(BLACK * (1 + BRIGHTEST / BLACK) ** steps - BLACK)


def _axis(greys: Float) -> NDArray[np.float64]:
    """Where exposures lie along the table: further apart where the view is steep."""
    rise = np.maximum(np.gradient(greys.mean(axis=1, dtype=np.float64)), 0)
    rise = np.convolve(np.pad(rise, SMOOTH // 2, mode="edge"), np.full(SMOOTH, 1 / SMOOTH), mode="valid")
    density = np.full(STEPS, 1 / STEPS)
    if rise.any():
        density += TONE / (1 - TONE) * rise / rise.sum()
    sums = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return np.asarray(sums / sums[-1])


def _missed(asked: Float) -> NDArray[np.bool_]:
    """Which cells of the nodes ``asked[::2, ::2, ::2]`` the values between them do not bear out."""
    nodes, ends = asked[::2, ::2, ::2], (asked <= END) | (asked >= 1 - END)
    worst = np.zeros((CELLS, CELLS, CELLS, 3), dtype=np.float32)
    somewhere, everywhere = np.zeros(worst.shape, dtype=np.bool_), np.ones(worst.shape, dtype=np.bool_)
    for middle in product((0, 1), repeat=3):  # of edges, faces and the cell; first, the nodes themselves
        low = nodes[tuple(slice(0, NODES - part) for part in middle)]
        high = nodes[tuple(slice(part, None) for part in middle)]
        there = tuple(slice(part, None, 2) for part in middle)
        error = np.abs(asked[there] - (low + high) / 2)
        for corner in product(*((0,) if part else (0, 1) for part in middle)):  # cells on both sides share it
            cell = tuple(slice(at, at + CELLS) for at in corner)
            np.maximum(worst, error[cell], out=worst)
            somewhere |= ends[there][cell]
            everywhere &= ends[there][cell]
    return _any_channel((worst > TOLERANCE / 255) | (somewhere & ~everywhere))


def _bent(nodes: Float) -> NDArray[np.bool_]:
    """Which cells touch a node at which the view turns sharply: a kink may hide between the values that were asked."""
    sharp = np.zeros((NODES,) * 3, dtype=np.bool_)
    for way in list(product((0, 1), repeat=3))[1:]:
        before, at, after = (
            nodes[tuple(slice(k, NODES - 2 + k) if part else slice(None) for part in way)] for k in range(3)
        )
        inner = tuple(slice(1, -1) if part else slice(None) for part in way)
        sharp[inner] |= _any_channel(np.abs((before + after) / 2 - at) > BEND / 255)
    cells = np.zeros((CELLS,) * 3, dtype=np.bool_)
    for corner in product((0, 1), repeat=3):
        cells |= sharp[tuple(slice(at, at + CELLS) for at in corner)]
    return cells


def _missed_near_black(asked: Float, quarter: Float) -> NDArray[np.bool_]:
    """Which of the darkest cells along the first axis are not as straight at a quarter of it as they are at its half.

    Nothing lies before them that could show a bend, and displays are steepest there.
    """
    missed = _any_channel(np.abs(quarter - (asked[0] + asked[1]) / 2) > TOLERANCE / 2 / 255)
    cells = np.zeros((CELLS, CELLS), dtype=np.bool_)
    for row, column in product(range(3), repeat=2):
        cells |= missed[row : row + 2 * CELLS - 1 : 2, column : column + 2 * CELLS - 1 : 2]
    return cells


def _any_channel(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return found[..., 0] | found[..., 1] | found[..., 2]


def _processor(*steps: Any, depth: type[np.uint8 | np.float32]) -> Any:
    way = ocio.Config.CreateRaw().getProcessor(ocio.GroupTransform(list(steps)))
    return made_for(way, depth)


def _exposure() -> Any:
    """Linear light to 0..1 of exposure: the way back of ``_light``."""
    octaves = np.log2(1 + BRIGHTEST / BLACK)
    log = ocio.LogAffineTransform()
    log.setBase(2.0)
    log.setLinSideOffsetValue([BLACK] * 3)
    log.setLogSideSlopeValue([1 / octaves] * 3)
    log.setLogSideOffsetValue([-np.log2(BLACK) / octaves] * 3)
    return log


def _curve(axis: Float) -> Any:
    curve = ocio.Lut1DTransform(STEPS, inputHalfDomain=False)
    curve.setData(np.repeat(axis, 3))
    return curve


def _cube(nodes: Float) -> Any:
    cube = ocio.Lut3DTransform(NODES)
    cube.setInterpolation(ocio.INTERP_TETRAHEDRAL)  # the mean of both ends in all the middles of ``_doubtful``
    cube.setData(nodes.reshape(-1))
    return cube


_LENGTHS = (STEPS * 4, NODES**3 * 3 * 4, CELLS**3 // 8)
_CHECK = 16  # bytes of an xxh128


def keep_table(path: Path, table: Table) -> None:
    """Keep a table for the next process, and no more than ``MOST_FILES``; nothing happens where that cannot be."""
    content = b"".join(
        (table.axis.astype("<f4").tobytes(), table.nodes.astype("<f4").tobytes(), np.packbits(table.doubtful).tobytes())
    )
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_whole(made, _check(content) + content)
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)
        found = sorted(path.parent.iterdir(), key=lambda one: one.stat().st_mtime_ns)
        for old in [one for one in found if one != path][: -(MOST_FILES - 1)]:
            old.unlink(missing_ok=True)


def read_table(path: Path) -> Table | None:
    """The table in a file; None where there is none, or it is not whole."""
    try:
        content = read_file(path, most=_CHECK + sum(_LENGTHS))
    except OSError:
        return None
    check, body = content[:_CHECK], content[_CHECK:]
    if len(body) != sum(_LENGTHS) or _check(body) != check:
        return None
    ends = np.cumsum(_LENGTHS)
    axis = np.frombuffer(body[: ends[0]], dtype="<f4")
    nodes = np.frombuffer(body[ends[0] : ends[1]], dtype="<f4").reshape(NODES, NODES, NODES, 3)
    return Table(axis, nodes, np.unpackbits(np.frombuffer(body[ends[1] :], dtype=np.uint8)).astype(np.bool_))


def _check(content: bytes) -> bytes:
    hasher = new_hash()
    hasher.update(content)
    return bytes(hasher.digest())

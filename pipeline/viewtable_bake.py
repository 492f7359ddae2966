"""Makes tables of views, from exposures to what is shown, and keeps them in files; see ``viewtable.py``."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
from numpy.typing import NDArray

from .colour import convert, made_for
from .files import read_file, write_whole
from .hashes import new_hash

Float = NDArray[np.float32]

FORMAT = 1  # of the files, and of how tables are made: another number makes all of them anew
NODES = 65  # along each axis; 129 take eight times as long to make, 57 leave twice as many pixels doubtful
CELLS = NODES - 1
TOLERANCE = 0.5  # of a code value of 255
BEND = 1.5  # between nodes, twice as far as what was asked: of a smooth view, four times the tolerance
END = 1e-5  # of 0 and 1, in the display's encoding: PQ's black is 7e-7
BRIGHTEST = 16.0  # 6.5 stops above middle grey: what is brighter fills few pixels
BLACK = 0.01  # light below which the table's axis is linear rather than logarithmic
TONE = 0.7  # share of the axis that follows the view's own curve for greys; the rest follows exposure
STEPS = 4096  # of the axis
SMOOTH = 65
MOST_FILES = 24  # of 3.3 MB each


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


def processor(*steps: Any, depth: type[np.uint8 | np.float32]) -> Any:
    """A CPU processor of some steps."""
    way = ocio.Config.CreateRaw().getProcessor(ocio.GroupTransform(list(steps)))
    return made_for(way, depth)


def exposure() -> Any:
    """Linear light to 0..1 of exposure: the way back of ``_light``."""
    octaves = np.log2(1 + BRIGHTEST / BLACK)
    log = ocio.LogAffineTransform()
    log.setBase(2.0)
    log.setLinSideOffsetValue([BLACK] * 3)
    log.setLogSideSlopeValue([1 / octaves] * 3)
    log.setLogSideOffsetValue([-np.log2(BLACK) / octaves] * 3)
    return log


def curve(axis: Float) -> Any:
    """0..1 of exposure to places along a table."""
    found = ocio.Lut1DTransform(STEPS, inputHalfDomain=False)
    found.setData(np.repeat(axis, 3))
    return found


def cube(nodes: Float) -> Any:
    """Places along a table to what is shown there."""
    found = ocio.Lut3DTransform(NODES)
    found.setInterpolation(ocio.INTERP_TETRAHEDRAL)  # the mean of both ends in all the middles of ``_doubtful``
    found.setData(nodes.reshape(-1))
    return found


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

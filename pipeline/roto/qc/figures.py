"""Figures of one matte, and of how its outline moved since the frame before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatImage = NDArray[np.float32]

LEAST_AREA_PX = 2.0  # less than that is no object, but a speck
ROUND = 0.95  # from here on the longest axis is chance
MARGIN_PX = 2  # around an object, so that its outline lies inside the cut


@dataclass(frozen=True)
class Part:
    """An object cut out of its matte.

    Attributes:
        left, top: of the cut, in pixels of the matte.
        pixels: (h, w) float32 coverage.
    """

    left: int
    top: int
    pixels: FloatImage


@dataclass(frozen=True)
class Figures:
    """One object on one frame, in pixels of the matte.

    Attributes:
        area: sum of the coverage.
        x, y: of the centre, from the upper left corner.
        spread_x, spread_y: standard deviations about it.
        turn: direction of the longest axis in radians, from x towards y, known but for half turns.
        roundness: the shortest axis over the longest, 0 to 1; the axis of what is round has no meaning.
        outline: length of the outline, as the total variation of the coverage.
    """

    area: float
    x: float
    y: float
    spread_x: float
    spread_y: float
    turn: float
    roundness: float
    outline: float


def cut_out(matte: FloatImage) -> Part | None:
    """The part of a matte that holds something, with a margin; None: it is empty.

    Args:
        matte: (h, w) float32 coverage in 0..1.
    """
    rows = np.flatnonzero(matte.max(axis=1) > 0)
    if len(rows) == 0:
        return None
    band = matte[rows[0] : rows[-1] + 1]
    columns = np.flatnonzero(band.max(axis=0) > 0)
    left, top = int(columns[0]) - MARGIN_PX, int(rows[0]) - MARGIN_PX
    inner = band[:, columns[0] : columns[-1] + 1]
    part = Part(left, top, np.ascontiguousarray(np.pad(inner, MARGIN_PX)))
    return part if float(inner.sum(dtype=np.float64)) >= LEAST_AREA_PX else None


def measured(part: Part) -> Figures:
    """The figures of an object."""
    pixels = part.pixels
    columns, rows = pixels.sum(axis=0, dtype=np.float64), pixels.sum(axis=1, dtype=np.float64)
    area = float(columns.sum())
    x, spread_x = _moments(columns)
    y, spread_y = _moments(rows)
    turn, roundness = _axis(pixels, area, (x, y), (spread_x, spread_y))
    down, across = np.diff(pixels, axis=0)[:, :-1], np.diff(pixels, axis=1)[:-1]
    outline = float(np.hypot(down, across).sum(dtype=np.float64))
    return Figures(area, part.left + x, part.top + y, spread_x, spread_y, turn, roundness, outline)


def _moments(sums: NDArray[np.float64]) -> tuple[float, float]:
    places = np.arange(len(sums)) + 0.5
    middle = float((sums * places).sum() / sums.sum())
    return middle, math.sqrt(max(float((sums * (places - middle) ** 2).sum() / sums.sum()), 0.0))


def _axis(
    pixels: FloatImage, area: float, centre: tuple[float, float], spread: tuple[float, float]
) -> tuple[float, float]:
    """The direction of the longest axis, and the shortest over it: of the ellipse with the same second moments."""
    along_x, along_y = (
        np.arange(length, dtype=np.float32) + np.float32(0.5 - middle)
        for length, middle in zip(pixels.shape[::-1], centre, strict=True)
    )
    xx, yy, xy = spread[0] ** 2, spread[1] ** 2, float(along_y @ (pixels @ along_x)) / area
    half_gap = math.hypot((xx - yy) / 2, xy)
    longest, shortest = (xx + yy) / 2 + half_gap, max((xx + yy) / 2 - half_gap, 0.0)
    return math.atan2(2 * xy, xx - yy) / 2, math.sqrt(shortest / longest) if longest > 0 else 1.0


def edge_change(part: Part, figures: Figures, before: Part, figures_before: Figures) -> float:
    """How far an outline moved on average, in pixels, apart from the object's movement, turning and growth.

    The matte of the frame before is laid upon this one, centre on centre and with the same area, as it was and with
    the longest axes in one line; what differs then, over the outline's length, is the mean distance of the two
    outlines. The smaller of both answers counts.
    """
    growth = math.sqrt(figures.area / figures_before.area)
    turned = figures.turn - figures_before.turn
    turned -= math.pi * round(turned / math.pi)
    turns = [0.0] if min(figures.roundness, figures_before.roundness) > ROUND else [0.0, turned]
    return min(_mean_distance(part, figures, before, figures_before, _Move(growth, turn)) for turn in turns)


@dataclass(frozen=True)
class _Move:
    growth: float
    turn: float


def _mean_distance(part: Part, figures: Figures, before: Part, figures_before: Figures, move: _Move) -> float:
    import cv2  # noqa: PLC0415 - heavy

    cos, sin = move.growth * math.cos(move.turn), move.growth * math.sin(move.turn)
    # Centres of pixels, as OpenCV counts them, from the upper left corner of each cut.
    from_x, from_y = figures_before.x - before.left - 0.5, figures_before.y - before.top - 0.5
    to_x, to_y = figures.x - part.left - 0.5, figures.y - part.top - 0.5
    corners = [(x - from_x, y - from_y) for x in (0, before.pixels.shape[1]) for y in (0, before.pixels.shape[0])]
    across = [cos * x - sin * y + to_x for x, y in corners]
    down = [sin * x + cos * y + to_y for x, y in corners]
    # Room for both, so that nothing of either is left out.
    left, top = max(0, math.ceil(-min(across))), max(0, math.ceil(-min(down)))
    width = left + max(part.pixels.shape[1], math.ceil(max(across)) + 1)
    height = top + max(part.pixels.shape[0], math.ceil(max(down)) + 1)
    way = np.array(
        [
            [cos, -sin, to_x + left - cos * from_x + sin * from_y],
            [sin, cos, to_y + top - sin * from_x - cos * from_y],
        ]
    )
    moved: FloatImage = np.asarray(cv2.warpAffine(before.pixels, way, (width, height)), dtype=np.float32)
    moved[top : top + part.pixels.shape[0], left : left + part.pixels.shape[1]] -= part.pixels
    return float(np.abs(moved).sum(dtype=np.float64)) / max(figures.outline, 1.0)

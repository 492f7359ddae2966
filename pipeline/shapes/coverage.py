"""Coverage: what share of each pixel lies inside a closed curve, exactly for its polygon, without supersampling."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...schema.shapes import Knot, RotoShapes, ShapeMode
from .curves import flatten, normals
from .outlines import measure_area

FloatImage = NDArray[np.float32]
Floats = NDArray[np.float64]
FLAT_PX = 0.005  # between a curve and its polygon: chords lie inside, so areas come out too small
LEAST_FEATHER_PX = 1e-3
ROUNDING = 1e-6  # of a pixel: what sums along a row leave beside a shape
FEWEST_STEPS, MOST_STEPS = 4, 48  # of a soft edge


def rasterise(shapes: RotoShapes, frame: int, *, width: int, height: int, feather: bool = False) -> FloatImage:
    """(height, width) float32 coverage in 0..1 of one object on one frame; row 0 is the top row.

    Shapes are added and subtracted in their order: ``add`` as a + b - ab, ``subtract`` as a(1 - b). The share of a
    pixel is exact for a polygon within 0.005 px of the curve; parts outside of the picture are cut.

    Args:
        shapes: one object's.
        frame: the plate's own number.
        width: of the picture, in pixels.
        height: of the picture.
        feather: soften edges by the knots' feathers: from full to nothing over the feather's reach on both sides of the
            curve, so that half coverage stays on the curve as it was in the matte.
    """
    result: FloatImage = np.zeros((height, width), np.float32)
    for shape in shapes.shapes:
        knots = shape.at(frame)
        if knots is None:
            continue
        found = cover(knots, width=width, height=height, feather=feather)
        if found is None:
            continue
        rows, columns, share = found
        below = result[rows, columns]
        if shape.mode is ShapeMode.SUBTRACT:
            share *= below
            below -= share
        else:
            share *= 1 - below
            below += share
    return result


def cover(
    knots: tuple[Knot, ...],
    *,
    width: int,
    height: int,
    feather: bool = False,
) -> tuple[slice, slice, FloatImage] | None:
    """One curve's coverage in the box of pixels that it touches: rows, columns, shares; None outside of the picture."""
    curve = np.array(knots, np.float64)
    points, places = flatten(curve[:, :6], tolerance_px=FLAT_PX)
    reach = curve[:, 6] if feather else np.zeros(len(curve))
    if reach.max() <= LEAST_FEATHER_PX:
        return _accumulate([points], width, height)
    return _accumulate(_offset(curve[:, :6], points, places, reach), width, height)


def _offset(curve: Floats, points: Floats, places: Floats, reach: Floats) -> list[Floats]:
    """Polygons whose mean coverage falls evenly from one side of a soft edge to the other."""
    following = np.roll(points, -1, axis=0)
    out = normals(following - points)
    out = out + np.roll(out, 1, axis=0)
    lengths = np.hypot(out[:, 0], out[:, 1])[:, None]
    out = np.divide(out, lengths, out=np.zeros_like(out), where=lengths > 0)
    # ``normals`` lie on the left, which is outside of what runs clockwise as seen.
    out *= math.copysign(1.0, measure_area(points))
    knots = np.arange(len(curve) + 1)
    width = np.interp(places, knots, np.append(reach, reach[0]))[:, None]
    count = int(np.clip(math.ceil(2 * reach.max()), FEWEST_STEPS, MOST_STEPS))
    levels = (np.arange(count) + 0.5) / count * 2 - 1
    return [points + out * (width * level) for level in levels]


def _accumulate(polygons: list[Floats], width: int, height: int) -> tuple[slice, slice, FloatImage] | None:
    """Mean coverage of polygons: signed areas to the right of each edge, summed up along the rows."""
    starts = np.concatenate(polygons)
    ends = np.concatenate([np.roll(points, -1, axis=0) for points in polygons])
    top, bottom = max(math.floor(starts[:, 1].min()), 0), min(math.ceil(starts[:, 1].max()), height)
    left, right = max(math.floor(starts[:, 0].min()), 0), min(math.ceil(starts[:, 0].max()), width)
    if top >= bottom or left >= right:
        return None
    edges = np.concatenate([starts, ends], axis=1) - (left, top, left, top)
    rows, columns = bottom - top, right - left
    pieces = _cut_by_columns(_cut_by_rows(edges, rows), columns)
    x0, y0, x1, y1 = pieces.T
    row = np.clip(np.floor((y0 + y1) / 2), 0, rows - 1).astype(np.intp)
    middle = (x0 + x1) / 2
    column = np.clip(np.floor(middle), 0, columns - 1).astype(np.intp)
    height_share = (y1 - y0) / len(polygons)
    here = height_share * (column + 1 - middle)
    stride = columns + 1
    first = row * stride + column
    sums = np.bincount(
        np.concatenate([first, first + 1]),
        np.concatenate([here, height_share - here]),
        rows * stride,
    ).reshape(rows, stride)
    shares = np.abs(np.cumsum(sums[:, :-1], axis=1)).astype(np.float32)
    shares[shares < ROUNDING] = 0
    shares[shares > 1 - ROUNDING] = 1
    return slice(top, bottom), slice(left, right), shares


def _cut_by_rows(edges: Floats, rows: int) -> Floats:
    """(n, 4) edges that lie in one row of pixels each; what is above or below the box is left out."""
    x0, y0, x1, y1 = edges.T
    edges = edges[(y0 != y1) & (np.maximum(y0, y1) > 0) & (np.minimum(y0, y1) < rows)]
    x0, y0, x1, y1 = edges.T
    slope = (x1 - x0) / (y1 - y0)
    begin, end = np.clip(y0, 0, rows), np.clip(y1, 0, rows)
    upper, lower = np.minimum(begin, end), np.maximum(begin, end)
    first = np.minimum(np.floor(upper), rows - 1)
    index, step = _count_up(np.ceil(lower) - first)
    line = first[index] + step
    from_y, to_y = np.maximum(upper[index], line), np.minimum(lower[index], line + 1)
    swap = (y1 < y0)[index]
    from_y, to_y = np.where(swap, to_y, from_y), np.where(swap, from_y, to_y)
    from_x = x0[index] + (from_y - y0[index]) * slope[index]
    to_x = x0[index] + (to_y - y0[index]) * slope[index]
    return np.stack([from_x, from_y, to_x, to_y], axis=1)


def _cut_by_columns(edges: Floats, columns: int) -> Floats:
    """(n, 4) edges that lie in one pixel each; those beside the box are moved to its side."""
    x0, y0, x1, y1 = edges.T
    left, right = np.minimum(x0, x1), np.maximum(x0, x1)
    first = np.clip(np.floor(left), -1, columns)
    last = np.clip(np.ceil(right), first + 1, columns + 1)
    index, step = _count_up(last - first)
    line = first[index] + step
    # The first and the last piece take what lies beyond the box.
    from_x = np.where(step == 0, left[index], line)
    to_x = np.where(line + 1 >= last[index], right[index], line + 1)
    width = (x1 - x0)[index]
    swap = width < 0
    from_x, to_x = np.where(swap, to_x, from_x), np.where(swap, from_x, to_x)
    share = np.divide(1.0, width, out=np.zeros_like(width), where=width != 0)
    height = (y1 - y0)[index]
    from_y = np.where(width == 0, y0[index], y0[index] + (from_x - x0[index]) * share * height)
    to_y = np.where(width == 0, y1[index], y0[index] + (to_x - x0[index]) * share * height)
    return np.stack([from_x.clip(0, columns), from_y, to_x.clip(0, columns), to_y], axis=1)


def _count_up(counts: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For counts (2, 3): (0, 0, 1, 1, 1) and (0, 1, 0, 1, 2)."""
    whole = np.maximum(counts, 1).astype(np.intp)
    index = np.repeat(np.arange(whole.size), whole)
    return index, np.arange(index.size) - np.repeat(np.cumsum(whole) - whole, whole)

"""Mattes whose truth is known, drawn by counting points inside of a formula, and distances by brute force."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from shotmill.pipeline.shapes import rasterise
from shotmill.schema.shapes import Knot, RotoShapes, Shape, ShapeKey, ShapeMode

Image = NDArray[np.float32]
Floats = NDArray[np.float64]
Inside = Callable[[Floats, Floats], NDArray[np.bool_]]
FINE = 5  # points of a pixel's side that are counted


def count_inside(inside: Inside, width: int, height: int, *, fine: int = FINE) -> Image:
    """(h, w) float32 shares of each pixel's points that are inside."""
    x = (np.arange(width * fine) + 0.5) / fine
    y = (np.arange(height * fine) + 0.5) / fine
    hits = inside(x[None, :], y[:, None])
    shares: Image = hits.reshape(height, fine, width, fine).mean(axis=(1, 3), dtype=np.float32)
    return shares


def disc(x: float, y: float, radius: float) -> Inside:
    return lambda px, py: (px - x) ** 2 + (py - y) ** 2 < radius**2


def rectangle(x: float, y: float, half: tuple[float, float], angle: float) -> Inside:
    cosine, sine = math.cos(angle), math.sin(angle)

    def inside(px: Floats, py: Floats) -> NDArray[np.bool_]:
        along, across = cosine * (px - x) + sine * (py - y), cosine * (py - y) - sine * (px - x)
        return (np.abs(along) < half[0]) & (np.abs(across) < half[1])

    return inside


def blob(x: float, y: float, radius: float, angle: float, *, lobes: int = 5, depth: float = 0.2) -> Inside:
    """Radius times 1 + depth cos(lobes angle) + a tenth of cos(2 angle): lobes that can be told from each other."""

    def inside(px: Floats, py: Floats) -> NDArray[np.bool_]:
        at = np.arctan2(py - y, px - x) - angle
        edge = radius * (1 + depth * np.cos(lobes * at) + 0.1 * np.cos(2 * at + 1))
        return (px - x) ** 2 + (py - y) ** 2 < edge**2

    return inside


def blob_line(x: float, y: float, radius: float, angle: float, *, lobes: int = 5, depth: float = 0.2) -> Floats:
    """(3000, 2) points of the edge of ``blob``."""
    at = np.arange(3000) * 2 * np.pi / 3000
    edge = radius * (1 + depth * np.cos(lobes * at) + 0.1 * np.cos(2 * at + 1))
    return np.stack([x + edge * np.cos(at + angle), y + edge * np.sin(at + angle)], axis=1)


def either(*parts: Inside) -> Inside:
    return lambda px, py: np.logical_or.reduce([part(px, py) for part in parts])


def without(whole: Inside, hole: Inside) -> Inside:
    return lambda px, py: whole(px, py) & ~hole(px, py)


def draw_clip(make: Callable[[int], Inside], frames: Sequence[int], width: int, height: int) -> dict[int, Image]:
    return {frame: count_inside(make(frame), width, height) for frame in frames}


def curve_points(knots: Sequence[Knot], *, each: int = 200) -> Floats:
    """(K * each, 2) points of a closed curve by de Casteljau's halving lines."""
    t = (np.arange(each) / each)[:, None]
    parts = []
    for here, there in zip(knots, [*knots[1:], knots[0]], strict=True):
        a, d = np.array(here[:2]), np.array(there[:2])
        b, c = a + here[4:6], d + there[2:4]
        ab, bc, cd = a + (b - a) * t, b + (c - b) * t, c + (d - c) * t
        abc, bcd = ab + (bc - ab) * t, bc + (cd - bc) * t
        parts.append(abc + (bcd - abc) * t)
    return np.concatenate(parts)


def apart(one: Floats, other: Floats) -> float:
    """The largest distance of a point of either set from the nearest one of the other, all compared with all."""
    squares = ((one[:, None, :] - other[None, :, :]) ** 2).sum(axis=2)
    return float(np.sqrt(max(squares.min(axis=0).max(), squares.min(axis=1).max())))


def circle_knots(x: float, y: float, radius: float, *, feather: float = 0.0, count: int = 8) -> tuple[Knot, ...]:
    """A circle within a few millionths of its radius: handles of 4/3 tan(a quarter of the span)."""
    handle = 4 / 3 * math.tan(math.pi / 2 / count) * radius
    knots: list[Knot] = []
    for index in range(count):
        cosine, sine = math.cos(2 * math.pi * index / count), math.sin(2 * math.pi * index / count)
        ahead = (-sine * handle, cosine * handle)
        knots.append((x + radius * cosine, y + radius * sine, -ahead[0], -ahead[1], *ahead, feather))
    return tuple(knots)


def polygon_knots(corners: Sequence[tuple[float, float]]) -> tuple[Knot, ...]:
    return tuple((x, y, 0.0, 0.0, 0.0, 0.0, 0.0) for x, y in corners)


def still(*parts: tuple[ShapeMode, tuple[Knot, ...]]) -> RotoShapes:
    """Shapes that live at frame 1 only."""
    shapes = [
        Shape(name=f"part{index}", first=1, last=1, mode=mode, keys=(ShapeKey(frame=1, knots=knots),))
        for index, (mode, knots) in enumerate(parts)
    ]
    return RotoShapes(name="thing", shapes=tuple(shapes))


def overlap(shapes: Sequence[Shape], frame: int, matte: Image) -> float:
    """Intersection over union of what shapes cover by half and what a matte does; 1 where both are empty."""
    height, width = matte.shape
    drawn = rasterise(RotoShapes(name="thing", shapes=tuple(shapes)), frame, width=width, height=height) > 0.5
    truth = matte > 0.5
    either_one = int((drawn | truth).sum())
    return float((drawn & truth).sum()) / either_one if either_one else 1.0

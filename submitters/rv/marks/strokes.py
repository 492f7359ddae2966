"""What a pen stroke means: places along it, or what it goes around. All in pixels, y down."""

from __future__ import annotations

import math
from typing import Sequence

from .place import Box, Point

DOT_PX = 3.0  # a click with a shaking hand
CLOSES = 0.15  # of its length: how near its end must come to its start to go around something
FEWEST = 4  # points of what goes around something
SHORT, LONG = 0.05, 0.15  # of the picture's height
COUNTS = (3, 4, 5)  # points along a short stroke, one in between, and a long one


def length_of(points: Sequence[Point]) -> float:
    """Length of a path."""
    return sum(_distance(a, b) for a, b in zip(points, points[1:]))


def _distance(a: Point, b: Point) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])


def bounds_of(points: Sequence[Point]) -> Box:
    """The smallest box around points: left, top, right, bottom."""
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return (min(xs), min(ys), max(xs), max(ys))


def is_dot(points: Sequence[Point]) -> bool:
    """Whether a stroke is a click."""
    left, top, right, bottom = bounds_of(points)
    return max(right - left, bottom - top) <= DOT_PX


def is_closed(points: Sequence[Point]) -> bool:
    """Whether a stroke goes around something."""
    if len(points) < FEWEST or is_dot(points):
        return False
    left, top, right, bottom = bounds_of(points)
    is_flat = min(right - left, bottom - top) <= DOT_PX
    return not is_flat and _distance(points[0], points[-1]) <= CLOSES * length_of(points)


def along(points: Sequence[Point], height: int) -> list[Point]:
    """Three to five places on a stroke, evenly apart along it and clear of its ends; one for a click."""
    length = length_of(points)
    if is_dot(points) or length <= 0:
        return [points[0]]
    count = COUNTS[(length > SHORT * height) + (length > LONG * height)]
    return [_at(points, length * (index + 0.5) / count) for index in range(count)]


def _at(points: Sequence[Point], distance: float) -> Point:
    for a, b in zip(points, points[1:]):
        step = _distance(a, b)
        if step > 0 and distance <= step:
            part = distance / step
            return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)
        distance -= step
    return points[-1]


def inside_of(points: Sequence[Point]) -> Point:
    """A place that a closed stroke goes around: its middle, or where it is widest at half of its height."""
    left, top, right, bottom = bounds_of(points)
    middle = ((left + right) / 2, (top + bottom) / 2)
    crossings = sorted(_crossings(points, middle[1]))
    spans = [(crossings[i], crossings[i + 1]) for i in range(0, len(crossings) - 1, 2)]
    if any(start < middle[0] < end for start, end in spans) or not spans:
        return middle
    start, end = max(spans, key=lambda span: span[1] - span[0])
    return ((start + end) / 2, middle[1])


def _crossings(points: Sequence[Point], y: float) -> list[float]:
    """Where the outline crosses a line of the picture; even-odd."""
    found = []
    for a, b in _edges(points):
        if (a[1] > y) != (b[1] > y):
            found.append(a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]))
    return found


def _edges(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(zip(points, [*points[1:], points[0]]))

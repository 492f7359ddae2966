"""Exports of roto shapes: 100 frames, 3 objects of 16 knots, a key on every frame, 1920 x 1080.

Beside them what comes before: fitting shapes to mattes of that size, which is a task of its own for each object. In
seconds of the processor, so that a busy machine changes little.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from pairs import MISSED

from shotmill.pipeline.exports import export_names, find_export
from shotmill.pipeline.shapes import FitOptions, ShapeReport, fit_shapes
from shotmill.schema.media import Rate
from shotmill.schema.shapes import Knot, RotoShapes, Shape, ShapeKey, ShapesDocument

FRAMES, OBJECTS, KNOTS, RUNS = 100, 3, 16, 5
WIDTH, HEIGHT, FINE = 1920, 1080, 4
GOAL_S, LIMIT_S = 1.0, 5.0
REACH = 4 / 3 * math.tan(math.pi / 2 / KNOTS)  # of a radius: the handles of an arc


def knot(index: int, frame: int, number: int) -> Knot:
    """One of a circle that moves, breathes and has a soft edge."""
    angle = 2 * math.pi * index / KNOTS + frame / 100
    radius = 150 + 20 * math.sin(frame / 7 + number) + 8 * math.sin(3 * angle)
    x, y = math.cos(angle), math.sin(angle)
    middle = 400 + number * 500 + frame * 1.7, 540 + 60 * math.sin(frame / 11)
    along = -y * radius * REACH, x * radius * REACH
    return (middle[0] + x * radius, middle[1] + y * radius, -along[0], -along[1], along[0], along[1], 1 + index / 7)


def make_document() -> ShapesDocument:
    """All objects with a key on each frame."""
    objects = []
    for number in range(OBJECTS):
        keys = tuple(
            ShapeKey(frame=frame, knots=tuple(knot(index, frame, number) for index in range(KNOTS)))
            for frame in range(1001, 1001 + FRAMES)
        )
        body = Shape(name="body", first=1001, last=1000 + FRAMES, keys=keys)
        objects.append(RotoShapes(name=f"object_{number}", shapes=(body,)))
    return ShapesDocument(
        width=WIDTH,
        height=HEIGHT,
        rate=Rate.parse(24),
        first=1001,
        last=1000 + FRAMES,
        fit_px=0.75,
        key_px=1.0,
        objects=tuple(objects),
    )


def balloon(frame: int) -> NDArray[np.float64]:
    """(n, 2) the line around a thing of five lobes that moves, turns and grows; 220 px large."""
    angles = np.arange(720) * 2 * math.pi / 720
    radius = (220 + frame / 2) * (1 + 0.2 * np.cos(5 * angles) + 0.1 * np.cos(2 * angles + 1))
    turned = angles + frame / 50
    return np.stack([500 + 6 * frame + radius * np.cos(turned), 500 + frame / 2 + radius * np.sin(turned)], axis=1)


def plank(frame: int) -> NDArray[np.float64]:
    """(4, 2) corners of a rectangle that moves and turns."""
    cosine, sine = math.cos(0.03 * frame), math.sin(0.03 * frame)
    corners = np.array([[-180.0, -90.0], [180.0, -90.0], [180.0, 90.0], [-180.0, 90.0]])
    placed: NDArray[np.float64] = corners @ np.array([[cosine, sine], [-sine, cosine]]) + (1300 - 4 * frame, 400)
    return placed


def arm(frame: int) -> NDArray[np.float64]:
    """(n, 2) a bar with round ends that swings about one of them."""
    ends = np.linspace(-math.pi / 2, math.pi / 2, 60)
    cap = np.stack([400 + 70 * np.cos(ends), 70 * np.sin(ends)], axis=1)
    outline = np.concatenate([cap, (400, 0) - cap])
    cosine, sine = math.cos(swing := 0.6 * math.sin(frame / 12)), math.sin(swing)
    placed: NDArray[np.float64] = outline @ np.array([[cosine, sine], [-sine, cosine]]) + (700, 540)
    return placed


def drawn(line: NDArray[np.float64]) -> NDArray[np.float32]:
    """(HEIGHT, WIDTH) coverage of what a line encloses, by 16 points in each pixel."""
    fine = np.zeros((HEIGHT * FINE, WIDTH * FINE), np.uint8)
    cv2.fillPoly(fine, [np.rint((line * FINE - 0.5) * 16).astype(np.int32)], 255, shift=4)
    return np.asarray(cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) / 255, np.float32)


def show_fits() -> float:
    """A row for each thing; seconds for all of them."""
    whole = 0.0
    for line in (balloon, plank, arm):
        mattes = [drawn(line(frame)) for frame in range(FRAMES)]
        told: list[ShapeReport] = []
        began = time.process_time()
        fit_shapes(range(FRAMES), mattes.__getitem__, options=FitOptions(), report=told.append)
        took = time.process_time() - began
        whole += took
        [said] = told
        print(
            f"{line.__name__:<14} {took / FRAMES * 1000:>7.1f} ms a frame   {said.points:>3} points"
            f" {len(said.keys):>4} keys   {said.worst_px:.2f} px off at most"
        )
    return whole


def processor_s(work: Callable[[], object]) -> float:
    """The fastest of a few runs."""
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main() -> int:
    """Print a table; 3 where all formats together take longer than they may."""
    document = make_document()
    whole = 0.0
    for name in export_names():
        export = find_export(name)
        took = processor_s(lambda write=export.write: write(document))  # type: ignore[misc]
        whole += took
        print(f"{name:<14} .{export.extension:<8} {took * 1000:>7.1f} ms {len(export.write(document)) / 1000:>9.1f} kB")
    print(f"{'all':<24}{whole * 1000:>7.1f} ms   goal {GOAL_S:.0f} s, limit {LIMIT_S:.0f} s")
    print(f"\nFitting shapes to {FRAMES} mattes of {WIDTH} x {HEIGHT}, within {FitOptions.fit_px} px, before that:")
    print(f"{'all':<24}{show_fits():>7.1f} s of the processor, a task for each object")
    return MISSED if whole > LIMIT_S else 0


if __name__ == "__main__":
    raise SystemExit(main())

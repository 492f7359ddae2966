"""Exports of roto shapes: 100 frames, 3 objects of 16 knots, a key on every frame, 1920 x 1080.

In seconds of the processor, so that a busy machine changes little.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from shotmill.pipeline.exports import export_names, find_export
from shotmill.schema.media import Rate
from shotmill.schema.shapes import Knot, RotoShapes, Shape, ShapeKey, ShapesDocument

FRAMES, OBJECTS, KNOTS, RUNS = 100, 3, 16, 5
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
        width=1920,
        height=1080,
        rate=Rate.parse(24),
        first=1001,
        last=1000 + FRAMES,
        fit_px=0.75,
        key_px=1.0,
        objects=tuple(objects),
    )


def processor_s(work: Callable[[], object]) -> float:
    """The fastest of a few runs."""
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main() -> int:
    """Print a table; 1 where all formats together take longer than they may."""
    document = make_document()
    whole = 0.0
    for name in export_names():
        export = find_export(name)
        took = processor_s(lambda write=export.write: write(document))  # type: ignore[misc]
        whole += took
        print(f"{name:<14} .{export.extension:<8} {took * 1000:>7.1f} ms {len(export.write(document)) / 1000:>9.1f} kB")
    print(f"{'all':<24}{whole * 1000:>7.1f} ms   goal {GOAL_S:.0f} s, limit {LIMIT_S:.0f} s")
    return int(whole > LIMIT_S)


if __name__ == "__main__":
    raise SystemExit(main())

"""What every format asks of shapes: which are drawn, when they are there, where outside is, and numbers as text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ...schema.shapes import Knot, RotoShapes, Shape, ShapeMode, ShapesDocument

PLACES = 4  # of pixels: a ten-thousandth, far below what anybody sees


def plain(value: float, places: int = PLACES) -> str:
    """A number as text, never with an exponent: ``12.5``, ``-3``, ``0``."""
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def drawn(item: RotoShapes) -> tuple[Shape, ...]:
    """The shapes of an object without those that take away before anything was added.

    They do nothing here, but some programs invert the picture when the first shape takes away.
    """
    for index, shape in enumerate(item.shapes):
        if shape.mode is ShapeMode.ADD:
            return item.shapes[index:]
    return ()


def life_keys(shape: Shape, first: int | None = None, last: int | None = None) -> list[tuple[int, int]]:
    """Frames and the opacity there, 0 or 1, so that a shape is seen in its life alone, however one goes between keys.

    Args:
        shape: whose life it is.
        first: what is before needs no keys; None: nothing is.
        last: what is after needs no keys; None: nothing is.

    Returns:
        Ascending; empty when it is there all the time.
    """
    begins = [] if first is not None and shape.first <= first else [(shape.first - 1, 0)]
    ends = [] if last is not None and shape.last >= last else [(shape.last + 1, 0)]
    if not begins and not ends:
        return []
    there = [(frame, 1) for frame in dict.fromkeys((shape.first, shape.last))]
    return [*begins, *there, *ends]


def is_soft(shape: Shape) -> bool:
    """Whether any knot has a feather at any key."""
    return any(knot[6] for key in shape.keys for knot in key.knots)


def soft_edge(knots: Sequence[Knot]) -> list[tuple[float, float]]:
    """Where the soft edge lies at each knot, relative to it: the feather's length outwards, across the curve.

    Pixels, y down, as the knots are.
    """
    inside = math.copysign(1.0, _turning(knots))
    return [_outwards(knots, index, inside) for index in range(len(knots))]


def _outwards(knots: Sequence[Knot], index: int, inside: float) -> tuple[float, float]:
    in_x, in_y, out_x, out_y, feather = knots[index][2:]
    along_x, along_y = out_x - in_x, out_y - in_y
    if math.hypot(along_x, along_y) == 0:  # a corner without handles: from the knot before to the one after
        before, after = knots[index - 1], knots[(index + 1) % len(knots)]
        along_x, along_y = after[0] - before[0], after[1] - before[1]
    length = math.hypot(along_x, along_y)
    if feather == 0 or length == 0:
        return (0.0, 0.0)
    return (feather * inside * along_y / length, -feather * inside * along_x / length)


def _turning(knots: Sequence[Knot]) -> float:
    """Twice the area within knots and handles; positive where the curve runs clockwise on the screen."""
    corners = [
        corner
        for x, y, in_x, in_y, out_x, out_y, _ in knots
        for corner in ((x + in_x, y + in_y), (x, y), (x + out_x, y + out_y))
    ]
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True))


def unlike(names: Iterable[str]) -> list[str]:
    """Names of letters, digits and ``_`` for programs that know no others; all different, also but for their case."""
    taken: set[str] = set()
    made = []
    for name in names:
        word = "".join(char if char.isascii() and char.isalnum() else "_" for char in name)
        number, tried = 1, word
        while tried.casefold() in taken:
            number += 1
            tried = f"{word}_{number}"
        taken.add(tried.casefold())
        made.append(tried)
    return made


def notes(document: ShapesDocument) -> list[str]:
    """What people must know who open the file: plain ASCII lines without quotes or brackets."""
    size = f"{document.width} x {document.height} pixels, pixel aspect {plain(document.pixel_aspect, 6)}"
    time = f"frames {document.first} to {document.last}, {document.rate} frames per second"
    lines = [
        f"Roto shapes of Shotmill, {time}, {size}.",
        "Positions are those of the display window.",
    ]
    window = document.data_window
    if window is not None:
        lines.append(
            f"The plate stores {window.width} x {window.height} pixels from x {window.x}, y {window.y} of it, y down: "
            "a program that crops to them shows the shapes that far off.",
        )
    return lines

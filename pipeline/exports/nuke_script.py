"""Nuke ``.py``: a script that makes a Roto node for each object, all keys, with ``nuke.rotopaint``.

The shapes stand in the script as JSON, which it reads as data: no name in it can become code. What makes the nodes is
``nuke_side.py``, word for word.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...schema.shapes import Knot, RotoShapes, Shape, ShapeMode, ShapesDocument
from .curves import PLACES, drawn, is_soft, life_keys, notes, soft_edge, unlike
from .nuke import format_name

SIDE = Path(__file__).with_name("nuke_side.py")


def write_script(document: ShapesDocument) -> bytes:
    """A document as the bytes of a script for Nuke 13 and later (Python 3.7)."""
    head = "\n".join(f"# {note}" for note in notes(document))
    data = json.dumps(_roto(document), ensure_ascii=True, separators=(",", ":"))
    # A line a key, for those who read it; ' only ever stands in JSON's strings, where this means the same
    data = data.replace("'", "\\u0027").replace('{"frame"', '\n{"frame"')
    side = SIDE.read_text(encoding="utf-8").rstrip()
    return f"{head}\n{side}\n\n\nROTO = r'''{data}'''\n\nbuild(ROTO)\n".encode()


def _roto(document: ShapesDocument) -> dict[str, Any]:
    names = unlike(f"Roto_{item.name}" for item in document.objects)
    return {
        "format": [document.width, document.height, document.pixel_aspect, format_name(document)],
        "objects": [
            {"node": node, "name": item.name, "colour": item.colour, "shapes": _shapes(item, document)}
            for node, item in zip(names, document.objects, strict=True)
        ],
    }


def _shapes(item: RotoShapes, document: ShapesDocument) -> list[dict[str, Any]]:
    return [
        {
            "name": shape.name,
            "subtract": shape.mode is ShapeMode.SUBTRACT,
            "opacity": life_keys(shape),
            "keys": [{"frame": key.frame, "points": _points(shape, key.knots, document)} for key in shape.keys],
        }
        for shape in drawn(item)
    ]


def _points(shape: Shape, knots: tuple[Knot, ...], document: ShapesDocument) -> list[list[float]]:
    """Of each knot: x, y, in x, in y, out x, out y, and where it is soft, the soft edge's x and y; y up."""
    points = [[x, document.height - y, in_x, -in_y, out_x, -out_y] for x, y, in_x, in_y, out_x, out_y, _ in knots]
    if is_soft(shape):
        points = [[*point, x, -y] for point, (x, y) in zip(points, soft_edge(knots), strict=True)]
    return [[round(value, PLACES) for value in point] for point in points]

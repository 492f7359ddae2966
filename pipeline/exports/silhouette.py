"""Silhouette ``.fxs``: XML, one layer per object, all keys.

No file of Silhouette's own settled four questions. Their answers stand below, each in one constant, so that one real
file can correct them. They follow NukeFXSExporter, which artists have used since 2013.

Not in the format as far as it is known: feather.
"""

from __future__ import annotations

import unicodedata
from xml.sax.saxutils import quoteattr

from ...schema.shapes import Knot, RotoShapes, Shape, ShapeMode, ShapesDocument
from .curves import drawn, life_keys, notes

Y_DOWN = 1.0  # -1.0: y grows upwards
HANDLES = ("point", "in", "out")  # the order of a point's three pairs; all are places, not offsets
FIRST_KEY = 0  # the number of the session's first frame in keys
LOWEST_FIRST = True  # the order of shapes in a layer: as they are drawn
MODES = {ShapeMode.ADD: "Add", ShapeMode.SUBTRACT: "Subtract"}


def write_fxs(document: ShapesDocument) -> bytes:
    """A document as the bytes of a ``.fxs`` file.

    Coordinates are measured from the picture's middle in parts of its height, x widened by the pixel aspect.
    """
    aspect = "" if document.pixel_aspect == 1 else f' pixelAspect="{document.pixel_aspect:f}"'
    size = f'width="{document.width}" height="{document.height}"{aspect}'
    first, last = document.first, document.last
    span = f'workRangeStart="{first}" workRangeEnd="{last}" sessionStartFrame="{first}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        *(f"<!-- {note} -->" for note in notes(document)),
        f"<Silhouette {size} {span}>",
    ]
    for item in document.objects:
        lines += _layer(item, document)
    return ("\n".join([*lines, "</Silhouette>"]) + "\n").encode()


def _layer(item: RotoShapes, document: ShapesDocument) -> list[str]:
    named = f"{item.name}: {item.label}" if item.label else item.name
    shapes = drawn(item) if LOWEST_FIRST else drawn(item)[::-1]
    return [
        f'<Layer type="Layer" label={_attribute(named)} expanded="True">',
        "<Properties>",
        _constant("color", _colour(item)),
        _constant("invert", "false"),
        _constant("mode", "Add"),
        '<Property id="objects" constant="True" expanded="True">',
        *(line for shape in shapes for line in _shape(shape, item, document)),
        "</Property>",
        "</Properties>",
        "</Layer>",
    ]


def _shape(shape: Shape, item: RotoShapes, document: ShapesDocument) -> list[str]:
    return [
        f'<Object type="Shape" label={_attribute(shape.name)} shape_type="Bezier" hidden="False" locked="False">',
        "<Properties>",
        *_opacity(shape, document),
        _constant("motionBlur", "false"),
        _constant("outlineColor", _colour(item)),
        _constant("mode", MODES[shape.mode]),
        _constant("invert", "false"),
        '<Property id="path">',
        *(
            f'<Key frame="{key.frame - document.first + FIRST_KEY}" interp="linear"><Path closed="True" type="Bezier">'
            + "".join(f"<Point>{_point(knot, document)}</Point>" for knot in key.knots)
            + "</Path></Key>"
            for key in shape.keys
        ),
        "</Property>",
        "</Properties>",
        "</Object>",
    ]


def _opacity(shape: Shape, document: ShapesDocument) -> list[str]:
    keys = life_keys(shape, document.first, document.last)
    if not keys:
        return [_constant("opacity", f"{100:f}")]
    return [
        '<Property id="opacity">',
        *(
            f'<Key frame="{frame - document.first + FIRST_KEY}" interp="hold">{value * 100:f}</Key>'
            for frame, value in keys
        ),
        "</Property>",
    ]


def _point(knot: Knot, document: ShapesDocument) -> str:
    x, y, in_x, in_y, out_x, out_y, _ = knot
    places = {"point": (x, y), "in": (x + in_x, y + in_y), "out": (x + out_x, y + out_y)}
    across = document.pixel_aspect / document.height
    down = Y_DOWN / document.height
    pairs = (places[name] for name in HANDLES)
    # %f: Silhouette takes no exponents
    return ",".join(
        f"({(px - document.width / 2) * across:f},{(py - document.height / 2) * down:f})" for px, py in pairs
    )


def _constant(name: str, value: str) -> str:
    return f'<Property constant="True" id="{name}"><Value>{value}</Value></Property>'


def _colour(item: RotoShapes) -> str:
    red, green, blue = item.colour
    return f"({red:f},{green:f},{blue:f})"


def _attribute(text: str) -> str:
    """Text in quotes, with what XML cannot hold at all shown as U+FFFD."""
    return quoteattr("".join(char if _is_xml(char) else "\N{REPLACEMENT CHARACTER}" for char in text))


def _is_xml(char: str) -> bool:
    return char.isprintable() or char in "\t\n\r" or unicodedata.category(char) in {"Zs", "Zl", "Zp", "Cf", "Co"}

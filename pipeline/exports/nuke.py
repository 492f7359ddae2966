"""Nuke ``.nk``: a Roto node for each object with its shapes at ONE frame.

How Nuke writes points with several keys was seen in no file, so no such text is written: the script of ``nukepy``
makes all keys with Nuke's own functions. The frame that is written is, of those that have a key, the first at which
most shapes are there; shapes that are not there at it are left out.

Numbers are single floats as ``x`` and eight hexadecimal digits, as in nodes that Nuke saved. Pixels of the format, y
up. What is proven: ``nkparser`` and a reader of the tests take it apart to the same numbers.
"""

from __future__ import annotations

import struct

from ...schema.names import check_name
from ...schema.shapes import Knot, RotoShapes, Shape, ShapeMode, ShapesDocument
from .curves import drawn, notes, plain, soft_edge, unlike

RELATIVE = 8192  # eRelativeTangentFlag: handles are offsets
SHAPE_FLAGS = 512  # of a visible shape in saved nodes
LAYER_FLAGS = 2097152  # of the Root layer in saved nodes
SUBTRACT = 12  # blending mode, as read by NukeFXSExporter


def write_nk(document: ShapesDocument) -> bytes:
    """A document's shapes at one frame as the bytes of a Nuke script to import or paste."""
    frame = written_frame(document)
    lines = [f"# {note}" for note in notes(document)]
    lines.append(f"# One frame, {frame}: the Python script beside this file makes all keys.")
    names = unlike(f"Roto_{item.name}" for item in document.objects)
    for column, (name, item) in enumerate(zip(names, document.objects, strict=True)):
        lines += _node(name, item, frame, column, document)
    return ("\n".join(lines) + "\n").encode()


def written_frame(document: ShapesDocument) -> int:
    """The frame at which the shapes are written: with a key, most shapes there, the earliest of those."""
    shapes = [shape for item in document.objects for shape in drawn(item)]
    keyed = sorted({key.frame for shape in shapes for key in shape.keys}) or [document.first]
    return max(keyed, key=lambda frame: sum(shape.first <= frame <= shape.last for shape in shapes))


def format_name(document: ShapesDocument) -> str:
    """A name for the plate's format in Nuke, the same for the same size."""
    aspect = plain(document.pixel_aspect).replace(".", "p")
    return f"shotmill_{document.width}x{document.height}_{aspect}"


def _node(name: str, item: RotoShapes, frame: int, column: int, document: ShapesDocument) -> list[str]:
    width, height = document.width, document.height
    size = f"{width} {height} 0 0 {width} {height} {plain(document.pixel_aspect, 6)} {format_name(document)}"
    shapes = [(shape, knots) for shape in drawn(item) if (knots := shape.at(frame)) is not None]
    return [
        "Roto {",
        " inputs 0",
        " output alpha",
        f' format "{size}"',
        " cliptype none",
        f" curves {{{{{{v {_single(1.2)}}}",
        "  {f 0}",
        "  {n",
        "   {layer Root",
        f"    {{f {LAYER_FLAGS}}}",
        f"    {{t {_single(width / 2)} {_single(height / 2)}}}",
        "    {a}",
        *(line for shape, knots in shapes for line in _curve(shape, knots, frame, height)),
        "   }}}}",
        f" name {name}",
        f" xpos {column * 110}",
        " ypos 0",
        "}",
    ]


def _curve(shape: Shape, knots: tuple[Knot, ...], frame: int, height: int) -> list[str]:
    middle = [sum(values) / len(knots) for values in list(zip(*knots, strict=True))[:2]]
    pivot = f"{_single(middle[0])} {_single(height - middle[1])}"
    points = [(x, height - y, knot) for knot in knots for x, y in [knot[:2]]]
    soft = [(x, -y, knot) for (x, y), knot in zip(soft_edge(knots), knots, strict=True)]
    blending = f" bm {_single(SUBTRACT)}" if shape.mode is ShapeMode.SUBTRACT else ""
    return [
        # Tcl reads this: a name that breaks the rules could be a command
        f"    {{curvegroup {check_name(shape.name, field='shape')} {SHAPE_FLAGS} bezier",
        "     {",
        *_points(points, frame),
        *(_points(soft, frame) if any(knot[6] for knot in knots) else ["      idem"]),
        "     }",
        f"     {{tx {_single(frame)} {pivot}}}",
        f"     {{a osw {_single(10)} osf 0 str 1{blending} tt {_single(4)}}}",
        "    }",
    ]


def _points(points: list[tuple[float, float, Knot]], frame: int) -> list[str]:
    lines = ["      {cc", f"       {{f {RELATIVE}}}", f"       {{px {_single(frame)}"]
    for x, y, (_, _, in_x, in_y, out_x, out_y, _) in points:
        pairs = ((in_x, -in_y), (x, y), (out_x, -out_y))
        lines += [f"        {{{_single(across)} {_single(up)}}}" for across, up in pairs]
    return [*lines, "       }}"]


def _single(value: float) -> str:
    """A number as Nuke writes it: the bits of a single float, or a bare 0."""
    bits = int(struct.pack(">f", value + 0.0).hex(), 16)
    return f"x{bits:08x}" if bits not in {0, 0x80000000} else "0"

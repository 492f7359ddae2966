"""Fusion and Resolve: polygon masks as Lua tables, ``.setting`` to paste and ``.comp`` to open, all keys.

Each object is a white Background that its last polygon cuts out; each polygon works on the mask of the one before.
Positions are parts of the width and height from the picture's middle, y up; keys carry the plate's own frame numbers.

Seen in files that Fusion or Resolve saved: polygons with one key, chains of masks, ``PaintMode``, step keys. Taken from
a public converter: many keys. Not seen anywhere: the value that stands first in each of many keys (here the key's
index, since it must grow), and a composition of this kind that was opened. A soft edge is one value per polygon in
Fusion, so feather per knot is not written.
"""

from __future__ import annotations

from ...schema.shapes import Knot, RotoShapes, Shape, ShapeMode, ShapesDocument
from .curves import drawn, life_keys, notes, plain, unlike

PLACES = 8  # of parts of a picture: a ten-thousandth of a pixel at 8K
PARTS = ("", "Polyline", "Level")  # of a shape: its mask, and what moves it
SPACING = 110  # between tools on the flow


def write_setting(document: ShapesDocument) -> bytes:
    """A document as the text that is pasted onto a flow, or loaded from a ``.setting`` file."""
    return ("{\n" + _tools(document) + "}\n").encode()


def write_comp(document: ShapesDocument) -> bytes:
    """A document as a composition: the same tools with the plate's range, size and rate."""
    span = f"{{ {document.first}, {document.last} }}"
    lines = [
        "Composition {",
        f"\tCurrentTime = {document.first},",
        f"\tRenderRange = {span},",
        f"\tGlobalRange = {span},",
        "\tHiQ = true,",
        "\tPrefs = { Comp = { FrameFormat = {",
        f"\t\tWidth = {document.width},",
        f"\t\tHeight = {document.height},",
        f"\t\tAspectX = {plain(document.pixel_aspect, 6)},",
        "\t\tAspectY = 1,",
        f"\t\tRate = {plain(float(document.rate), 6)},",
        "\t} } },",
    ]
    return ("\n".join(lines) + "\n" + _tools(document) + "}\n").encode()


def _tools(document: ShapesDocument) -> str:
    """All tools, an object's after those of the one before."""
    names = _names(document)
    lines = ["\tTools = ordered() {"]
    for row, item in enumerate(document.objects):
        before = ""
        shapes = drawn(item)
        for column, shape in enumerate(shapes):
            called = [names[item.name, shape.name, part] for part in PARTS]
            lines += _polygon(called, shape, before, (column, row), document)
            before = called[0]
        lines += _background(names[item.name, "", ""], item, before, (len(shapes), row), document)
    return "\n".join([*lines, "\t},"]) + "\n"


def _names(document: ShapesDocument) -> dict[tuple[str, str, str], str]:
    """The tools' names by object, shape and part."""
    keys = [
        key
        for item in document.objects
        for key in ((item.name, "", ""), *((item.name, shape.name, part) for shape in drawn(item) for part in PARTS))
    ]
    wanted = ("_".join(["Roto", *(word for word in key[:2] if word)]) + key[2] for key in keys)
    return dict(zip(keys, unlike(wanted), strict=True))


def _polygon(
    names: list[str], shape: Shape, before: str, place: tuple[int, int], document: ShapesDocument
) -> list[str]:
    name, polyline, level = names
    keys = life_keys(shape, document.first, document.last)
    inputs = [
        'OutputSize = Input { Value = FuID { "Custom" }, },',
        f"MaskWidth = Input {{ Value = {document.width}, }},",
        f"MaskHeight = Input {{ Value = {document.height}, }},",
        f"PixelAspect = Input {{ Value = {{ {plain(document.pixel_aspect, 6)}, 1 }}, }},",
        'ClippingMode = Input { Value = FuID { "None" }, },',
        *(['PaintMode = Input { Value = FuID { "Subtract" }, },'] if shape.mode is ShapeMode.SUBTRACT else []),
        *([f'EffectMask = Input {{ SourceOp = "{before}", Source = "Mask", }},'] if before else []),
        *([f'Level = Input {{ SourceOp = "{level}", Source = "Value", }},'] if keys else []),
        f'Polyline = Input {{ SourceOp = "{polyline}", Source = "Value", }},',
        "Polyline2 = Input { Value = Polyline { }, Disabled = true, },",
        f"Comments = Input {{ Value = {_quoted(shape.name)}, }},",
    ]
    return [
        f"\t\t{name} = PolylineMask {{",
        '\t\t\tDrawMode = "ModifyOnly",',
        '\t\t\tDrawMode2 = "InsertAndModify",',
        *_inputs(inputs, place),
        *_path(polyline, shape, document),
        *_level(level, keys),
    ]


def _inputs(inputs: list[str], place: tuple[int, int]) -> list[str]:
    column, row = place
    return [
        "\t\t\tInputs = {",
        *(f"\t\t\t\t{line}" for line in inputs),
        "\t\t\t},",
        f"\t\t\tViewInfo = OperatorInfo {{ Pos = {{ {column * SPACING}, {row * SPACING} }} }},",
        "\t\t},",
    ]


def _path(name: str, shape: Shape, document: ShapesDocument) -> list[str]:
    lines = [f"\t\t{name} = BezierSpline {{", "\t\t\tKeyFrames = {"]
    for index, key in enumerate(shape.keys):
        lines += [
            f"\t\t\t\t[{key.frame}] = {{ {index}, Flags = {{ Linear = true, LockedY = true }}, Value = Polyline {{",
            "\t\t\t\t\tClosed = true,",
            "\t\t\t\t\tPoints = {",
            *(f"\t\t\t\t\t\t{_point(knot, document)}," for knot in key.knots),
            "\t\t\t\t\t},",
            "\t\t\t\t}, },",
        ]
    return [*lines, "\t\t\t},", "\t\t},"]


def _point(knot: Knot, document: ShapesDocument) -> str:
    x, y, in_x, in_y, out_x, out_y, _ = knot
    width, height = document.width, document.height
    values = {
        "X": x / width - 0.5,
        "Y": 0.5 - y / height,
        "LX": in_x / width,
        "LY": -in_y / height,
        "RX": out_x / width,
        "RY": -out_y / height,
    }
    return "{ " + ", ".join(f"{axis} = {plain(value, PLACES)}" for axis, value in values.items()) + " }"


def _level(name: str, keys: list[tuple[int, int]]) -> list[str]:
    if not keys:
        return []
    return [
        f"\t\t{name} = BezierSpline {{",
        "\t\t\tKeyFrames = {",
        *(f"\t\t\t\t[{frame}] = {{ {value}, Flags = {{ StepIn = true }} }}," for frame, value in keys),
        "\t\t\t},",
        "\t\t},",
    ]


def _background(name: str, item: RotoShapes, mask: str, place: tuple[int, int], document: ShapesDocument) -> list[str]:
    said = " ".join([f"{item.name}: {item.label}" if item.label else item.name, *notes(document)])
    inputs = [
        f"GlobalIn = Input {{ Value = {document.first}, }},",
        f"GlobalOut = Input {{ Value = {document.last}, }},",
        f"Width = Input {{ Value = {document.width}, }},",
        f"Height = Input {{ Value = {document.height}, }},",
        f"PixelAspect = Input {{ Value = {{ {plain(document.pixel_aspect, 6)}, 1 }}, }},",
        *(f"TopLeft{channel} = Input {{ Value = 1, }}," for channel in ("Red", "Green", "Blue")),
        f"TopLeftAlpha = Input {{ Value = {1 if mask else 0}, }},",
        *([f'EffectMask = Input {{ SourceOp = "{mask}", Source = "Mask", }},'] if mask else []),
        f"Comments = Input {{ Value = {_quoted(said)}, }},",
    ]
    return [f"\t\t{name} = Background {{", *_inputs(inputs, place)]


def _quoted(text: str) -> str:
    """Text as a Lua string: one line, from which nothing gets out."""
    marked = "".join(f"\\{char}" if char in '"\\' else char for char in text)
    return '"' + "".join(char if char.isprintable() else f"\\{_bytes(char)}" for char in marked) + '"'


def _bytes(char: str) -> str:
    return "\\".join(f"{byte:03}" for byte in char.encode("utf-8", "replace"))

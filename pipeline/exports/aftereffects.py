"""After Effects ``.jsx``: a script that makes a composition with a solid of its size for each object, all keys.

The shapes stand in the script as a literal of ASCII text, in which no name can become code; what makes the layers is
``aftereffects_side.jsx``, word for word, in the old JavaScript (ES3) that After Effects runs. Layer pixels, y down,
times in seconds from the composition's start; a shape's life is its mask's opacity, held between keys.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...schema.errors import ParamsError
from ...schema.shapes import Knot, Shape, ShapeMode, ShapesDocument
from .curves import PLACES, drawn, is_soft, life_keys, notes

SIDE = Path(__file__).with_name("aftereffects_side.jsx")
# What CompItem takes, from Adobe's scripting guide.
SIZES, RATES, LONGEST_S, STARTS_S = (4, 30000), (1.0, 99.0), 10800.0, (-10800.0, 86340.0)


def write_jsx(document: ShapesDocument) -> bytes:
    """A document as the bytes of a script to run by File > Scripts.

    Raises:
        ParamsError: no composition of After Effects can have this size, rate or length.
    """
    _check(document)
    head = "\n".join(f"// {note}" for note in notes(document))
    data = json.dumps(_roto(document), ensure_ascii=True, separators=(",", ":"))
    data = data.replace("<", "\\u003c").replace('{"name"', '\n{"name"')
    side = SIDE.read_text(encoding="utf-8").strip()
    return f"{head}\n{side}\n\nbuildRoto({data});\n".encode()


def _check(document: ShapesDocument) -> None:
    size, rate = (document.width, document.height), float(document.rate)
    length_s = float((document.last - document.first + 1) / document.rate)
    if not all(SIZES[0] <= side <= SIZES[1] for side in size):
        what = f"a picture of {size[0]} x {size[1]} pixels (each side {SIZES[0]} to {SIZES[1]})"
    elif not RATES[0] <= rate <= RATES[1]:
        what = f"{document.rate} frames per second ({RATES[0]:g} to {RATES[1]:g})"
    elif length_s > LONGEST_S:
        what = f"{length_s:.0f} seconds (up to {LONGEST_S:.0f})"
    elif not STARTS_S[0] <= _seconds(0, document, document.first) <= STARTS_S[1]:
        what = f"a start at frame {document.first} ({STARTS_S[0]:.0f} to {STARTS_S[1]:.0f} seconds)"
    else:
        return
    raise ParamsError(f"no composition of After Effects can have {what}", hint="leave aftereffects out of the exports")


def _roto(document: ShapesDocument) -> dict[str, Any]:
    return {
        "width": document.width,
        "height": document.height,
        "pixelAspect": document.pixel_aspect,
        "rate": float(document.rate),
        "start": _seconds(0, document, document.first),
        "duration": _seconds(document.first, document, document.last + 1),
        "objects": [
            {
                "name": item.name,
                "label": item.label,
                "colour": [min(max(channel, 0.0), 1.0) for channel in item.colour],
                "shapes": [_shape(shape, document) for shape in drawn(item)],
            }
            for item in document.objects
        ],
    }


def _shape(shape: Shape, document: ShapesDocument) -> dict[str, Any]:
    life = life_keys(shape, document.first, document.last)
    made: dict[str, Any] = {
        "name": shape.name,
        "subtract": shape.mode is ShapeMode.SUBTRACT,
        "times": [_seconds(document.first, document, key.frame) for key in shape.keys],
        "paths": [_path(key.knots) for key in shape.keys],
        "lifeTimes": [_seconds(document.first, document, frame) for frame, _ in life],
        "life": [value * 100 for _, value in life],
    }
    if is_soft(shape):
        made["feathers"] = [[round(knot[6], PLACES) for knot in key.knots] for key in shape.keys]
    return made


def _path(knots: tuple[Knot, ...]) -> list[list[list[float]]]:
    """Points, handles in, handles out."""
    return [[[round(knot[at], PLACES), round(knot[at + 1], PLACES)] for knot in knots] for at in (0, 2, 4)]


def _seconds(start: int, document: ShapesDocument, frame: int) -> float:
    """The nearest number to the exact time: a key off its frame would be a key between two frames."""
    return float((frame - start) / document.rate)

"""Lottie (Bodymovin) ``.json``: an animation for players, browsers and importers, all keys.

Each object is a precomposition; in it, each shape that adds is a layer whose in and out points are its life, and the
shapes that are taken away from it later are its masks. Frames count from 0, pixels are square: on an anamorphic plate
the picture is as it is stored. The format has no feather.
"""

from __future__ import annotations

import json
from typing import Any

from ...schema.shapes import Knot, RotoShapes, Shape, ShapeKey, ShapeMode, ShapesDocument
from .curves import PLACES, drawn, life_keys, notes

VERSION = "5.5.2"  # of the format: keys without an end value
# No easing: the way between two keys is a straight line in time.
LINEAR_OUT, LINEAR_IN = {"x": [0], "y": [0]}, {"x": [1], "y": [1]}
PRECOMPOSITION, SHAPES = 0, 4  # layer types


def write_lottie(document: ShapesDocument) -> bytes:
    """A document as the bytes of a Lottie animation."""
    animation = {
        "v": VERSION,
        "fr": round(float(document.rate), 6),
        "ip": 0,
        "op": document.last - document.first + 1,
        "w": document.width,
        "h": document.height,
        "nm": "roto",
        "ddd": 0,
        "meta": {"g": "Shotmill", "d": " ".join(notes(document))},
        "assets": [
            {"id": f"object_{number}", "nm": item.name, "layers": _layers(item, document)}
            for number, item in enumerate(document.objects)
        ],
        "layers": [
            {
                **_layer(PRECOMPOSITION, number, _named(item), _still(100)),
                "refId": f"object_{number}",
                "w": document.width,
                "h": document.height,
                "ip": 0,
                "op": document.last - document.first + 1,
            }
            for number, item in enumerate(document.objects)
        ],
        "markers": [],
    }
    return json.dumps(animation, ensure_ascii=True, separators=(",", ":")).encode()


def _named(item: RotoShapes) -> str:
    return f"{item.name}: {item.label}" if item.label else item.name


def _layers(item: RotoShapes, document: ShapesDocument) -> list[dict[str, Any]]:
    shapes = drawn(item)
    return [
        {
            **_layer(SHAPES, index, shape.name, _opacity(life_keys(shape, document.first, document.last), document)),
            "ip": shape.first - document.first,
            "op": shape.last - document.first + 1,
            **_masks([hole for hole in shapes[index:] if hole.mode is ShapeMode.SUBTRACT], shape, document),
            "shapes": [_group(shape, item, document)],
        }
        for index, shape in enumerate(shapes)
        if shape.mode is ShapeMode.ADD
    ]


def _layer(kind: int, index: int, name: str, opacity: dict[str, Any]) -> dict[str, Any]:
    still = {"r": 0, "p": [0, 0, 0], "a": [0, 0, 0], "s": [100, 100, 100]}
    return {
        "ddd": 0,
        "ind": index + 1,
        "ty": kind,
        "nm": name,
        "sr": 1,
        "ks": {"o": opacity, **{key: _still(value) for key, value in still.items()}},
        "ao": 0,
        "st": 0,
        "bm": 0,
    }


def _still(value: object) -> dict[str, Any]:
    return {"a": 0, "k": value}


def _masks(holes: list[Shape], shape: Shape, document: ShapesDocument) -> dict[str, Any]:
    if not holes:
        return {}
    return {
        "hasMask": True,
        "masksProperties": [
            {
                "inv": False,
                "mode": "s",
                "nm": hole.name,
                "pt": _path(hole, document),
                "o": _opacity(life_keys(hole, shape.first, shape.last), document),
                "x": _still(0),
            }
            for hole in holes
        ],
    }


def _opacity(keys: list[tuple[int, int]], document: ShapesDocument) -> dict[str, Any]:
    """Life once more as opacity: masks have no in and out, and rlottie draws layers at their out point as well."""
    if not keys:
        return _still(100)
    held: list[dict[str, Any]] = [{"t": frame - document.first, "s": [100 * value], "h": 1} for frame, value in keys]
    return {"a": 1, "k": held}


def _group(shape: Shape, item: RotoShapes, document: ShapesDocument) -> dict[str, Any]:
    colour = [*(round(channel, PLACES) for channel in item.colour), 1]
    still = {"p": [0, 0], "a": [0, 0], "s": [100, 100], "r": 0, "o": 100, "sk": 0, "sa": 0}
    return {
        "ty": "gr",
        "nm": shape.name,
        "it": [
            {"ty": "sh", "nm": shape.name, "ks": _path(shape, document)},
            {"ty": "fl", "c": _still(colour), "o": _still(100), "r": 1},
            {"ty": "tr", **{key: _still(value) for key, value in still.items()}},
        ],
    }


def _path(shape: Shape, document: ShapesDocument) -> dict[str, Any]:
    if len(shape.keys) == 1:
        return _still(_curve(shape.keys[0].knots))
    keys = [_key(key, document) for key in shape.keys[:-1]]
    # With ``i`` and ``o`` on the last key, rlottie shows frame 0 and nothing after.
    last = {"t": shape.last - document.first, "s": [_curve(shape.keys[-1].knots)]}
    return {"a": 1, "k": [*keys, last]}


def _key(key: ShapeKey, document: ShapesDocument) -> dict[str, Any]:
    return {"t": key.frame - document.first, "s": [_curve(key.knots)], "i": LINEAR_IN, "o": LINEAR_OUT}


def _curve(knots: tuple[Knot, ...]) -> dict[str, Any]:
    return {
        "c": True,
        "v": [[round(x, PLACES), round(y, PLACES)] for x, y, *_ in knots],
        "i": [[round(x, PLACES), round(y, PLACES)] for _, _, x, y, *_ in knots],
        "o": [[round(x, PLACES), round(y, PLACES)] for _, _, _, _, x, y, _ in knots],
    }

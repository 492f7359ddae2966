"""Reads Roto nodes of a Nuke script: Tcl lists, single floats as hexadecimal, y up. Written from saved nodes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shape_pixels import ReadObject, ReadShape

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ReadNode:
    """A Roto node: its shapes, the offsets of their soft edges, and its format."""

    name: str
    item: ReadObject
    feathers: dict[str, Floats]
    size: tuple[int, int, float]


def words(text: str) -> list[Any]:
    """A Tcl list as nested lists; no quoting but braces and plain double quotes is known."""
    found, rest = _words(text, 0)
    assert rest == len(text), "a brace that closes nothing"
    return found


def _words(text: str, at: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while at < len(text) and text[at] != "}":
        if text[at].isspace():
            at += 1
        elif text[at] == "{":
            inner, at = _words(text, at + 1)
            assert text[at] == "}"
            found.append(inner)
            at += 1
        else:
            end = text.index('"', at + 1) + 1 if text[at] == '"' else at
            while text[at] != '"' and end < len(text) and not text[end].isspace() and text[end] not in "{}":
                end += 1
            assert not set(text[at:end]) & set("[]$;\\"), "Tcl would run this"
            found.append(text[at:end].strip('"'))
            at = end
    return found, at


def number(word: str) -> float:
    if word.startswith("x"):
        assert len(word) == 9
        return float(struct.unpack(">f", bytes.fromhex(word[1:]))[0])
    return float(word)


def read_nk(script: bytes) -> list[ReadNode]:
    """All Roto nodes of a script."""
    text = "\n".join(line for line in script.decode().split("\n") if not line.startswith("#"))
    parts = words(text)
    assert set(parts[::2]) <= {"Roto"}
    return [_node(dict(zip(knobs[::2], knobs[1::2], strict=True))) for knobs in parts[1::2]]


def _node(knobs: dict[str, Any]) -> ReadNode:
    size = knobs["format"].split()
    width, height = int(size[0]), int(size[1])
    ((version, flags, (_n, root)),) = knobs["curves"]
    assert (version, flags) == (["v", "x3f99999a"], ["f", "0"])  # 1.2
    kind, name, _flags, middle, attributes, *curves = root
    assert (kind, name, attributes) == ("layer", "Root", ["a"])
    assert [number(word) for word in middle[1:]] == [width / 2, height / 2]
    shapes, feathers = [], {}
    for curve in curves:
        shape, soft = _curve(curve, height)
        shapes.append(shape)
        if soft is not None:
            feathers[shape.name] = soft
    return ReadNode(knobs["name"], [shapes], feathers, (width, height, float(size[6])))


def _curve(curve: list[Any], height: int) -> tuple[ReadShape, Floats | None]:
    kind, name, _flags, basis, (main, soft), pivot, attributes = curve
    assert (kind, basis, pivot[0], attributes[0]) == ("curvegroup", "bezier", "tx", "a")
    named = dict(zip(attributes[1::2], attributes[2::2], strict=True))
    frame, points = _points(main)
    assert number(pivot[1]) == frame
    points[:, 1] = height - points[:, 1]
    subtract = "bm" in named and number(named["bm"]) == 12
    return ReadShape(name, subtract, {int(frame): points}), None if soft == "idem" else _points(soft)[1]


def _points(curve: list[Any]) -> tuple[float, Floats]:
    """Frame and (n, 6): point (y up), in, out (y down)."""
    kind, flags, (_px, frame, *pairs) = curve
    assert (kind, flags) == ("cc", ["f", "8192"])
    values = np.array([[number(word) for word in pair] for pair in pairs]).reshape(-1, 3, 2)
    came, place, left = values[:, 0], values[:, 1], values[:, 2]
    down = np.array([1, -1])
    return number(frame), np.hstack([place, came * down, left * down])

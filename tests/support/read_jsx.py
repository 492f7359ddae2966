"""Runs After Effects scripts in a real JavaScript engine against a small After Effects, and reads the masks it made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dukpy
import numpy as np
from shape_pixels import ReadObject, ReadShape

MOCK = Path(__file__).with_name("after_effects.js").read_text(encoding="utf-8")
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
COMMENT = re.compile(r"//[^\n]*")
# ECMA-262, 3rd edition: what it does not know, and what it reserves and so takes for no property's name.
NEWER = re.compile(
    r"=>|`|\b(?:let|const|class|yield|async|await|import|export|super)\b|\.\.\.|,\s*[\]}]|\?\?|\?\.|\*\*"
)
RESERVED = re.compile(r"\.\s*(?:abstract|boolean|byte|catch|char|class|default|delete|enum|final|float|goto|in|int)\b")


@dataclass(frozen=True)
class ReadComp:
    """The composition that a script made, as the engine says, and its layers' masks as shapes."""

    raw: dict[str, Any]
    objects: dict[str, ReadObject]


def newer_than_es3(script: str) -> list[str]:
    """Pieces of a script that an engine of 1999 would refuse."""
    bare = STRING.sub('""', COMMENT.sub("", script)) if script.isascii() else script
    return [] if bare.isascii() and not (NEWER.search(bare) or RESERVED.search(bare)) else [bare]


def read_jsx(text: bytes, first: int, rate: float) -> ReadComp:
    """Run a script; ``first`` is the plate's frame at second 0."""
    script = text.decode("ascii")
    assert newer_than_es3(script) == []
    made: dict[str, Any] = json.loads(str(dukpy.evaljs([MOCK, script, "stringify({comps: comps, undo: app.undo})"])))
    assert made["undo"] == 0
    (comp,) = made["comps"]
    return ReadComp(comp, {layer["name"]: [_masks(layer, first, rate)] for layer in comp["all"]})


def _masks(layer: dict[str, Any], first: int, rate: float) -> list[ReadShape]:
    found = []
    for mask in layer["masks"]:
        path, opacity = mask["parts"]["ADBE Mask Shape"], mask["parts"]["ADBE Mask Opacity"]
        assert set(path["kinds"]) == {"linear"}
        assert set(opacity["kinds"]) <= {"hold"}
        keys = {}
        for time, value in zip(path["times"], path["values"], strict=True):
            assert value["closed"] is True
            parts = [np.array(value[name], dtype=float) for name in ("vertices", "inTangents", "outTangents")]
            keys[frame_at(time, first, rate)] = np.hstack(parts)
        life = {
            frame_at(time, first, rate): value / 100
            for time, value in zip(opacity["times"], opacity["values"], strict=True)
        }
        found.append(ReadShape(mask["name"], mask["maskMode"] == "subtract", keys, life))
    return found


def frame_at(time: float, first: int, rate: float) -> int:
    """The frame that a time lies on, within a ten-thousandth of it."""
    frame = time * rate
    assert abs(frame - round(frame)) < 1e-4
    return first + round(frame)

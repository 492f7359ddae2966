"""Runs a script as Nuke's Script Editor does, beside this folder's Nuke, and prints the nodes it made as JSON."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import nuke

PARTS = ("center", "leftTangent", "rightTangent")
FEATHERS = ("featherCenter", "featherLeftTangent", "featherRightTangent")


def keys_of(point: Any, names: tuple[str, ...]) -> dict[str, list[float]]:
    """Time -> x, y of each part; all parts are keyed at the same times."""
    parts = [getattr(point, name) for name in names]
    (times,) = {tuple(part.getControlPointKeyTimes()) for part in parts}
    placed = {time: [part.getPosition(time) for part in parts] for time in times}
    return {str(time): [value for place in places for value in (place.x, place.y)] for time, places in placed.items()}


def shape_of(shape: Any) -> dict[str, Any]:
    attributes = shape.getAttributes()
    return {
        "name": shape.name,
        "points": [keys_of(point, PARTS) for point in shape],
        "feathers": [keys_of(point, FEATHERS) for point in shape],
        "constants": attributes.constants,
        "opacity": attributes.keyed["opc"],
    }


def main() -> None:
    runpy.run_path(sys.argv[1])
    found = []
    for node in nuke.allNodes("Roto"):
        (layer,) = node["curves"].rootLayer
        assert node["curves"].fresh, "the knob was not told that its curves changed"
        found.append(
            {
                "node": node.name(),
                "format": [node.format().width(), node.format().height(), node.format().pixelAspect()],
                "layer": layer.name,
                "shapes": [shape_of(shape) for shape in layer],
            }
        )
    print(json.dumps(found))  # noqa: T201 - this is what it is for


main()

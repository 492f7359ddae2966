"""Make Roto nodes of the shapes at the end of this file: run it in Nuke's Script Editor.

It takes Nuke 13 or later, and needs nothing else.
"""

from __future__ import annotations

import json
from typing import Any

import nuke
import nuke.rotopaint  # pyright: ignore[reportMissingImports] - where this runs

SUBTRACT = 12  # blending mode
NEAR_PX = 0.01


def build(text: str) -> list[Any]:
    """Make a node for each object, not connected to anything; give them back."""
    roto = json.loads(text)
    name = ensure_format(roto["format"])
    return [build_node(item, name) for item in roto["objects"]]


def ensure_format(told: list[Any]) -> str:
    """Make the plate's format where Nuke has none of that name; give the name back."""
    width, height, aspect, name = told
    if name not in [known.name() for known in nuke.formats()]:
        nuke.addFormat(f"{width} {height} {aspect} {name}")
    return str(name)


def build_node(item: dict[str, Any], format_name: str) -> Any:
    """Make one object's node."""
    node = nuke.nodes.Roto()
    node["name"].setValue(item["node"])
    fill_node(node, item, format_name)
    return node


def fill_node(node: Any, item: dict[str, Any], format_name: str) -> None:
    """Put one object's shapes into a node, instead of all that it holds."""
    node["format"].setValue(format_name)
    curves = node["curves"]
    curves.rootLayer.removeAll()
    layer = nuke.rotopaint.Layer(curves)
    layer.name = item["name"]
    curves.rootLayer.append(layer)
    for shape in item["shapes"]:
        layer.append(build_shape(shape, item["colour"], curves))
    curves.changed()


def build_shape(made_of: dict[str, Any], colour: list[float], curves: Any) -> Any:
    """Make one shape with all its keys."""
    shape = nuke.rotopaint.Shape(curves)
    shape.name = made_of["name"]
    for number in range(len(made_of["keys"][0]["points"])):
        keys = [(key["frame"], key["points"][number]) for key in made_of["keys"]]
        shape.append(build_point(keys))
    attributes = shape.getAttributes()
    attributes.set(attributes.kRedOverlayAttribute, colour[0])
    attributes.set(attributes.kGreenOverlayAttribute, colour[1])
    attributes.set(attributes.kBlueOverlayAttribute, colour[2])
    if made_of["subtract"]:
        attributes.set(attributes.kBlendingModeAttribute, SUBTRACT)
    for frame, value in made_of["opacity"]:
        attributes.set(frame, attributes.kOpacityAttribute, value)
    return shape


def build_point(keys: list[tuple[int, list[float]]]) -> Any:
    """Make one control point that goes straight from key to key; where Nuke bends its way, key all frames between."""
    point = nuke.rotopaint.ShapeControlPoint()
    for frame, values in keys:
        set_key(point, frame, values)
    make_linear(point, keys[0][1])
    for index in range(1, len(keys)):
        between = frames_between(keys[index - 1], keys[index])
        if any(is_off(point, frame, values) for frame, values in between):
            for frame, values in between:
                set_key(point, frame, values)
    return point


def parts(point: Any, values: list[float]) -> list[tuple[Any, float, float]]:
    """The animated points that make up a control point, with their places."""
    x, y, in_x, in_y, out_x, out_y = values[:6]
    found = [(point.center, x, y), (point.leftTangent, in_x, in_y), (point.rightTangent, out_x, out_y)]
    if len(values) == 8:  # noqa: PLR2004 - where the soft edge lies as well
        found += [(point.featherCenter, values[6], values[7])]
        found += [(point.featherLeftTangent, in_x, in_y), (point.featherRightTangent, out_x, out_y)]
    return found


def set_key(point: Any, frame: int, values: list[float]) -> None:
    """Key all of a control point at a frame."""
    for part, x, y in parts(point, values):
        part.addPositionKey(frame, nuke.rotopaint.CVec2(x, y))


def make_linear(point: Any, values: list[float]) -> None:
    """Ask for straight lines between all keys."""
    for part, _, _ in parts(point, values):
        for axis in (0, 1):
            curve = part.getPositionAnimCurve(axis)
            for index in range(curve.getNumberOfKeys()):
                curve.getKey(index).interpolationType = nuke.rotopaint.InterpolationType.eLinearInterpolationType


def frames_between(left: tuple[int, list[float]], right: tuple[int, list[float]]) -> list[tuple[int, list[float]]]:
    """The frames between two keys, with the numbers on the straight line."""
    found = []
    for frame in range(left[0] + 1, right[0]):
        share = (frame - left[0]) / (right[0] - left[0])
        found.append((frame, [start + (right[1][at] - start) * share for at, start in enumerate(left[1])]))
    return found


def is_off(point: Any, frame: int, values: list[float]) -> bool:
    """Whether any part of the point is elsewhere at a frame."""
    for part, x, y in parts(point, values):
        found = part.getPosition(frame)
        if abs(found.x - x) > NEAR_PX or abs(found.y - y) > NEAR_PX:
            return True
    return False

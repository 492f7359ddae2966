"""Reads Silhouette's XML as NukeFXSExporter writes it: parts of the height from the middle, y down, keys from 0."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
from shape_pixels import ReadObject, ReadShape

PAIR = re.compile(r"\((-?\d+\.\d{6}),(-?\d+\.\d{6})\)")  # no exponents


def read_fxs(text: bytes) -> dict[str, ReadObject]:
    """Layers by label, with their shapes."""
    session = ET.fromstring(text)  # noqa: S314 - what we wrote
    assert session.tag == "Silhouette"
    width, height = int(session.attrib["width"]), int(session.attrib["height"])
    aspect = float(session.get("pixelAspect", "1"))
    first = int(session.attrib["sessionStartFrame"])
    scale = np.array([height / aspect, height])
    return {
        layer.attrib["label"]: [
            [
                _shape(item, first, scale, np.array([width / 2, height / 2]))
                for item in layer.findall("./Properties/Property[@id='objects']/Object")
            ]
        ]
        for layer in session.findall("Layer")
    }


def _shape(item: ET.Element, first: int, scale: np.ndarray, middle: np.ndarray) -> ReadShape:
    assert (item.get("type"), item.get("shape_type")) == ("Shape", "Bezier")
    properties = {each.attrib["id"]: each for each in item.findall("./Properties/Property")}
    keys = {}
    for key in properties["path"].findall("Key"):
        assert key.get("interp") == "linear"
        path = key.find("Path")
        assert path is not None
        assert path.attrib == {"closed": "True", "type": "Bezier"}
        found = [PAIR.findall(point.text or "") for point in path.findall("Point")]
        places = np.array(found, dtype=float) * scale + middle  # (n, 3, 2): point, in, out
        offsets = places[:, 1:] - places[:, :1]
        keys[int(key.attrib["frame"]) + first] = np.hstack([places[:, 0], offsets[:, 0], offsets[:, 1]])
    life = {
        int(key.attrib["frame"]) + first: float(key.text or "") / 100 for key in properties["opacity"].findall("Key")
    }
    mode = properties["mode"].findtext("Value")
    assert mode in {"Add", "Subtract"}
    return ReadShape(item.attrib["label"], mode == "Subtract", keys, life)

"""``nuke.nodePaste`` of the tests: Roto nodes of a script, read by the tests' own reader of saved nodes."""

from __future__ import annotations

from pathlib import Path

from read_nk import read_nk

from . import _scene, rotopaint
from ._nodes import Node, made_node


def pasted(path: str) -> Node | None:
    import nuke  # noqa: PLC0415 - this is part of it

    for node in nuke.allNodes():
        node.setSelected(False)
    made = None
    for found in read_nk(Path(path).read_bytes()):
        width, height, aspect = found.size
        name = f"pasted_{width}x{height}"
        if name not in [known.name() for known in nuke.formats()]:
            nuke.addFormat(f"{width} {height} {aspect} {name}")
        made = made_node("Roto", name=found.name, format=name)
        curves = made["curves"]
        for shape in found.item[0]:
            made_shape = rotopaint.Shape(curves)
            made_shape.name = shape.name
            curves.rootLayer.append(made_shape)
        curves.changed()
        made.setSelected(True)
    assert _scene.world().root is not None
    return made

# ruff: noqa: N802 - the names are Nuke's
"""Nodes of the tests' Nuke: the classes that Shotmill meets, each with knobs of the names that Nuke gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from . import rotopaint
from ._knobs import (
    Boolean_Knob,
    ColorSpace_Enumeration,
    Disable_Knob,
    Double_Knob,
    Enumeration_Knob,
    File_Knob,
    Format,
    Format_Knob,
    Int_Knob,
    Knob,
    String_Knob,
    XY_Knob,
)
from ._scene import touch, world

ON_ERROR = ("error", "black", "checkerboard", "nearest frame")
INTERPOLATION = ("nearest", "linear", "tetrahedral", "best")


def _kinds(kind: Callable[[str], Knob], *names: str) -> dict[str, Callable[[], Knob]]:
    return {name: (lambda name=name: kind(name)) for name in names}  # type: ignore[misc]


def _choice(name: str, *values: str) -> dict[str, Callable[[], Knob]]:
    return {name: lambda: Enumeration_Knob(name, "", values)}


FILE = {**_kinds(File_Knob, "file"), **_kinds(Boolean_Knob, "raw"), **_kinds(ColorSpace_Enumeration, "colorspace")}
RANGE = _kinds(Int_Knob, "first", "last")
WRITE = {**RANGE, **_kinds(Boolean_Knob, "use_limit"), **_kinds(String_Knob, "views", "channels", "file_type")}
COMMON = {
    **_kinds(String_Knob, "name", "label", "note_font"),
    **_kinds(Int_Knob, "xpos", "ypos", "tile_color"),
    **_kinds(Disable_Knob, "disable"),
}
PLAIN: dict[str, Callable[[], Knob]] = {}
CLASSES: dict[str, dict[str, Callable[[], Knob]]] = {
    "Read": {
        **FILE,
        **RANGE,
        **_kinds(File_Knob, "proxy"),
        **_kinds(Int_Knob, "origfirst", "origlast"),
        **_kinds(Boolean_Knob, "premultiplied"),
        **_choice("frame_mode", "expression", "start at", "offset"),
        **_kinds(String_Knob, "frame"),
        **_choice("on_error", *ON_ERROR),
        **_kinds(Format_Knob, "format"),
    },
    "Write": {**FILE, **WRITE, **_kinds(File_Knob, "proxy"), **_kinds(Boolean_Knob, "reading")},
    "DeepWrite": {**_kinds(File_Knob, "file"), **WRITE},
    "WriteGeo": {**_kinds(File_Knob, "file"), **WRITE},
    "Roto": {**_kinds(Format_Knob, "format"), **_kinds(String_Knob, "output", "cliptype")},
    "Tracker4": {"tracks": lambda: Knob("tracks")},
    "Tracker3": {
        **_kinds(XY_Knob, *(f"track{number}" for number in range(1, 5))),
        **_kinds(Boolean_Knob, *(f"enable{number}" for number in range(1, 5))),
    },
    "OCIOFileTransform": {
        **_kinds(File_Knob, "file"),
        **_kinds(String_Knob, "cccid"),
        **_choice("direction", "forward", "inverse"),
        **_choice("interpolation", *INTERPOLATION),
    },
    "OCIOColorSpace": _kinds(ColorSpace_Enumeration, "in_colorspace", "out_colorspace"),
    **dict.fromkeys(["Dot", "NoOp", "Grade", "Transform", "Reformat", "Merge2", "Input", "Output"], PLAIN),
    "Group": PLAIN,
}


class Node:
    """A node, and where it is."""

    def __init__(self, kind: str, group: Group | None) -> None:
        makers = {**COMMON, **CLASSES[kind]}
        self._kind, self._group = kind, group
        self._knobs: dict[str, Any] = {name: make() for name, make in makers.items()}
        if kind == "Roto":
            self._knobs["curves"] = rotopaint.CurveKnob()
        for knob in self._knobs.values():
            knob._is_placed = True
        self._inputs: dict[int, Node] = {}
        self._selected = False
        self._format = Format(2048, 1556, 1.0, "2K_Super_35")

    def Class(self) -> str:
        return self._kind

    def name(self) -> str:
        touch()
        return str(self._knobs["name"].value())

    def fullName(self) -> str:
        above = "" if self._group is None or isinstance(self._group, Root) else f"{self._group.fullName()}."
        return above + self.name()

    def setName(self, name: str, uncollide: bool = True) -> None:
        assert self._group is not None
        taken = {node.name() for node in self._group.nodes() if node is not self}
        number, found = 1, name
        while found in taken:
            assert uncollide
            found, number = f"{name}{number}", number + 1
        self._knobs["name"].setValue(found)

    def __getitem__(self, name: str) -> Any:
        touch()
        if name not in self._knobs:
            raise NameError(f"knob {name} does not exist")
        return self._knobs[name]

    def knob(self, name: str) -> Any:
        touch()
        return self._knobs.get(name)

    def knobs(self) -> dict[str, Any]:
        return dict(self._knobs)

    def addKnob(self, knob: Knob) -> None:
        assert knob.name() not in self._knobs
        knob._is_placed = True
        self._knobs[knob.name()] = knob
        world().undos.did(lambda: self._knobs.pop(knob.name()) and None)

    def input(self, index: int) -> Node | None:
        return self._inputs.get(index)

    def inputs(self) -> int:
        return max(self._inputs, default=-1) + 1

    def setInput(self, index: int, node: Node | None) -> bool:
        before = dict(self._inputs)
        world().undos.did(lambda: setattr(self, "_inputs", before))
        self._inputs.pop(index, None)
        if node is not None:
            self._inputs[index] = node
        return True

    def isSelected(self) -> bool:
        return self._selected

    def setSelected(self, selected: bool) -> None:
        touch()
        self._selected = selected

    def format(self) -> Format:
        knob = self._knobs.get("format")
        return knob.value() if knob is not None and knob.value() else self._format

    def parent(self) -> Group | None:
        return self._group

    def xpos(self) -> int:
        return int(self._knobs["xpos"].value())

    def ypos(self) -> int:
        return int(self._knobs["ypos"].value())

    def setXYpos(self, x: int, y: int) -> None:
        self._knobs["xpos"].setValue(x)
        self._knobs["ypos"].setValue(y)

    def screenWidth(self) -> int:
        return 80

    def screenHeight(self) -> int:
        return 74 if self._kind == "Read" else 18


class Group(Node):
    def __init__(self, kind: str, group: Group | None) -> None:
        super().__init__(kind, group)
        self._inside: list[Node] = []

    def nodes(self) -> list[Node]:
        touch()
        return list(self._inside)

    def begin(self) -> Group:
        world().groups.append(self)
        return self

    def end(self) -> None:
        assert world().groups.pop() is self

    def _add(self, node: Node) -> None:
        self._inside.append(node)
        world().undos.did(lambda: self._inside.remove(node))

    def _remove(self, node: Node) -> None:
        self._inside.remove(node)
        world().undos.did(lambda: self._inside.append(node))


class Root(Group):
    def __init__(self) -> None:
        CLASSES["Root"] = {
            **_kinds(Int_Knob, "first_frame", "last_frame"),
            **_kinds(Double_Knob, "fps"),
            **_kinds(Boolean_Knob, "proxy"),
            **_kinds(Format_Knob, "format"),
            **_kinds(File_Knob, "project_directory", "customOCIOConfigPath"),
            **_choice("colorManagement", "Nuke", "OCIO"),
            **_kinds(ColorSpace_Enumeration, "OCIO_config", "workingSpaceLUT"),
        }
        super().__init__("Root", None)
        self._modified = False

    def modified(self) -> bool:
        return self._modified

    def setModified(self, modified: bool) -> None:
        self._modified = modified

    def firstFrame(self) -> int:
        return int(self["first_frame"].value())

    def lastFrame(self) -> int:
        return int(self["last_frame"].value())


class Viewer(Node):
    def __init__(self) -> None:
        CLASSES["Viewer"] = PLAIN
        super().__init__("Viewer", None)
        self._roi: dict[str, float] | None = None

    def roiEnabled(self) -> bool:
        return self._roi is not None

    def roi(self) -> dict[str, float] | None:
        return self._roi

    def setRoi(self, roi: dict[str, float]) -> None:
        self._roi = roi


class ViewerWindow:
    def node(self) -> Viewer:
        found: Viewer = world().viewer
        return found


class Nodes:
    """Makes nodes by class; unlike ``createNode`` it connects and selects nothing."""

    def __getattr__(self, kind: str) -> Callable[..., Node]:
        if kind not in CLASSES:
            raise AttributeError(f"the tests' Nuke has no class {kind}")
        return lambda **knobs: made_node(kind, **knobs)


def made_node(kind: str, **knobs: Any) -> Node:
    where = world().groups[-1] if world().groups else world().root
    node = (Group if kind == "Group" else Node)(kind, where)
    inputs = knobs.pop("inputs", [])
    node._knobs["name"].setValue("")
    where._add(node)
    node.setName(knobs.pop("name", f"{re.sub(r'[0-9]+$', '', kind)}1"))
    for name, value in knobs.items():
        node[name].setValue(value)
    for index, one in enumerate(inputs):
        node.setInput(index, one)
    return node


def every_node(group: Group, *, deep: bool) -> Iterator[Node]:
    for node in group.nodes():
        yield node
        if deep and isinstance(node, Group):
            yield from every_node(node, deep=True)

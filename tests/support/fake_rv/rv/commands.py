"""``rv.commands``: the names that RV has; what the tests' RV does of them. Others raise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .state import FLOAT, INT, NAMES, STRING, RvError, session

NeutralMenuState, UncheckedMenuState, CheckedMenuState, MixedStateMenuState, DisabledMenuState = 0, 1, 2, 3, -1
IntType, FloatType, StringType = INT, FLOAT, STRING


def __getattr__(name: str) -> Any:
    if name in NAMES["commands"] or name in NAMES["constants"]:
        raise NotImplementedError(f"RV has rv.commands.{name}, the tests' RV does not")
    raise AttributeError(f"RV has no rv.commands.{name}")


def defineMinorMode(name: str, sortKey: Any, ordering: int) -> None:
    session.check_thread()
    assert isinstance(name, str)
    assert isinstance(ordering, int)
    del sortKey


def bind(mode: str, table: str, event: str, func: Any, doc: str = "") -> None:
    session.check_thread()
    assert isinstance(doc, str)
    assert callable(func)
    session.bindings[event] = func


def defineModeMenu(mode: str, menu: Any, strict: bool) -> None:
    session.check_thread()
    assert isinstance(strict, bool)
    check_menu(menu)
    session.menus[mode] = menu


def check_menu(menu: Any) -> None:
    """RV takes lists of items (label, action, key, state) and of submenus or separators (label, list or None)."""
    assert isinstance(menu, list)
    for item in menu:
        assert isinstance(item, tuple)
        assert isinstance(item[0], str)
        if len(item) == 2:
            assert (item[1] is None) == (item[0] == "_")
            if item[1] is not None:
                check_menu(item[1])
        else:
            _label, action, key, state = item
            assert callable(action)
            assert key is None or isinstance(key, str)
            assert state is None or callable(state)


def sources() -> list[Any]:
    session.check_thread()
    return [(name, 1, 2, 0, False, False) for name, one in session.nodes.items() if one.kind == "RVFileSource"]


def nodes() -> list[str]:
    session.check_thread()
    return list(session.nodes)


def nodeExists(name: str) -> bool:
    session.check_thread()
    return name in session.nodes


def nodeType(name: str) -> str:
    session.check_thread()
    return session.node(name).kind


def nodeGroup(name: str) -> str:
    session.check_thread()
    return session.node(name).group


def nodesInGroup(name: str) -> list[str]:
    session.check_thread()
    session.node(name)
    return [each for each, one in session.nodes.items() if one.group == name]


def nodesOfType(kind: str) -> list[str]:
    session.check_thread()
    return [each for each, one in session.nodes.items() if one.kind == kind]


def nodeConnections(name: str, traverseGroups: bool = False) -> tuple[list[str], list[str]]:
    session.check_thread()
    assert isinstance(traverseGroups, bool)
    return list(session.node(name).inputs), [each for each, one in session.nodes.items() if name in one.inputs]


def newNode(kind: str, name: str = "") -> str:
    session.check_thread()
    return session.add_group(kind, name or kind)


def deleteNode(name: str) -> None:
    session.check_thread()
    session.delete(name)


def setNodeInputs(name: str, inputs: list[str]) -> None:
    session.check_thread()
    session.set_inputs(name, inputs)


def viewNode() -> str:
    session.check_thread()
    return session.view


def setViewNode(name: str) -> None:
    session.check_thread()
    session.node(name)
    session.view = name


def frame() -> int:
    session.check_thread()
    return session.frame


def frameStart() -> int:
    session.check_thread()
    return _range()[0]


def frameEnd() -> int:
    session.check_thread()
    return _range()[1]


def _range() -> tuple[int, int]:
    node = session.node(session.view)
    if node.kind == "RVSequenceGroup":
        starts = session.properties[f"{session.view}_sequence.edl.frame"].values
        return starts[0], starts[-1] - 1
    group = session.view if node.kind == "RVSourceGroup" else node.inputs[-1]
    found = session.info(f"{group}_source")
    first = session.first_frame(group)
    return first, first + found["endFrame"] - found["startFrame"]


def inPoint() -> int:
    session.check_thread()
    return _range()[0]


def outPoint() -> int:
    session.check_thread()
    return _range()[1]


def fps() -> float:
    session.check_thread()
    return 24.0


def markedFrames() -> list[int]:
    session.check_thread()
    return list(session.marked)


def sourcesAtFrame(at: int) -> list[str]:
    session.check_thread()
    return [info["node"] for info in session.seen(session.view, at) if info["nodeType"] == "RVFileSource"]


def metaEvaluate(at: int, root: str, leaf: str = "", unique: bool = True) -> list[dict[str, Any]]:
    session.check_thread()
    assert isinstance(at, int)
    del leaf, unique
    return session.seen(root, at) if root else []


def sourceMediaInfo(source: str, media: str = "") -> dict[str, Any]:
    session.check_thread()
    del media
    return session.info(source)


def sourceAttributes(source: str, media: str = "") -> list[tuple[str, str]]:
    session.check_thread()
    del media
    return session.attributes.get(source, [])


def addSourcesVerbose(paths: list[list[str]], tag: str = "") -> list[str]:
    session.check_thread()
    assert isinstance(tag, str)
    assert {type(path) for one in paths for path in one} == {str}
    return [session.add_source(one[0]) for one in paths]


def readLUT(file: str, node: str, activate: bool = False) -> None:
    session.check_thread()
    if session.node(node).kind not in ("RVLookLUT", "RVCacheLUT", "RVLinearize", "RVDisplayColor"):
        raise RvError(f"{node} has no LUT")
    if not Path(file).read_text(encoding="utf-8").startswith("CSPLUTV100"):
        raise RvError(f"{file} is no CSP")
    session.set(f"{node}.lut.file", STRING, [file], resize=True)
    session.set(f"{node}.lut.active", INT, [int(activate)], resize=True)


def setSourceMedia(source: str, paths: list[str], tag: str = "") -> None:
    session.check_thread()
    assert isinstance(tag, str)
    session.set(f"{source}.media.movie", STRING, paths, resize=True)


def properties(node: str) -> list[str]:
    session.check_thread()
    session.node(node)
    return [full for full in session.properties if full.startswith(f"{node}.")]


def propertyExists(full: str) -> bool:
    session.check_thread()
    return full in session.properties


def propertyInfo(full: str) -> dict[str, Any]:
    session.check_thread()
    found = session.properties.get(full)
    if found is None:
        raise RvError(f"invalid property name {full}")
    sizes = {"dimensions": (found.width, 0, 0, 0), "size": len(found.values) // found.width}
    return {"name": full, "type": found.kind, **sizes, "userDefined": True, "info": ""}


def newProperty(full: str, kind: int, width: int) -> None:
    session.check_thread()
    if full in session.properties:
        raise RvError(f"property {full} is there already")
    session.make(full, kind, width)


def getIntProperty(full: str) -> list[int]:
    session.check_thread()
    return list(session.property(full, INT).values)


def getFloatProperty(full: str) -> list[float]:
    session.check_thread()
    return list(session.property(full, FLOAT).values)


def getStringProperty(full: str) -> list[str]:
    session.check_thread()
    return list(session.property(full, STRING).values)


def setIntProperty(full: str, values: list[int], allowResize: bool = False) -> None:
    session.check_thread()
    session.set(full, INT, values, resize=allowResize)


def setFloatProperty(full: str, values: list[float], allowResize: bool = False) -> None:
    session.check_thread()
    session.set(full, FLOAT, values, resize=allowResize)


def setStringProperty(full: str, values: list[str], allowResize: bool = False) -> None:
    session.check_thread()
    session.set(full, STRING, values, resize=allowResize)


def eventToImageSpace(
    source: str, point: tuple[float, float], normalizedImageOrigin: bool = False
) -> tuple[float, float]:
    session.check_thread()
    assert normalizedImageOrigin
    session.node(source)
    return (point[0], point[1])  # events of tests point in these coordinates


def getVersion() -> list[int]:
    session.check_thread()
    return [2025, 0, 0]


def redraw() -> None:
    session.check_thread()
    session.redrawn += 1

# ruff: noqa: N802, N803 - the names are Nuke's
"""A Nuke of the tests: names and behaviour that the API reference and types-nuke tell of, and nothing more.

A name that is not here raises, and a test holds all that are here to the names of types-nuke. Nodes are touched in the
main thread alone. What people see and answer is in ``_scene.world()``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import rotopaint as rotopaint
from ._knobs import (
    DO_NOT_WRITE as DO_NOT_WRITE,
)
from ._knobs import (
    INVISIBLE as INVISIBLE,
)
from ._knobs import (
    STARTLINE as STARTLINE,
)
from ._knobs import (
    TABBEGINCLOSEDGROUP as TABBEGINCLOSEDGROUP,
)
from ._knobs import (
    TABBEGINGROUP as TABBEGINGROUP,
)
from ._knobs import (
    TABENDGROUP as TABENDGROUP,
)
from ._knobs import (
    Array_Knob as Array_Knob,
)
from ._knobs import (
    Boolean_Knob as Boolean_Knob,
)
from ._knobs import (
    Disable_Knob as Disable_Knob,
)
from ._knobs import (
    Double_Knob as Double_Knob,
)
from ._knobs import (
    Enumeration_Knob as Enumeration_Knob,
)
from ._knobs import (
    EvalString_Knob as EvalString_Knob,
)
from ._knobs import (
    File_Knob as File_Knob,
)
from ._knobs import (
    Format as Format,
)
from ._knobs import (
    Format_Knob as Format_Knob,
)
from ._knobs import (
    Int_Knob as Int_Knob,
)
from ._knobs import (
    Knob as Knob,
)
from ._knobs import (
    Multiline_Eval_String_Knob as Multiline_Eval_String_Knob,
)
from ._knobs import (
    PyScript_Knob as PyScript_Knob,
)
from ._knobs import (
    String_Knob as String_Knob,
)
from ._knobs import (
    Tab_Knob as Tab_Knob,
)
from ._knobs import (
    Text_Knob as Text_Knob,
)
from ._knobs import (
    XY_Knob as XY_Knob,
)
from ._nodes import Group as Group
from ._nodes import Node as Node
from ._nodes import Nodes as Nodes
from ._nodes import Root as Root
from ._nodes import Viewer as Viewer
from ._nodes import ViewerWindow as ViewerWindow
from ._nodes import every_node as _every_node
from ._scene import anew as _anew
from ._scene import touch as _touch
from ._scene import world as _world

NUKE_VERSION_STRING = "13.2v8"
EXE_PATH = os.environ.get("FAKE_NUKE_EXE", "/nowhere/Nuke13.2/Nuke13.2")
GUI = True
nodes = Nodes()


class ProgressTask:
    """A bar that people may cancel."""

    def __init__(self, name: str) -> None:
        self._name, self._said, self._cancelled = name, [""], False
        _world().tasks.append(self)

    def setMessage(self, text: str) -> None:
        self._said.append(text)

    def setProgress(self, percent: int) -> None:
        assert isinstance(percent, int)
        assert 0 <= percent <= 100

    def isCancelled(self) -> bool:
        return self._cancelled


class Undo:
    @classmethod
    def begin(cls) -> None:
        _touch()
        _world().undos.begin()

    @classmethod
    def name(cls, text: str) -> None:
        _world().undos.name(text)

    @classmethod
    def end(cls) -> None:
        _world().undos.end()

    @classmethod
    def cancel(cls) -> None:
        _world().undos.cancel()


class MenuItem:
    def __init__(self, name: str, script: Callable[[], Any] | None = None) -> None:
        self._name, self._script = name, script

    def name(self) -> str:
        return self._name

    def invoke(self) -> None:
        assert self._script is not None
        self._script()


class Menu(MenuItem):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._items: list[MenuItem] = []

    def addMenu(self, name: str) -> Menu:
        found = self.menu(name)
        if found is None:
            found = Menu(name)
            self._items.append(found)
        return found

    def addCommand(self, name: str, command: Callable[[], Any]) -> MenuItem:
        assert callable(command)
        self._items.append(MenuItem(name, command))
        return self._items[-1]

    def addSeparator(self) -> None:
        self._items.append(MenuItem("-"))

    def items(self) -> list[MenuItem]:
        return list(self._items)

    def findItem(self, name: str) -> MenuItem | None:
        return next((item for item in self._items if item.name() == name), None)

    def menu(self, name: str) -> Menu | None:
        found = self.findItem(name)
        return found if isinstance(found, Menu) else None


def menu(name: str) -> Menu:
    found: Menu = _world().menus.setdefault(name, Menu(name))
    return found


def root() -> Root:
    _touch()
    found: Root = _world().root
    return found


def allNodes(filter: str | None = None, group: Group | None = None, recurseGroups: bool = False) -> list[Node]:  # noqa: A002
    found = list(_every_node(group or root(), deep=recurseGroups))
    return [node for node in found if filter is None or node.Class() == filter]


def selectedNodes(filter: str | None = None) -> list[Node]:  # noqa: A002
    return [node for node in allNodes(filter) if node.isSelected()]


def toNode(name: str) -> Node | None:
    return next((node for node in allNodes(recurseGroups=True) if node.fullName() == name), None)


def delete(node: Node) -> None:
    parent = node.parent()
    assert parent is not None
    parent._remove(node)


def views() -> list[str]:
    return list(_world().views)


def frame() -> int:
    return _world().frame


def formats() -> list[Format]:
    return _world().formats


def addFormat(text: str) -> Format:
    width, height, aspect, name = text.split()
    made = Format(int(width), int(height), float(aspect), name)
    _world().formats.append(made)
    return made


def pluginPath() -> list[str]:
    return list(_world().plugin_path)


def message(prompt: str) -> None:
    _touch()
    _world().said.append(prompt)


def ask(prompt: str) -> bool:
    _touch()
    _world().said.append(prompt)
    return _world().answers.pop(0)


def activeViewer() -> ViewerWindow | None:
    return ViewerWindow() if _world().viewer is not None else None


def executeInMainThread(
    call: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> None:
    _world().waiting.put(lambda: call(*args, **(kwargs or {})))


def undo() -> None:
    _world().undos.undo()


def nodePaste(path: str) -> Node | None:
    """Make the nodes of a script that was saved; they are selected, as Nuke does."""
    from ._paste import pasted  # noqa: PLC0415 - needs what only the tests have

    return pasted(path)


def scriptClear() -> None:
    """Forget everything: what a test begins with."""
    world = _anew()
    world.root = Root()
    world.root._knobs["name"]._value = "Root"
    world.formats.append(Format(2048, 1556, 1.0, "2K_Super_35"))
    world.root["format"].setValue(world.formats[0])
    world.root["first_frame"].setValue(1)
    world.root["last_frame"].setValue(100)
    world.root["fps"].setValue(24.0)
    world.undos.steps.clear()


scriptClear()

"""``rv.extra_commands``, as ``rv.commands`` of the tests' RV."""

from __future__ import annotations

from typing import Any

from . import commands
from .state import NAMES, STRING, session


def __getattr__(name: str) -> Any:
    if name in NAMES["extra_commands"]:
        raise NotImplementedError(f"RV has rv.extra_commands.{name}, the tests' RV does not")
    raise AttributeError(f"RV has no rv.extra_commands.{name}")


def displayFeedback(text: str, duration: float, textSizes: Any = None) -> None:
    session.check_thread()
    assert isinstance(text, str)
    assert isinstance(duration, float)
    del textSizes
    session.said.append(text)


def nodesInGroupOfType(group: str, kind: str) -> list[str]:
    return [name for name in commands.nodesInGroup(group) if commands.nodeType(name) == kind]


def setUIName(node: str, name: str) -> None:
    session.check_thread()
    session.node(node)
    session.make(f"{node}.ui.name", STRING, 1, [name])

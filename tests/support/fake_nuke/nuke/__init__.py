"""A Nuke of the tests: what the API reference says of Roto nodes, and nothing more; unknown names are errors."""

from __future__ import annotations

from typing import Any

from . import rotopaint


class Format:
    def __init__(self, text: str) -> None:
        width, height, self.aspect, self._name = text.split()
        self.size = (int(width), int(height), float(self.aspect))

    def name(self) -> str:
        return self._name


class Knob:
    def __init__(self) -> None:
        self.said: str = ""

    def setValue(self, text: str) -> None:  # noqa: N802 - Nuke's name
        assert isinstance(text, str)
        self.said = text


class Node:
    def __init__(self) -> None:
        self._knobs: dict[str, Any] = {"name": Knob(), "format": Knob(), "curves": rotopaint.CurveKnob()}

    def __getitem__(self, name: str) -> Any:
        return self._knobs[name]


class Nodes:
    def Roto(self) -> Node:  # noqa: N802 - Nuke's name
        made.append(Node())
        return made[-1]


made: list[Node] = []
nodes = Nodes()
_formats = [Format("2048 1556 1.0 2K_Super_35")]


def formats() -> list[Format]:
    return _formats


def addFormat(text: str) -> None:  # noqa: N802 - Nuke's name
    _formats.append(Format(text))

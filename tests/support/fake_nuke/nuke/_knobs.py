# ruff: noqa: N801, N802 - the names are Nuke's
"""Knobs of the tests' Nuke."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from ._scene import touch, world

INVISIBLE = 1024
STARTLINE = 4096
DO_NOT_WRITE = 512
TABBEGINCLOSEDGROUP, TABBEGINGROUP, TABENDGROUP = 2, 1, -1


class Knob:
    kind: Any = str
    start: Any = ""

    def __init__(self, name: str = "", label: str = "", *more: Any) -> None:
        assert re.fullmatch(r"\w*", name), f"no name of a knob: {name!r}"
        self._name, self._label, self._value = name, label, self.start
        self._flags, self._tooltip, self._visible, self._enabled = 0, "", True, True
        self._keys: dict[tuple[int, float], Any] = {}
        self._script = ""
        self._is_placed = False  # on a node; what is done to a panel's knobs is nothing that can be undone
        assert not more or type(self) in {Tab_Knob, Enumeration_Knob, PyScript_Knob, Text_Knob}

    def name(self) -> str:
        return self._name

    def label(self) -> str:
        return self._label

    def Class(self) -> str:
        return type(self).__name__

    def value(self) -> Any:
        touch()
        return self._value

    def setValue(self, value: Any) -> bool:
        before, self._value = self._value, self._checked(value)
        self._did(before)
        return True

    def _checked(self, value: Any) -> Any:
        assert isinstance(value, self.kind), (self._name, value)
        assert not isinstance(value, bool) or self.kind is bool, (self._name, value)
        return value

    def _did(self, before: Any) -> None:
        def back() -> None:
            self._value = before

        touch()
        if self._is_placed:
            world().undos.did(back)

    def setFlag(self, flag: int) -> None:
        self._flags |= flag

    def clearFlag(self, flag: int) -> None:
        self._flags &= ~flag

    def getFlag(self, flag: int) -> bool:
        return bool(self._flags & flag)

    def setTooltip(self, text: str) -> None:
        self._tooltip = text

    def tooltip(self) -> str:
        return self._tooltip

    def setVisible(self, visible: bool) -> None:
        touch()
        self._visible = visible

    def visible(self) -> bool:
        return self._visible

    def setEnabled(self, enabled: bool) -> None:
        self._enabled = enabled

    def enabled(self) -> bool:
        return self._enabled

    def setLabel(self, label: str) -> None:
        self._label = label

    def toScript(self) -> str:
        return self._script or str(self._value)

    def getValueAt(self, frame: float, index: int = 0) -> Any:
        return self._keys[index, frame]

    def setValueAt(self, value: Any, frame: float, index: int = 0) -> bool:
        self._keys[index, frame] = value
        return True


class String_Knob(Knob):
    pass


class EvalString_Knob(String_Knob):
    pass


class Multiline_Eval_String_Knob(EvalString_Knob):
    pass


class File_Knob(EvalString_Knob):
    """Evaluates the little Tcl that paths of scripts have."""

    def getEvaluatedValue(self) -> str:
        text = str(self.value())
        root = world().root.name()
        text = text.replace("[file dirname [value root.name]]", str(Path(root).parent))
        text = text.replace("[file rootname [value root.name]]", str(Path(root).with_suffix("")))
        text = re.sub(r"\[getenv (\w+)\]", lambda found: os.environ.get(found.group(1), ""), text)
        assert "[" not in text, f"the tests' Nuke knows no such Tcl: {text}"
        return text

    def fromUserText(self, text: str) -> None:
        raise NotImplementedError(text)


class Text_Knob(Knob):
    def __init__(self, name: str = "", label: str = "", value: str = "") -> None:
        super().__init__(name, label)
        self._value = value


class PyScript_Knob(Knob):
    def __init__(self, name: str = "", label: str = "", command: str = "") -> None:
        super().__init__(name, label)
        self._value = command


class Tab_Knob(Knob):
    def __init__(self, name: str = "", label: str = "", kind: int = 0) -> None:
        super().__init__(name, label)
        self._value = str(kind)


class Array_Knob(Knob):
    kind: Any = (int, float)
    start: Any = 0

    def setRange(self, low: float, high: float) -> None:
        assert low <= high


class Int_Knob(Array_Knob):
    kind = int


class Double_Knob(Array_Knob):
    start = 0.0


class Boolean_Knob(Array_Knob):
    kind = bool
    start = False


class Disable_Knob(Boolean_Knob):
    pass


class XY_Knob(Array_Knob):
    pass


class Enumeration_Knob(Knob):
    def __init__(self, name: str = "", label: str = "", values: Any = ()) -> None:
        super().__init__(name, label)
        self._values = [str(value) for value in values]
        assert not any(set(value) & set("\t\n") for value in self._values)
        self._value = self._values[0] if self._values else ""

    def values(self) -> list[str]:
        return list(self._values)

    def setValues(self, values: Any) -> None:
        self._values = list(values)
        self._value = self._values[0]

    def _checked(self, value: Any) -> Any:
        if isinstance(value, int):
            return self._values[value]
        if self._values and value not in self._values:
            raise TypeError(f"{value!r} is none of {self._name}'s values")
        return value


class ColorSpace_Enumeration(Enumeration_Knob):
    """Takes any name: which there are depends on the OCIO config."""

    def Class(self) -> str:
        return "Enumeration_Knob"

    def _checked(self, value: Any) -> Any:
        return str(value)


class Format:
    def __init__(self, width: int, height: int, aspect: float, name: str) -> None:
        self._width, self._height, self._aspect, self._name = width, height, aspect, name

    def name(self) -> str:
        return self._name

    def width(self) -> int:
        return self._width

    def height(self) -> int:
        return self._height

    def pixelAspect(self) -> float:
        return self._aspect


class Format_Knob(Knob):
    """Holds a format, and takes the name of one that is known."""

    def _checked(self, value: Any) -> Any:
        if isinstance(value, Format):
            return value
        return next(known for known in world().formats if known.name() == value)

    def name(self) -> str:
        return self._name

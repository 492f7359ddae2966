"""``nuke.rotopaint`` of the tests. Names are Nuke's own.

Keys are smooth until they are told otherwise. With ``FAKE_NUKE=copies`` a key that is asked for is a copy, so that
nothing tells it: the reference does not say which it is.
"""

from __future__ import annotations

import copy
import os
from typing import Any

from ._scene import touch, world

COPIES = os.environ.get("FAKE_NUKE") == "copies"


class InterpolationType:
    eCubicInterpolationType = 0  # noqa: N815 - Nuke's name
    eLinearInterpolationType = 1  # noqa: N815 - Nuke's name
    eStepInterpolationType = 2  # noqa: N815 - Nuke's name


class CVec2:
    __slots__ = ("x", "y")

    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = float(x), float(y)


class AnimCurveKey:
    __slots__ = ("interpolationType", "time", "value")

    def __init__(self, time: float, value: float) -> None:
        self.time, self.value = time, value
        self.interpolationType = InterpolationType.eCubicInterpolationType


class AnimCurve:
    __slots__ = ("_keys",)

    def __init__(self) -> None:
        self._keys: list[AnimCurveKey] = []

    def set(self, time: float, value: float) -> None:
        self._keys = sorted([key for key in self._keys if key.time != time] + [AnimCurveKey(time, value)], key=_time)

    def getNumberOfKeys(self) -> int:  # noqa: N802 - Nuke's name
        return len(self._keys)

    def getKey(self, index: int) -> AnimCurveKey:  # noqa: N802 - Nuke's name
        return copy.copy(self._keys[index]) if COPIES else self._keys[index]

    def times(self) -> list[float]:
        return [key.time for key in self._keys]

    def evaluate(self, time: float) -> float:
        before = [key for key in self._keys if key.time <= time]
        after = [key for key in self._keys if key.time > time]
        if not before or not after:
            return (before or after)[-1 if before else 0].value
        left, right = before[-1], after[0]
        share = (time - left.time) / (right.time - left.time)
        if left.interpolationType == InterpolationType.eCubicInterpolationType:
            share = share * share * (3 - 2 * share)
        return left.value + (right.value - left.value) * share


def _time(key: AnimCurveKey) -> float:
    return key.time


class AnimControlPoint:
    __slots__ = ("_curves",)

    def __init__(self) -> None:
        self._curves = (AnimCurve(), AnimCurve())

    def addPositionKey(self, time: float, position: CVec2) -> None:  # noqa: N802 - Nuke's name
        assert isinstance(position, CVec2)
        self._curves[0].set(time, position.x)
        self._curves[1].set(time, position.y)

    def getPositionAnimCurve(self, index: int) -> AnimCurve:  # noqa: N802 - Nuke's name
        return self._curves[index]

    def getControlPointKeyTimes(self) -> list[float]:  # noqa: N802 - Nuke's name
        return self._curves[0].times()

    def getPosition(self, time: float) -> CVec2:  # noqa: N802 - Nuke's name
        return CVec2(self._curves[0].evaluate(time), self._curves[1].evaluate(time))


class ShapeControlPoint:
    __slots__ = (
        "center",
        "featherCenter",
        "featherLeftTangent",
        "featherRightTangent",
        "leftTangent",
        "rightTangent",
    )

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, AnimControlPoint())


class AnimAttributes:
    kRedOverlayAttribute = "ro"  # noqa: N815 - Nuke's name
    kGreenOverlayAttribute = "go"  # noqa: N815 - Nuke's name
    kBlueOverlayAttribute = "bo"  # noqa: N815 - Nuke's name
    kBlendingModeAttribute = "bm"  # noqa: N815 - Nuke's name
    kOpacityAttribute = "opc"  # noqa: N815 - Nuke's name
    __slots__ = ("constants", "keyed")

    def __init__(self) -> None:
        self.constants: dict[str, float] = {"bm": 0}
        self.keyed: dict[str, dict[float, float]] = {}

    def set(self, *what: Any) -> None:
        if len(what) == 2:
            self.constants[what[0]] = what[1]
        else:
            self.keyed.setdefault(what[1], {})[what[0]] = what[2]


class AnimCTransform:
    __slots__ = ("_moved",)

    def __init__(self) -> None:
        self._moved = False

    def isDefault(self) -> bool:  # noqa: N802 - Nuke's name
        return not self._moved

    def addTranslationKey(self, time: float, x: float, y: float, z: float) -> None:  # noqa: N802 - Nuke's name
        del time
        self._moved = self._moved or (x, y, z) != (0, 0, 0)


class _Element:
    __slots__ = ("_inside", "_transform", "_visible", "name")

    def __init__(self, knob: CurveKnob) -> None:
        assert isinstance(knob, CurveKnob)
        self.name = ""
        self._inside: list[Any] = []
        self._transform = AnimCTransform()
        self._visible: dict[float, bool] = {}

    def append(self, element: Any) -> None:
        self._set([*self._inside, element])

    def _set(self, inside: list[Any]) -> None:
        before, self._inside = self._inside, inside

        def back() -> None:
            self._inside = before

        world().undos.did(back)

    def getTransform(self) -> AnimCTransform:  # noqa: N802 - Nuke's name
        return self._transform

    def getVisible(self, time: float) -> bool:  # noqa: N802 - Nuke's name
        return self._visible.get(time, True)

    def setVisible(self, time: float, value: bool) -> None:  # noqa: N802 - Nuke's name
        self._visible[time] = value

    def __iter__(self) -> Any:
        touch()
        return iter(self._inside)

    def __len__(self) -> int:
        return len(self._inside)


class Layer(_Element):
    __slots__ = ()

    def removeAll(self) -> None:  # noqa: N802 - Nuke's name
        self._set([])


class Shape(_Element):
    __slots__ = ("_attributes",)

    def __init__(self, knob: CurveKnob) -> None:
        super().__init__(knob)
        self._attributes = AnimAttributes()

    def getAttributes(self) -> AnimAttributes:  # noqa: N802 - Nuke's name
        return self._attributes


class CurveKnob:
    __slots__ = ("_is_placed", "fresh", "rootLayer")

    def __init__(self) -> None:
        self.rootLayer = Layer(self)
        self.fresh = False

    def changed(self) -> None:
        self.fresh = True

"""``nukescripts`` of the tests: the panel, by the names that Nuke's own ``nukescripts/panels.py`` documents."""

from __future__ import annotations

from typing import Any

from nuke._scene import touch, world


class PythonPanel:
    def __init__(self, title: str = "", id: str = "", scrollable: bool = True) -> None:  # noqa: A002
        self._title, self._id, self._scrollable = title, id, scrollable
        self._knobs: list[Any] = []

    def addKnob(self, knob: Any) -> Any:  # noqa: N802 - Nuke's name
        touch()
        assert knob.name() not in self.knobs(), f"two knobs {knob.name()}"
        self._knobs.append(knob)
        return knob

    def removeKnob(self, knob: Any) -> None:  # noqa: N802
        self._knobs.remove(knob)

    def knobs(self) -> dict[str, Any]:
        return {knob.name(): knob for knob in self._knobs}

    def setMinimumSize(self, width: int, height: int) -> None:  # noqa: N802
        assert width > 0
        assert height > 0

    def showModalDialog(self) -> bool:  # noqa: N802
        world().panels.append(self)
        return bool(world().open_panel(self))

    def knobChanged(self, knob: Any) -> None:  # noqa: N802
        raise NotImplementedError(knob)

"""What CueGUI loads: one menu in the menu of a job."""

from __future__ import annotations

from typing import Any

from cuegui.cueguiplugin import CueGuiPlugin  # pyright: ignore[reportMissingImports] - where this folder lies

from .menu import menu_of


class ShotmillPlugin(CueGuiPlugin):
    """Shotmill's part of the menu. CueGUI makes one each time somebody right-clicks a job."""

    def __init__(self, job: Any = None, parent: Any = None, config: Any = None) -> None:
        super().__init__(job=job, parent=parent, config=config)
        self._menu: Any = None

    def menuAction(self) -> list[Any]:  # noqa: N802 - CueGUI's name
        """What CueGUI adds to the job's menu; nothing where the job is not Shotmill's."""
        self._menu = menu_of(self._job, self._parent, self._config)  # CueGUI's menu does not own what it shows
        return [self._menu.menuAction()] if self._menu is not None else []


# CueGUI looks for this name. A class that is itself called Plugin would get one entry that runs launch_subprocess().
Plugin = ShotmillPlugin

"""``rv.rvtypes``: what a mode is made of."""

from __future__ import annotations

from typing import Any

from . import commands


class MinorMode:
    """Defines a mode with its bindings and its menu, as RV's own does."""

    def __init__(self) -> None:
        self._modeName = ""
        self._menu: Any = None

    def init(self, name: str, globalBindings: Any, overrideBindings: Any, menu: Any = None, sortKey: Any = None,
             ordering: int = 0) -> None:  # fmt: skip
        self._modeName = name
        commands.defineMinorMode(name, sortKey, ordering)
        for bindings in (globalBindings, overrideBindings):
            for event, func, doc in bindings or ():
                commands.bind(name, "global", event, func, doc)
        self._menu = menu or []
        commands.defineModeMenu(name, self._menu, False)

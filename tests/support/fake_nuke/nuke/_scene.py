"""What the tests' Nuke holds beside its nodes: who may touch them, what waits, and what can be undone."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 600.0


class Undos:
    """Steps that can be undone; what happens outside of a group is a step of its own."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, list[Callable[[], None]]]] = []
        self._open: list[Callable[[], None]] | None = None
        self._name = ""
        self._muted = False

    def did(self, back: Callable[[], None]) -> None:
        touch()
        if self._muted:
            return
        if self._open is None:
            self.steps.append(("", [back]))
        else:
            self._open.append(back)

    def begin(self) -> None:
        assert self._open is None, "an undo group in another"
        self._open, self._name = [], ""

    def name(self, text: str) -> None:
        self._name = text

    def end(self) -> None:
        assert self._open is not None, "no undo group to end"
        if self._open:
            self.steps.append((self._name, self._open))
        self._open = None

    def cancel(self) -> None:
        assert self._open is not None, "no undo group to cancel"
        group, self._open = self._open, None
        self._back(group)

    def undo(self) -> None:
        self._back(self.steps.pop()[1])

    def _back(self, group: list[Callable[[], None]]) -> None:
        self._muted = True
        for back in reversed(group):
            back()
        self._muted = False


class World:
    """All that changes while Nuke runs."""

    def __init__(self) -> None:
        self.main = threading.current_thread()
        self.waiting: queue.Queue[Callable[[], Any]] = queue.Queue()
        self.undos = Undos()
        self.said: list[str] = []  # what people were shown
        self.answers: list[bool] = []  # that they give to questions, in order
        self.tasks: list[Any] = []
        self.panels: list[Any] = []
        self.open_panel: Callable[[Any], bool] = lambda _panel: False  # what people do with it; whether they say OK
        self.frame = 1
        self.views = ["main"]
        self.menus: dict[str, Any] = {}
        self.groups: list[Any] = []  # that were begun
        self.root: Any = None
        self.viewer: Any = None
        self.plugin_path: list[str] = []
        self.formats: list[Any] = []

    def run_until(self, holds: Callable[[], object]) -> None:
        """Do what waits for the main thread, as Nuke does while it is idle."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, "waited in vain"
            try:
                self.waiting.get(timeout=0.05)()
            except queue.Empty:
                continue


_WORLD = [World()]


def world() -> World:
    return _WORLD[0]


def anew() -> World:
    _WORLD[0] = World()
    return _WORLD[0]


def touch() -> None:
    """Nodes and knobs are touched in the main thread alone."""
    assert threading.current_thread() is world().main, "a node was touched outside of Nuke's main thread"

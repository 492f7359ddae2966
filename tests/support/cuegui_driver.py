"""Runs inside CueGUI's own Python: its real list of jobs, without a screen, and hands that do what they are told.

A line of JSON on standard input is an order, a line on standard output what became of it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

REPLIES = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # CueGUI prints, too


def module(name: str) -> Any:
    """A module of CueGUI's, which is not installed where types are checked."""
    return import_module(name)


if "COVERAGE_PROCESS_CONFIG" in os.environ:
    module("coverage").process_startup()
App = module("cuegui.App")
ActionRunner = module("cuegui.ActionRunner")
ThreadPool = module("cuegui.ThreadPool")
Layout = module("cuegui.Layout")
Style = module("cuegui.Style")
api = module("opencue.api")
QtCore: Any = module("qtpy.QtCore")
QtGui: Any = module("qtpy.QtGui")
QtWidgets: Any = module("qtpy.QtWidgets")

PATIENCE_S = 90.0
TICK_MS = 5


class Hands:
    """What a wrangler does, and sees."""

    def __init__(self) -> None:
        self.app: Any = App.create_app(["cuegui"])
        self.app.threadpool = ThreadPool.ThreadPool(3, parent=self.app)
        self.app.action_runner = ActionRunner.ActionRunner(parent=self.app)
        self.app.settings = Layout.startup("Cuetopia")
        Style.init()
        self.window: Any = QtWidgets.QMainWindow()
        self.tree: Any = module("cuegui.JobMonitorTree").JobMonitorTree(self.window)
        self.window.setCentralWidget(self.tree)
        self.window.resize(1100, 620)
        self.window.show()
        self.opened: list[str] = []
        self.desktop = Desktop(self.opened)
        QtGui.QDesktopServices.setUrlHandler("file", self.desktop, "take")
        self.longest_ms = 0.0
        self._last = time.monotonic()
        self._clock: Any = QtCore.QTimer()
        self._clock.timeout.connect(self._tick)
        self._clock.start(TICK_MS)

    def _tick(self) -> None:
        now = time.monotonic()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000)
        self._last = now

    def until(self, holds: Callable[[], object]) -> bool:
        """Let CueGUI live until something holds."""
        ends = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > ends:
                return False
            self.app.processEvents(QtCore.QEventLoop.AllEvents, 20)
            time.sleep(0.002)
        return True

    def watch(self, jobs: list[str]) -> dict[str, Any]:
        """Put jobs into the list."""
        self.tree.removeAllItems()
        for job_id in jobs:
            self.tree.addJob(api.getJob(job_id))
        self.until(lambda: self.tree.tick() or len(self._items()) == len(jobs))
        return {"listed": [item.rpcObject.data.name for item in self._items()]}

    def _items(self) -> list[Any]:
        return [self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount())]

    def command(self, jobs: list[str]) -> dict[str, Any]:
        """Go over to CueCommander's list."""
        commander = module("cuegui.CueJobMonitorTree")
        self.tree = commander.CueJobMonitorTree(self.window)
        self.window.setCentralWidget(self.tree)
        for job_id in jobs:
            commander.JobWidgetItem(api.getJob(job_id), self.tree.invisibleRootItem())
        return {"listed": len(self._items())}

    def menu(self, jobs: list[str], choose: str = "", picture: str = "", settle: bool = True) -> dict[str, Any]:
        """Right-click jobs; what Shotmill shows there, and the choice of an entry."""
        self.tree.clearSelection()
        chosen = [item for item in self._items() if item.rpcObject.data.id in jobs]
        for item in chosen:
            item.setSelected(True)
        seen: dict[str, Any] = {}
        QtCore.QTimer.singleShot(0, lambda: self._in_menu(seen, choose, picture, settle))
        place = self.tree.visualItemRect(chosen[0]).center()
        event = QtGui.QContextMenuEvent(QtGui.QContextMenuEvent.Mouse, place, self.tree.viewport().mapToGlobal(place))
        self.longest_ms, self._last = 0.0, time.monotonic()
        self.app.sendEvent(self.tree.viewport(), event)
        return seen

    def _in_menu(self, seen: dict[str, Any], choose: str, picture: str, settle: bool) -> None:
        popup: Any = self.app.activePopupWidget()
        if popup is None:
            QtCore.QTimer.singleShot(10, lambda: self._in_menu(seen, choose, picture, settle))
            return
        actions = [action for action in popup.actions() if action.text().startswith("Shotmill")]
        seen["all"] = [action.text() for action in popup.actions() if action.text()]
        for action in actions:
            entries: Any = action.menu()
            begun = action.text()
            if settle and entries.actions():
                self.until(
                    lambda: action.text() != begun or all(entry.isEnabled() for entry in entries.actions())  # noqa: B023 - at once
                )
            seen["title"] = action.text()
            seen["enabled"] = action.isEnabled()
            seen["entries"] = {entry.text(): entry.isEnabled() for entry in entries.actions()}
            if picture:
                popup.setActiveAction(action)
                self.until(entries.isVisible)
                popup.grab().save(picture + "-job.png")
                entries.grab().save(picture + "-entries.png")
            for entry in entries.actions():
                if choose and entry.text() == choose:
                    entry.trigger()
        popup.close()

    def _dialog(self) -> Any:
        shown = [one for one in self.app.topLevelWidgets() if hasattr(one, "headline") and one.isVisible()]
        return shown[-1] if shown else None

    def dialog(self, picture: str = "") -> dict[str, Any]:
        """What the window says once it no longer waits; nothing: it has closed itself."""
        self.until(lambda: self._dialog() is None or not self._dialog().waiting.isVisible())
        found = self._dialog()
        if found is None:
            return {}
        if picture:
            found.grab().save(picture)
        return {
            "title": found.windowTitle(),
            "headline": found.headline.text(),
            "body": found.body.toPlainText(),
            "buttons": sorted(button.text().replace("&", "") for button in found.buttons.buttons()),
        }

    def press(self, button: str) -> dict[str, Any]:
        """Press a button of the window."""
        for one in self._dialog().buttons.buttons():
            if one.text().replace("&", "") == button:
                one.click()
                return {"pressed": True}
        return {"pressed": False}

    def close(self) -> dict[str, Any]:
        """Close the window."""
        self._dialog().close()
        self.until(lambda: self._dialog() is None)
        return {}

    def seen(self) -> dict[str, Any]:
        """What the desktop was asked to open, and the longest time for which CueGUI stood still."""
        return {"opened": self.opened, "longest_ms": self.longest_ms}

    def run(self) -> None:
        """Do as told until nobody tells any more."""
        for line in sys.stdin:
            order = json.loads(line)
            reply = getattr(self, order.pop("do"))(**order)
            print(json.dumps(reply), file=REPLIES, flush=True)


class Desktop(QtCore.QObject):
    """Takes what is opened."""

    def __init__(self, opened: list[str]) -> None:
        super().__init__()
        self.list = opened

    @QtCore.Slot("QUrl")
    def take(self, url: Any) -> None:
        self.list.append(url.toLocalFile())


if __name__ == "__main__":
    Hands().run()
    os._exit(0)  # what hangs in a thread, as a call to a dead Cuebot, shall not hold up a test

"""Runs the real ``deadline`` command in its own Python, beside hands that work in its window as they are told.

``python deadline_gui_driver.py DEADLINE bundle gui-submit BUNDLE``: a line of JSON on standard input is an order, a
line on standard output what became of it. What the command prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import threading
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any

REPLIES = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
PATIENCE_S = 90.0
TICK_MS = 20
Step = tuple[Callable[[], object], Callable[[], dict[str, Any]]]  # what to wait for, and what to say then


def module(name: str) -> Any:
    """A module of that Python's, which is not installed where types are checked."""
    return import_module(name)


QtCore: Any = module("qtpy.QtCore")
QtTest: Any = module("qtpy.QtTest")
QtWidgets: Any = module("qtpy.QtWidgets")


class Hands(QtCore.QObject):
    """What an artist does in the window, and sees. It waits in no loop of its own: windows that ask have theirs."""

    ordered = QtCore.Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        self.ordered.connect(self.obey)  # by the window's own loop, once that runs
        self._clock: Any = None
        self._holds: Callable[[], object] = bool
        self._reply: Callable[[], dict[str, Any]] = dict
        self._ends = 0.0

    @QtCore.Slot(dict)
    def obey(self, order: dict[str, Any]) -> None:
        """Do as told; what became of it is said as soon as that is known."""
        self._holds, self._reply = self._whole(getattr(self, order.pop("do")), **order)
        self._ends = time.monotonic() + PATIENCE_S
        if self._clock is None:
            self._clock = QtCore.QTimer(self)
            self._clock.timeout.connect(self._look)
        self._clock.start(TICK_MS)

    def _look(self) -> None:
        if self._whole(self._holds) or time.monotonic() > self._ends:
            self._clock.stop()
            print(json.dumps(self._whole(self._reply)), file=REPLIES, flush=True)

    def _whole(self, work: Callable[..., Any], **order: Any) -> Any:
        """What some work gives; the program ends, and says why, when it cannot be done."""
        try:
            return work(**order)
        except Exception:  # noqa: BLE001 - Qt would go on, and the test wait for ever
            traceback.print_exc()
            os._exit(1)

    def shown(self, kind: str) -> Any:
        """The window of that class, if it is to be seen."""
        found = [one for one in QtWidgets.QApplication.topLevelWidgets() if type(one).__name__ == kind]
        return next((one for one in found if one.isVisible()), None)

    @property
    def window(self) -> Any:
        """Where the job is looked at before it is submitted."""
        return self.shown("SubmitJobToDeadlineDialog")

    def see(self, picture: str) -> Step:
        """All that the window shows of the job, once it can be submitted; a picture of each page."""
        return lambda: self.window and self.window.submit_button.isEnabled(), lambda: self._seen(picture)

    def _seen(self, picture: str) -> dict[str, Any]:
        shared = self.window.shared_job_settings.shared_job_properties_box
        return {
            "pages": dict(self._page(index, picture) for index in range(self.window.tabs.count())),
            "can submit": self.window.submit_button.isEnabled(),
            "name": shared.sub_name_edit.text(),
            "priority": shared.priority_box.value(),
            "parameters": {one["name"]: one["value"] for one in self.window.job_settings.get_parameters()},
            "hosts": self.window.host_requirements.get_requirements(),
        }

    def _page(self, index: int, picture: str) -> tuple[str, list[str]]:
        """The title of a page, and the words in its fields."""
        tabs = self.window.tabs
        tabs.setCurrentIndex(index)
        self.window.grab().save(f"{picture}-{index}.png")
        fields = [one for one in tabs.currentWidget().findChildren(QtWidgets.QLineEdit) if one.isVisible()]
        return tabs.tabText(index), [one.text() for one in fields]

    def submit(self, picture: str) -> Step:
        """Press Submit; the job, or what is asked before."""
        self._click(self.window.submit_button)
        return self._outcome, lambda: self._told(picture)

    def agree(self, picture: str) -> Step:
        """Say yes to what is asked; as ``submit``."""
        self._click(self._question.buttons.button(QtWidgets.QDialogButtonBox.Ok))
        return self._outcome, lambda: self._told(picture)

    @property
    def _question(self) -> Any:
        return self.shown("_JobSumissionWarningDialog") or self.shown("QMessageBox")

    def _outcome(self) -> object:
        return self.window.job_id or self._question

    def _told(self, picture: str) -> dict[str, Any]:
        question, progress = self._question, self.shown("SubmitJobProgressDialog")
        (question or progress).grab().save(f"{picture}.png")
        asks = "" if question is None else getattr(question, "message", "") or question.text()
        return {"job": self.window.job_id, "asks": asks, "says": progress.submission_log.toPlainText()}

    def close(self) -> Step:
        """Press OK, and close the window; the command ends."""
        window, progress = self.window, self.shown("SubmitJobProgressDialog")
        self._click(progress.button_box.button(QtWidgets.QDialogButtonBox.Ok))
        QtCore.QTimer.singleShot(2 * TICK_MS, window.close)
        return lambda: True, dict

    def _click(self, button: Any) -> None:
        QtTest.QTest.mouseClick(button, QtCore.Qt.LeftButton)


def _listen(hands: Hands) -> None:
    for line in sys.stdin:
        hands.ordered.emit(json.loads(line))


if __name__ == "__main__":
    threading.Thread(target=_listen, args=(Hands(),), daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")

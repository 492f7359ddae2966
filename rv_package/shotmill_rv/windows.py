"""Windows and the timer: the only place that touches Qt. None of them stops RV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shotmill_client import Client, ClientError
from shotmill_qt import Facts, FormDialog, JobsPanel, VersionsBrowser, fault_box
from shotmill_qt.qt import QtCore, QtWidgets


class Windows:
    """The windows of one mode; they are kept until they are closed."""

    def __init__(self) -> None:
        self._kept: list[Any] = []

    def timer(self, tick: Callable[[], int]) -> Any:
        """Call something again and again; it says after how many milliseconds."""
        timer = QtCore.QTimer()
        timer.timeout.connect(lambda: timer.setInterval(tick()))
        timer.start(0)
        return timer

    def form(self, client: Client, job_type: str, facts: Facts, on: dict[str, Callable[[Any], None]]) -> Any:
        """Show the form of a job type; ``on`` is called by the names of its signals."""
        return self._show(_connected(FormDialog(client, job_type, facts, None), on))

    def panel(self, client: Client, on: dict[str, Callable[[dict[str, Any]], None]]) -> Any:
        """The panel of jobs, not shown yet: it watches all the same. ``on`` is called by the names of its signals."""
        panel = JobsPanel(client, None, app="rv", frames=True)
        panel.setWindowTitle("Shotmill: jobs")
        return _connected(panel, on)

    def browser(self, client: Client, on: dict[str, Callable[[dict[str, Any]], None]]) -> Any:
        """The browser of versions, not shown yet."""
        browser = VersionsBrowser(client, None)
        browser.setWindowTitle("Shotmill: versions")
        return _connected(browser, on)

    def complain(self, fault: ClientError) -> None:
        """Say why something did not work; the sentence can be copied."""
        self._show(fault_box(fault, None))

    def ask_text(self, title: str, label: str, text: str, accepted: Callable[[str], None]) -> Any:
        """Ask for a text."""
        dialog = QtWidgets.QInputDialog()
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        dialog.setTextValue(text)
        dialog.textValueSelected.connect(accepted)
        return self._show(dialog)

    def ask_yes(self, title: str, text: str, accepted: Callable[[], None]) -> Any:
        """Ask whether to go on."""
        box = QtWidgets.QMessageBox()
        box.setWindowTitle(title)
        box.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        box.setText(text)
        yes = QtWidgets.QMessageBox.StandardButton.Ok
        box.setStandardButtons(yes | QtWidgets.QMessageBox.StandardButton.Cancel)
        box.accepted.connect(accepted)
        return self._show(box)

    def _show(self, window: Any) -> Any:
        self._kept.append(window)
        window.finished.connect(lambda _code: self._drop(window))
        window.show()
        return window

    def _drop(self, window: Any) -> None:
        if window in self._kept:
            self._kept.remove(window)


def _connected(window: Any, on: dict[str, Callable[[Any], None]]) -> Any:
    for name, call in on.items():
        getattr(window, name).connect(call)
    return window

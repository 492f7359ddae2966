"""A host with Qt and without a screen: its dark palette, its event loop, and children that are slow or broken."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fake_children import stand_in
from PySide6 import QtCore, QtGui, QtWidgets

from shotmill.submitters.client import Client

PATIENCE_S = 60.0  # a loaded machine takes its time; what is never true fails the test
DARK = {  # as RV and Nuke have it
    "Window": "#323232", "WindowText": "#d6d6d6", "Base": "#262626", "AlternateBase": "#2c2c2c", "Text": "#dcdcdc",
    "Button": "#3d3d3d", "ButtonText": "#dcdcdc", "Highlight": "#3f6ea5", "HighlightedText": "#ffffff",
    "ToolTipBase": "#262626", "ToolTipText": "#dcdcdc", "PlaceholderText": "#8a8a8a", "Link": "#7fb2ea",
}  # fmt: skip
DIM = "#7a7a7a"


def start_app() -> QtWidgets.QApplication:
    """The one application of this process, dark as hosts are."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    found = QtWidgets.QApplication.instance()
    if isinstance(found, QtWidgets.QApplication):
        return found
    app = QtWidgets.QApplication(["host"])
    app.setStyle("Fusion")
    app.setFont(QtGui.QFont("DejaVu Sans", 9))
    app.setPalette(dark_palette())
    return app


def dark_palette() -> QtGui.QPalette:
    """Grey on black, as hosts for pictures have it."""
    palette = QtGui.QPalette()
    for name, colour in DARK.items():
        palette.setColor(QtGui.QPalette.ColorRole[name], QtGui.QColor(colour))
    for name in ("WindowText", "Text", "ButtonText"):
        palette.setColor(QtGui.QPalette.ColorGroup.Disabled, QtGui.QPalette.ColorRole[name], QtGui.QColor(DIM))
    return palette


def turn_until(true: Callable[[], Any], why: Callable[[], str] = lambda: "") -> None:
    """Let the host's loop turn until something is so."""
    ends = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < ends, f"it never came to that; {why()}"
        QtWidgets.QApplication.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.002)
    QtWidgets.QApplication.processEvents()


def real_client(home: Path, **environ: str) -> Client:
    """A client of the Shotmill that is tested, with a home of its own."""
    return Client("rv", "2025.1", python=sys.executable, environ={**os.environ, "SHOTMILL_HOME": str(home), **environ})


def scripted_client(folder: Path, script: str) -> Client:
    """A client whose child is a shell script; its ``$question`` is the question's text. Once more: another script."""
    return Client("rv", "2025.1", python=str(stand_in(folder / "python", f"read -r question\n{script}")))


def told(value: Any) -> str:
    """A line of shell that answers with this value."""
    text = json.dumps({"type": "result", "ok": True, "value": value})
    return f"cat <<'END'\n{text}\nEND"


def on(op: str, then: str) -> str:
    """Shell for one operation."""
    return f"""case "$question" in *'"op": "{op}"'*)\n{then}\n;; esac"""

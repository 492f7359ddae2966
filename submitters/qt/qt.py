"""The Qt that the host has: PySide6, else PySide2. All else in this folder imports it from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6 import QtCore, QtGui, QtWidgets
else:
    try:
        from PySide6 import QtCore, QtGui, QtWidgets
    except ImportError:
        from PySide2 import QtCore, QtGui, QtWidgets

__all__ = ["QAction", "QShortcut", "QtCore", "QtGui", "QtWidgets", "add_shortcut", "run_dialog"]

QAction = getattr(QtGui, "QAction", None) or QtWidgets.QAction  # type: ignore[attr-defined]  # it moved in Qt 6
QShortcut = getattr(QtGui, "QShortcut", None) or QtWidgets.QShortcut  # type: ignore[attr-defined]  # same


def add_shortcut(keys: str, widget: QtWidgets.QWidget, do: Callable[[], None]) -> None:
    """Do something when keys are pressed in a widget or what is inside of it."""
    shortcut = QShortcut(QtGui.QKeySequence(keys), widget)
    shortcut.setContext(QtCore.Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(do)


def run_dialog(dialog: QtWidgets.QDialog) -> int:
    """Show a dialog until it is closed; the host's loop goes on. Returns what ``exec`` does."""
    return int((getattr(dialog, "exec", None) or dialog.exec_)())

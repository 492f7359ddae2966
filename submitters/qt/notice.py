"""One sentence and what to do, in a window; it can be copied."""

from __future__ import annotations

from .looks import BAD, BUSY, GOOD, tint
from .neighbour import ClientError
from .qt import QtCore, QtWidgets
from .words import told_fault

__all__ = ["BAD", "BUSY", "GOOD", "Notice", "fault_box"]


class Notice(QtWidgets.QWidget):
    """A line below a form: how it stands, or what went wrong and what to do."""

    def __init__(self) -> None:
        super().__init__()
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.label = QtWidgets.QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        flag = QtCore.Qt.TextInteractionFlag
        self.label.setTextInteractionFlags(flag.TextSelectableByMouse | flag.TextSelectableByKeyboard)
        row.addWidget(self.label, 1)
        self.copy_button = QtWidgets.QPushButton("Copy")
        self.copy_button.setAutoDefault(False)
        self.copy_button.setToolTip("Copy this sentence, to ask somebody")
        self.copy_button.clicked.connect(self.copy)
        row.addWidget(self.copy_button, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        self.say("")

    def say(self, text: str, look: str = "") -> None:
        """Show a sentence; bad ones can be copied."""
        self.label.setText(text)
        self.setVisible(bool(text))
        tint(self.label, look)
        self.copy_button.setVisible(look == BAD and bool(text))

    def blame(self, fault: ClientError) -> None:
        """Show what went wrong and what to do."""
        self.say(told_fault(fault.code, fault.message, fault.hint), BAD)

    def copy(self) -> None:
        """Put the sentence on the clipboard."""
        QtWidgets.QApplication.clipboard().setText(self.label.text())


def fault_box(fault: ClientError, parent: QtWidgets.QWidget | None) -> QtWidgets.QMessageBox:
    """A box that says why Shotmill cannot be asked at all; ``open`` shows it."""
    box = QtWidgets.QMessageBox(parent)
    box.setIcon(QtWidgets.QMessageBox.Icon.Warning)
    box.setWindowTitle("Shotmill")
    box.setTextFormat(QtCore.Qt.TextFormat.PlainText)
    box.setText(told_fault(fault.code, fault.message, fault.hint))
    box.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
    return box

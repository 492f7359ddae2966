"""How problems, headings and dim words look, in the host's own palette."""

from __future__ import annotations

from .qt import QtCore, QtGui, QtWidgets

HALF = 128  # of a byte
LOUD = 0.65  # of dim words, where 1 is text and 0 the ground
_TEXT = QtGui.QPalette.ColorRole.WindowText
GOOD, BAD, BUSY = "good", "bad", "busy"
_ON_DARK = {GOOD: "#7fc98b", BAD: "#ff8a7a", BUSY: "#e8b660"}
_ON_LIGHT = {GOOD: "#1e7b34", BAD: "#b3261e", BUSY: "#8a5a00"}


def tone(palette: QtGui.QPalette, name: str) -> QtGui.QColor:
    """A colour for words that are good, bad or busy, read on the host's background."""
    dark = palette.color(QtGui.QPalette.ColorRole.Window).lightness() < HALF
    return QtGui.QColor((_ON_DARK if dark else _ON_LIGHT)[name])


def tint(widget: QtWidgets.QWidget, name: str) -> None:
    """Give a widget's words such a colour; an empty name gives them the host's again."""
    palette = QtGui.QPalette(QtWidgets.QApplication.palette(widget))
    if name:
        palette.setColor(QtGui.QPalette.ColorRole.WindowText, tone(palette, name))
    widget.setPalette(palette)


def mark_problem(widget: QtWidgets.QWidget, *, wrong: bool) -> None:
    """Colour what people have typed wrong, without a style sheet: those of hosts would fight it."""
    palette = QtGui.QPalette(QtWidgets.QApplication.palette(widget))
    if wrong:
        for role in (QtGui.QPalette.ColorRole.Text, QtGui.QPalette.ColorRole.ButtonText):
            palette.setColor(role, tone(palette, BAD))
    widget.setPalette(palette)


def bold(label: QtWidgets.QLabel) -> QtWidgets.QLabel:
    """The same label, as a heading."""
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def dim(label: QtWidgets.QLabel) -> QtWidgets.QLabel:
    """The same label, less loud, but still to be read."""
    palette = label.palette()
    palette.setColor(_TEXT, _dimmed(palette))
    label.setPalette(palette)
    return label


def path_line() -> QtWidgets.QLineEdit:
    """A line for a path, as quiet as a dim label: it can be copied, and a long one makes no window wider."""
    line = QtWidgets.QLineEdit()
    line.setReadOnly(True)
    line.setFrame(False)
    line.setTextMargins(-2, 0, 0, 0)  # what a line keeps free by itself, and a label does not
    line.setFocusPolicy(QtCore.Qt.FocusPolicy.ClickFocus)
    palette = line.palette()
    palette.setColor(QtGui.QPalette.ColorRole.Base, palette.color(QtGui.QPalette.ColorRole.Window))
    palette.setColor(QtGui.QPalette.ColorRole.Text, _dimmed(palette))
    line.setPalette(palette)
    return line


def _dimmed(palette: QtGui.QPalette) -> QtGui.QColor:
    text, ground = (palette.color(role) for role in (_TEXT, QtGui.QPalette.ColorRole.Window))
    parts = zip((text.red(), text.green(), text.blue()), (ground.red(), ground.green(), ground.blue()))
    return QtGui.QColor(*(round(LOUD * one + (1 - LOUD) * other) for one, other in parts))

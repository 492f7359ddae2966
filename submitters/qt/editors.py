"""One editor for each type of a field; all have a value, a signal and a mark for what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .facts import Facts
from .looks import dim, mark_problem
from .qt import QtCore, QtWidgets
from .words import told_frames

LEAST, MOST = -(2**31) + 1, 2**31 - 1  # what Qt's spin boxes hold
DECIMALS = 6
SHOWN_CHOICES = 6  # rows of a list of choices
EMPTY = "empty:"  # a help text says behind it what happens then


class Editor(QtWidgets.QWidget):
    """A widget for one value.

    Args:
        field: as ``describe`` gives it.
        facts: what the host knows.
    """

    changed = QtCore.Signal()

    def __init__(self, field: Mapping[str, Any], facts: Facts) -> None:
        super().__init__()
        self.field = field
        self.facts = facts
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.row = row
        self.build()
        self.setToolTip(str(field.get("help") or ""))
        self.set_value(field.get("default"))

    def build(self) -> None:
        """Make the widgets."""
        raise NotImplementedError

    def value(self) -> Any:
        """What is filled in, as ``Form.set`` takes it."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Fill in."""
        raise NotImplementedError

    def mark(self, *, wrong: bool) -> None:
        """Show that there is a problem, or none."""
        mark_problem(self.focusProxy() or self, wrong=wrong)

    def problem_place(self, path: str) -> Editor:
        """The editor of a part, such as ``0.name`` of a list; else this one."""
        del path
        return self

    def take(self, widget: QtWidgets.QWidget) -> None:
        """Put the widget in that people type into; a wheel that scrolls the form changes nothing in it."""
        widget.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)
        self.row.addWidget(widget, 1)
        self.setFocusProxy(widget)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """Leave the wheel to the form, where the widget has no focus."""
        wheel = event.type() == QtCore.QEvent.Type.Wheel
        if wheel and isinstance(watched, QtWidgets.QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class TextEditor(Editor):
    """One line of text."""

    def build(self) -> None:
        """Make the line."""
        self.line = QtWidgets.QLineEdit()
        self.line.setPlaceholderText(_when_empty(self.field))
        self.line.textChanged.connect(lambda _text: self.changed.emit())
        self.take(self.line)

    def value(self) -> Any:
        """The text; None where nothing is filled in and nothing is the default."""
        text = self.line.text().strip()
        return None if not text and self.field.get("default") is None else text

    def set_value(self, value: Any) -> None:
        """Fill in."""
        self.line.setText("" if value is None else str(value))


def _when_empty(field: Mapping[str, Any]) -> str:
    found = str(field.get("help") or "").partition(EMPTY)[2]
    return found.partition(";")[0].strip()


class FramesEditor(TextEditor):
    """A frame range, read back beside it."""

    def build(self) -> None:
        """Make the line and its echo."""
        super().build()
        self.echo = dim(QtWidgets.QLabel())
        self.row.addWidget(self.echo)
        self.line.textChanged.connect(self._read_back)

    def mark(self, *, wrong: bool) -> None:
        """Show that there is a problem, which is told below, and not twice."""
        super().mark(wrong=wrong)
        self.echo.setVisible(not wrong)

    def _read_back(self, text: str) -> None:
        try:
            self.echo.setText(told_frames(text))
        except ValueError as error:
            self.echo.setText(str(error))


class NumberEditor(Editor):
    """A whole number, or any number, between its limits; may be left open where the default is."""

    box: Any

    def build(self) -> None:
        """Make the spin box."""
        self.whole = self.field["type"] == "integer"
        self.open = self.field.get("default") is None
        self.box = _WholeBox() if self.whole else _RealBox()
        low, high = self.field.get("minimum"), self.field.get("maximum")
        low, high = LEAST if low is None else low, MOST if high is None else high
        self.box.setRange(low - 1 if self.open else low, high)
        if self.open:
            needed = "needed" if self.field.get("required") else "automatic"
            self.box.setSpecialValueText(_when_empty(self.field) or needed)
        if self.field.get("unit"):
            self.box.setSuffix(f" {self.field['unit']}")
        self.box.valueChanged.connect(lambda _value: self.changed.emit())
        self.take(self.box)

    def value(self) -> Any:
        """The number; None where it is left open."""
        if self.open and self.box.value() == self.box.minimum():
            return None
        return int(self.box.value()) if self.whole else float(self.box.value())

    def set_value(self, value: Any) -> None:
        """Fill in."""
        self.box.setValue(self.box.minimum() if value is None else value)


class _WholeBox(QtWidgets.QSpinBox):
    """Groups no digits: frame numbers are names."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccelerated(True)


class _RealBox(QtWidgets.QDoubleSpinBox):
    """Shows as many digits as there are."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(DECIMALS)
        self.setStepType(QtWidgets.QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.setLocale(QtCore.QLocale.c())

    def textFromValue(self, val: float) -> str:
        """Without zeros behind."""
        return f"{val:.{DECIMALS}f}".rstrip("0").rstrip(".")


class SwitchEditor(Editor):
    """Yes or no."""

    def build(self) -> None:
        """Make the check box; what it means stands beside it."""
        self.box = QtWidgets.QCheckBox()
        self.box.setAccessibleName(str(self.field["label"]))
        self.box.toggled.connect(lambda _on: self.changed.emit())
        self.take(self.box)

    def value(self) -> bool:
        """Whether it is on."""
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        """Fill in."""
        self.box.setChecked(bool(value))


class ChoiceEditor(Editor):
    """One of several words."""

    def build(self) -> None:
        """Make the list that drops down."""
        self.box = QtWidgets.QComboBox()
        choices = list(self.field.get("choices") or [])
        if self.field.get("default") is None and None not in choices:
            choices.insert(0, None)
        for choice in choices:
            self.box.addItem("\u2013" if choice is None else str(choice), choice)
        self.box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.take(self.box)

    def value(self) -> Any:
        """The choice, of the type that ``choices`` has."""
        return self.box.currentData()

    def set_value(self, value: Any) -> None:
        """Fill in."""
        for index in range(self.box.count()):
            if self.box.itemData(index) == value:
                self.box.setCurrentIndex(index)


class ChoicesEditor(Editor):
    """Any of several words, with a box each."""

    def build(self) -> None:
        """Make the list."""
        self.list = QtWidgets.QListWidget()
        for choice in self.field.get("choices") or []:
            item = QtWidgets.QListWidgetItem(str(choice), self.list)
            item.setData(QtCore.Qt.ItemDataRole.UserRole, choice)
            item.setFlags(item.flags() | QtCore.Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(QtCore.Qt.CheckState.Unchecked)
        rows = min(SHOWN_CHOICES, max(2, self.list.count()))
        self.list.setFixedHeight(rows * max(18, self.list.sizeHintForRow(0)) + 6)
        self.list.itemChanged.connect(lambda _item: self.changed.emit())
        self.take(self.list)

    def _items(self) -> list[QtWidgets.QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def value(self) -> list[Any] | None:
        """Those with a tick, in the list's order; None where there is none, and nothing is the default."""
        on = QtCore.Qt.CheckState.Checked
        given = [item.data(QtCore.Qt.ItemDataRole.UserRole) for item in self._items() if item.checkState() == on]
        return None if not given and self.field.get("default") is None else given

    def set_value(self, value: Any) -> None:
        """Fill in."""
        state = QtCore.Qt.CheckState
        for item in self._items():
            chosen = item.data(QtCore.Qt.ItemDataRole.UserRole) in (value or [])
            item.setCheckState(state.Checked if chosen else state.Unchecked)


class SpaceEditor(Editor):
    """A colour space: typed, or picked from those that the host's config has."""

    def build(self) -> None:
        """Make the list that can be typed into."""
        self.box = QtWidgets.QComboBox()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QtWidgets.QComboBox.InsertPolicy.NoInsert)
        self.box.addItems([*(self.field.get("choices") or self.facts.colour_spaces)])
        line, completer = self.box.lineEdit(), self.box.completer()
        if line is not None and completer is not None:  # whatever can be typed into has both
            line.setPlaceholderText(_when_empty(self.field))
            completer.setFilterMode(QtCore.Qt.MatchFlag.MatchContains)
        self.box.editTextChanged.connect(lambda _text: self.changed.emit())
        self.take(self.box)

    def value(self) -> str:
        """The name."""
        return self.box.currentText().strip()

    def set_value(self, value: Any) -> None:
        """Fill in."""
        self.box.setEditText("" if value is None else str(value))


class PathEditor(TextEditor):
    """A file or a folder: typed, dropped or looked for."""

    def build(self) -> None:
        """Make the line and its button."""
        super().build()
        self.line.setDragEnabled(True)
        button = QtWidgets.QPushButton("Browse\u2026")
        button.setAutoDefault(False)
        button.clicked.connect(self._browse)
        self.row.addWidget(button)

    def _browse(self) -> None:
        mode = QtWidgets.QFileDialog.FileMode
        window = QtWidgets.QFileDialog(self, str(self.field["label"]))
        window.setFileMode(mode.Directory if self.field["type"] == "folder" else mode.ExistingFile)
        window.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        window.fileSelected.connect(self.line.setText)
        window.open()

"""Editors of values that hold values: lists, objects, and names with values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .editors import (
    ChoiceEditor,
    ChoicesEditor,
    Editor,
    FramesEditor,
    NumberEditor,
    PathEditor,
    SpaceEditor,
    SwitchEditor,
    TextEditor,
)
from .facts import Facts
from .qt import QtCore, QtWidgets

SHORT = 60  # characters of an entry in a list's heading


class ListEditor(Editor):
    """A list: an editor for each entry, a button to add one."""

    def build(self) -> None:
        """Make an empty list."""
        self.entries: list[_Entry] = []
        self.pile = QtWidgets.QVBoxLayout()
        self.pile.setContentsMargins(0, 0, 0, 0)
        noun = str(self.field["label"]).lower()
        noun = noun[:-1] if noun.endswith("s") else noun
        self.add_button = QtWidgets.QPushButton(f"Add {noun}")
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self._add_one)
        self.pile.addWidget(self.add_button, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        self.row.addLayout(self.pile, 1)
        self.setFocusProxy(self.add_button)

    def _add_one(self) -> None:
        entry = self._append()
        entry.editor.setFocus()
        self.changed.emit()

    def _append(self) -> _Entry:
        entry = _Entry(make_editor(self.field.get("item") or TEXT, self.facts), self._drop)
        entry.editor.changed.connect(self.changed)
        self.pile.insertWidget(len(self.entries), entry)
        self.entries.append(entry)
        return entry

    def _drop(self, entry: _Entry) -> None:
        self.entries.remove(entry)
        entry.setParent(None)
        entry.deleteLater()
        self.changed.emit()

    def value(self) -> list[Any] | None:
        """The entries' values, without those that are blank; None where there is none, and nothing is the default."""
        values = [entry.editor.value() for entry in self.entries]
        given = [value for value in values if value not in (None, "")]
        return None if not given and self.field.get("default") is None else given

    def set_value(self, value: Any) -> None:
        """Fill in."""
        for entry in list(self.entries):
            self._drop(entry)
        for one in value or []:
            self._append().editor.set_value(one)
        self.changed.emit()

    def problem_place(self, path: str) -> Editor:
        """The editor of the entry, or of a part of it."""
        index, _, rest = path.partition(".")
        filled = [entry for entry in self.entries if entry.editor.value() not in (None, "")]
        if index.isdigit() and int(index) < len(filled):
            return filled[int(index)].editor.problem_place(rest)
        return self


class _Entry(QtWidgets.QWidget):
    """One entry of a list, with the button that removes it."""

    def __init__(self, editor: Editor, drop: Callable[[_Entry], None]) -> None:
        super().__init__()
        self.editor = editor
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(editor, 1)
        button = QtWidgets.QToolButton()
        button.setText("\u2212")
        button.setToolTip("Remove")
        button.setAccessibleName("Remove")
        button.clicked.connect(lambda: drop(self))
        row.addWidget(button, 0, QtCore.Qt.AlignmentFlag.AlignTop)


class ObjectEditor(Editor):
    """A value of named parts, in a box."""

    def build(self) -> None:
        """Make an editor for each part."""
        box = QtWidgets.QGroupBox()
        form = QtWidgets.QFormLayout(box)
        self.parts: dict[str, Editor] = {}
        for part in self.field.get("fields") or []:
            editor = make_editor(part, self.facts)
            editor.changed.connect(self.changed)
            self.parts[str(part["name"])] = editor
            form.addRow(str(part["label"]), editor)
        self.row.addWidget(box, 1)
        first = next(iter(self.parts.values()), None)
        if first is not None:
            self.setFocusProxy(first)

    def value(self) -> Any:
        """The parts that differ from their defaults, and those that must be there; None where all are open."""
        found = {}
        for name, editor in self.parts.items():
            value = editor.value()
            if editor.field.get("required") or value != editor.field.get("default"):
                found[name] = value
        given = {name: value for name, value in found.items() if value not in (None, "", [], {})}
        return given if given or self.field.get("required") else None

    def set_value(self, value: Any) -> None:
        """Fill in; parts that are not given have their defaults."""
        given = value if isinstance(value, Mapping) else {}
        for name, editor in self.parts.items():
            editor.set_value(given.get(name, editor.field.get("default")))

    def problem_place(self, path: str) -> Editor:
        """The editor of the part."""
        name, _, rest = path.partition(".")
        return self.parts[name].problem_place(rest) if name in self.parts else self


class JsonEditor(TextEditor):
    """A value that no editor is made for: names with values, as JSON."""

    def build(self) -> None:
        """Make the line."""
        super().build()
        self.line.setPlaceholderText('{"name": "value"}')

    def value(self) -> Any:
        """What the JSON holds; text that is none is given on, for Shotmill to say what is wrong."""
        text = self.line.text().strip()
        if not text:
            return self.field.get("default")
        try:
            return json.loads(text)
        except ValueError:
            return text

    def set_value(self, value: Any) -> None:
        """Fill in."""
        self.line.setText(value if isinstance(value, str) else "" if not value else json.dumps(value))


TEXT: dict[str, Any] = {"name": "", "label": "entry", "type": "text", "default": ""}
_EDITORS: dict[str, type[Editor]] = {
    "text": TextEditor,
    "integer": NumberEditor,
    "number": NumberEditor,
    "boolean": SwitchEditor,
    "choice": ChoiceEditor,
    "choices": ChoicesEditor,
    "path": PathEditor,
    "folder": PathEditor,
    "frames": FramesEditor,
    "colour_space": SpaceEditor,
    "list": ListEditor,
    "object": ObjectEditor,
}


def make_editor(field: Mapping[str, Any], facts: Facts) -> Editor:
    """The editor for a field; one of a type that is not known here is typed as JSON."""
    kind = str(field["type"])
    if kind == "object" and not field.get("fields"):
        return JsonEditor(field, facts)
    return _EDITORS.get(kind, JsonEditor)(field, facts)

"""A job type's parameters as labelled editors, in groups, with what is wrong below each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .editors import Editor
from .facts import Facts
from .looks import BAD, bold, dim, tint
from .neighbour import Form
from .nested import make_editor
from .qt import QtCore, QtWidgets
from .words import flags_in, in_labels

LABEL_SHARE = 150  # pixels that labels have at least, so that groups line up


class FormView(QtWidgets.QWidget):
    """Editors for the fields of a form.

    Args:
        fields: as ``describe`` gives them.
        facts: what the host fills in.
        used: letters that other labels of the window use as mnemonics; ours are added.
    """

    changed = QtCore.Signal()

    def __init__(self, fields: Sequence[Mapping[str, Any]], facts: Facts, used: set[str]) -> None:
        super().__init__()
        self.form = Form([dict(field) for field in fields])
        self.facts = facts
        self.rows: dict[str, Row] = {}
        self._used = used
        self._filling = True
        self._pile = QtWidgets.QVBoxLayout(self)
        self._pile.setContentsMargins(0, 0, 0, 0)
        asked = [field for field in fields if not _is_hosts(field, facts)]
        few = [field for field in asked if field.get("advanced") and str(field["name"]) not in facts.notes]
        self._build_groups([field for field in asked if field not in few])
        self.more = _More(few, self)
        if self.more.fields:
            self._pile.addWidget(self.more)
            self._build_groups(self.more.fields, self.more.pile)
        self._pile.addStretch(1)
        self._fill()

    def _build_groups(self, fields: Sequence[Mapping[str, Any]], pile: Any = None) -> None:
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for field in fields:
            groups.setdefault(str(field.get("group") or ""), []).append(field)
        for name, members in groups.items():
            (pile or self._pile).addWidget(self._group(name, members))

    def _group(self, name: str, fields: Sequence[Mapping[str, Any]]) -> QtWidgets.QWidget:
        box = QtWidgets.QWidget()
        grid = QtWidgets.QFormLayout(box)
        grid.setContentsMargins(0, 0, 0, 6)
        grid.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        grid.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.DontWrapRows)
        if name:
            grid.addRow(bold(QtWidgets.QLabel(name)))
        for field in fields:
            row = Row(field, self.facts, self._used)
            row.editor.changed.connect(lambda row=row: self._take(row))
            self.rows[str(field["name"])] = row
            grid.addRow(row.label, row)
        return box

    def _fill(self) -> None:
        """Values of the host first; then what is shown is what the form has."""
        for name, row in self.rows.items():
            if name in self.facts.params:
                row.editor.set_value(self.facts.params[name])
        self._filling = False
        for row in self.rows.values():
            self._store(row)
        self._show_visible()

    def _take(self, row: Row) -> None:
        if self._filling:
            return
        self._store(row)
        self._show_visible()
        self.changed.emit()

    def _store(self, row: Row) -> None:
        self.form.set(str(row.field["name"]), row.editor.value())

    def _show_visible(self) -> None:
        visible = {field.name for field in self.form.visible()}
        visible |= {name for name, row in self.rows.items() if row.field.get("source")}  # a host could, and did not
        for name, row in self.rows.items():
            row.label.setVisible(name in visible)
            row.setVisible(name in visible)

    def values(self) -> dict[str, Any]:
        """What differs from the defaults: the form's, and what only the host fills in."""
        hosts = {name: value for name, value in self.facts.params.items() if self._is_hidden(name)}
        return {**hosts, **self.form.to_params()}

    def _is_hidden(self, name: str) -> bool:
        return name in self.form.values and name not in self.rows

    def show_problems(self, problems: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Say what is wrong below its field; gives back those that belong to no field that is seen."""
        for row in self.rows.values():
            row.clear()
        homeless: list[Mapping[str, Any]] = []
        for problem in problems:
            told = {**problem, "message": in_labels(str(problem.get("message") or ""), self._labels())}
            place, path = self._place(problem)
            if place is not None and self.more.isAncestorOf(place):
                self.more.toggle.setChecked(True)
            if place is None or not place.isVisibleTo(self):
                homeless.append(told)
            else:
                place.show_problem(told, path)
        return homeless

    def _place(self, problem: Mapping[str, Any]) -> tuple[Row | None, str]:
        """The row of a problem and the part of it: as it says, else the field that its message names."""
        name, _, path = str(problem.get("field") or "").partition(".")
        if name in self.rows:
            return self.rows[name], path
        meant = [flag for flag in flags_in(str(problem.get("message") or "")) if flag in self._labels()]
        return (self.rows[self._names()[meant[0]]], "") if meant else (None, "")

    def _names(self) -> dict[str, str]:
        """Fields by the flags that mean them; a list's entry has a flag of its own, without the s."""
        known = {name.lstrip("@"): name for name in self.rows}
        lists = {name[:-1]: name for name, row in self.rows.items() if name.endswith("s") and _is_list(row.field)}
        return {**lists, **known}

    def _labels(self) -> dict[str, str]:
        return {flag: str(self.rows[name].field["label"]) for flag, name in self._names().items()}


def _is_list(field: Mapping[str, Any]) -> bool:
    return bool(field["type"] == "list")


def _is_hosts(field: Mapping[str, Any], facts: Facts) -> bool:
    """Whether nobody is asked: the host has filled it in, and has nothing to say of it."""
    name = str(field["name"])
    return bool(field.get("source")) and name in facts.params and name not in facts.notes


class Row(QtWidgets.QWidget):
    """A field's label, its editor, where its value is from, and what is wrong with it."""

    def __init__(self, field: Mapping[str, Any], facts: Facts, used: set[str]) -> None:
        super().__init__()
        self.field = field
        self.editor: Editor = make_editor(field, facts)
        star = " *" if field.get("required") else ""
        self.label = QtWidgets.QLabel(with_mnemonic(str(field["label"]), used) + star)
        self.label.setMinimumWidth(LABEL_SHARE)
        self.label.setBuddy(self.editor)
        self.label.setToolTip(str(field.get("help") or ""))
        pile = QtWidgets.QVBoxLayout(self)
        pile.setContentsMargins(0, 0, 0, 0)
        pile.setSpacing(2)
        pile.addWidget(self.editor)
        self.note = facts.notes.get(str(field["name"]), "")
        if self.note:
            pile.insertLayout(0, self._note_line())
        self.problem = QtWidgets.QLabel()
        self.problem.setWordWrap(True)
        self.problem.setVisible(False)
        self.problem.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        pile.addWidget(self.problem)
        self._marked: list[Editor] = []

    def _note_line(self) -> QtWidgets.QHBoxLayout:
        """Where the value is from; what the host has filled in with many parts is shown to those who ask."""
        line = QtWidgets.QHBoxLayout()
        line.addWidget(dim(QtWidgets.QLabel(self.note)), 1)
        if self.field["type"] in ("list", "object"):
            show = QtWidgets.QPushButton("Edit")
            show.setAutoDefault(False)
            show.setCheckable(True)
            show.toggled.connect(self.editor.setVisible)
            self.editor.setVisible(False)
            line.addWidget(show)
            self.show_button = show
        return line

    def show_problem(self, problem: Mapping[str, Any], path: str) -> None:
        """Say it, and mark the part that it is about."""
        place = self.editor.problem_place(path)
        place.mark(wrong=True)
        self._marked.append(place)
        told = [self.problem.text(), str(problem.get("message") or "")]
        self.problem.setText("\n".join(text for text in told if text))
        tint(self.problem, BAD)
        self.problem.setVisible(True)

    def clear(self) -> None:
        """Nothing is wrong."""
        for place in self._marked:
            place.mark(wrong=False)
        self._marked = []
        self.problem.clear()
        self.problem.setVisible(False)


class _More(QtWidgets.QWidget):
    """Fields that few people need, behind an arrow."""

    def __init__(self, fields: Sequence[Mapping[str, Any]], parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.fields = fields
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.toggle = QtWidgets.QToolButton()
        self.toggle.setText(f"More ({len(fields)})")
        self.toggle.setAutoRaise(True)
        self.toggle.setCheckable(True)
        self.toggle.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.toggled.connect(self._turn)
        outer.addWidget(self.toggle)
        self.inside = QtWidgets.QWidget()
        self.pile = QtWidgets.QVBoxLayout(self.inside)
        self.pile.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.inside)
        self._turn(on=False)

    def _turn(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        arrow = QtCore.Qt.ArrowType
        self.toggle.setArrowType(arrow.DownArrow if on else arrow.RightArrow)
        self.inside.setVisible(on)


def with_mnemonic(text: str, used: set[str]) -> str:
    """The label with ``&`` before its first letter that no other label has."""
    for index, letter in enumerate(text):
        if letter.isalnum() and letter.lower() not in used:
            used.add(letter.lower())
            return f"{text[:index]}&{text[index:]}"
    return text.replace("&", "&&")

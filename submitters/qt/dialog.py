"""The dialog that submits a job of any type."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .around import all_fields, named_in, source_values, split_values
from .asking import Asking
from .facts import Facts
from .live import LiveCheck
from .looks import BAD, BUSY, GOOD, bold, dim, path_line
from .neighbour import Client, ClientError
from .notice import Notice
from .qt import QtCore, QtWidgets, add_shortcut
from .view import FormView
from .words import counted, told_before, told_place, told_plan, told_submit

WIDTH_EM, HEIGHT_EM = 46, 44  # in widths of the host's own font: sharp and right on any screen
HELP = "shotmill_help"  # a property of widgets
FIRST_WORDS = "Asking Shotmill what can be done \u2026"


class FormDialog(QtWidgets.QDialog):
    """Asks what a job needs, says what it comes to, and submits it.

    Args:
        client: of the host.
        job_type: that is shown first; empty: the first in Shotmill's list.
        host_facts: what the host fills in.
        parent: the host's window.
    """

    submitted = QtCore.Signal(object)  # what ``submit`` answered: {"job", ...}
    ready = QtCore.Signal()  # a form is there
    lost = QtCore.Signal(object)  # ClientError: there is no form, since Shotmill cannot be asked

    def __init__(
        self,
        client: Client,
        job_type: str = "",
        host_facts: Facts | None = None,
        parent: QtWidgets.QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.client = client
        self.facts = host_facts or Facts()
        self.job_types: dict[str, dict[str, Any]] = {}
        self.view: FormView | None = None
        self._wanted = job_type
        self._ids: dict[str, str] = {}
        self._submitting: Asking | None = None
        self.check = LiveCheck(client, self)
        self.check.began.connect(self._checking)
        self.check.judged.connect(self._judge)
        self.check.planned.connect(self._plan)
        self.check.failed.connect(self._blame)
        self.setWindowTitle("Shotmill")
        self._build()
        self._describe()

    def _build(self) -> None:
        pile = QtWidgets.QVBoxLayout(self)
        head = QtWidgets.QHBoxLayout()
        label = bold(QtWidgets.QLabel("&Job"))
        self.types = QtWidgets.QComboBox()
        self.types.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToContents)
        label.setBuddy(self.types)
        self.types.currentIndexChanged.connect(self._choose)
        head.addWidget(label)
        head.addWidget(self.types)
        self.summary = dim(QtWidgets.QLabel())
        head.addWidget(self.summary, 1)
        pile.addLayout(head)
        self.area = QtWidgets.QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        pile.addWidget(self.area, 1)
        self.help = dim(QtWidgets.QLabel(" "))
        self.help.setWordWrap(True)
        pile.addWidget(self.help)
        self.notice = Notice()
        self.extra = Notice()
        self.progress = QtWidgets.QProgressBar()
        self.progress.setVisible(False)
        self.place = path_line()
        self._show_place("")
        for widget in (self.notice, self.place, self.extra, self.progress):
            pile.addWidget(widget)
        pile.addLayout(self._buttons())
        em = self.fontMetrics().horizontalAdvance("m")
        self.resize(WIDTH_EM * em, HEIGHT_EM * em)

    def _buttons(self) -> QtWidgets.QHBoxLayout:
        row = QtWidgets.QHBoxLayout()
        row.addStretch(1)
        self.close_button = QtWidgets.QPushButton("Cancel")
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.reject)
        self.submit_button = QtWidgets.QPushButton("Submit")
        self.submit_button.setDefault(True)
        self.submit_button.setEnabled(False)
        self.submit_button.clicked.connect(self.submit)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            add_shortcut(keys, self, self.submit)
        row.addWidget(self.close_button)
        row.addWidget(self.submit_button)
        return row

    def _describe(self) -> None:
        self.notice.say(FIRST_WORDS)
        asking = Asking(self.client, "describe", {}, self)
        asking.answered.connect(self._list_types)
        asking.failed.connect(self._blame)
        asking.failed.connect(self.lost)
        self._describing = asking.start()

    def _list_types(self, value: dict[str, Any]) -> None:
        self.job_types = {str(one["name"]): one for one in value["job_types"]}
        blocker = QtCore.QSignalBlocker(self.types)
        self.types.addItems(list(self.job_types))
        blocker.unblock()
        if self._wanted and self._wanted not in self.job_types:
            self._blame(ClientError("", f"Shotmill has no job type {self._wanted!r}", "choose another in the list"))
            return
        self.types.setCurrentText(self._wanted)
        self._choose()

    def _choose(self, _index: int = 0) -> None:
        """Show the form of the job type that is chosen."""
        chosen = self.job_types[self.types.currentText()]
        self.check.stop()
        self.setWindowTitle(f"Shotmill: {chosen['name']}")
        self.summary.setText(str(chosen["summary"]))
        known = {**self.facts.params, **source_values(self.facts)}
        self.view = FormView(all_fields(chosen), replace(self.facts, params=known), {"j"})
        self.view.changed.connect(self._changed)
        self.area.setWidget(self.view)
        self._watch_focus()
        self.submit_button.setEnabled(True)
        self._changed()
        self.ready.emit()

    def _watch_focus(self) -> None:
        """The help of the field that has the focus stands below the form."""
        for row in self.view.rows.values() if self.view else ():
            children: Any = row.findChildren(QtWidgets.QWidget)
            for child in children:
                child.installEventFilter(self)
                child.setProperty(HELP, str(row.field.get("help") or ""))

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """Show the help of what is typed into."""
        if event.type() == QtCore.QEvent.Type.FocusIn:
            self.help.setText(str(watched.property(HELP) or " "))
            if isinstance(watched, QtWidgets.QWidget):
                self.area.ensureWidgetVisible(watched, 0, 2 * watched.height())
        return super().eventFilter(watched, event)

    def asked(self) -> dict[str, Any]:
        """What Shotmill is asked for, as the form stands."""
        values = self.view.values() if self.view else {}
        return {"job_type": self.types.currentText(), **split_values(values)}

    def request_id(self) -> str:
        """The id of the request as the form stands: the same state again is the same request."""
        return self._ids.setdefault(json.dumps(self.asked(), sort_keys=True), str(uuid.uuid4()))

    def _changed(self) -> None:
        self._watch_focus()
        self.submit_button.setText("Submit")
        self.submit_button.setEnabled(self._submitting is None)
        self.close_button.setText("Cancel")
        self.extra.say("")
        self.check.look(self.asked())

    def _checking(self) -> None:
        self.notice.say("Checking \u2026")
        self._show_place("")

    def _show_place(self, text: str) -> None:
        self.place.setText(text)
        self.place.setToolTip(text)
        self.place.setCursorPosition(0)
        self.place.setVisible(bool(text))

    def _judge(self, problems: list[dict[str, Any]]) -> None:
        """Say what is wrong, each at its field; what has none stands below."""
        view = self.view
        if view is None:
            return
        placed = [{**one, "field": named_in(view.rows, str(one.get("field") or ""))} for one in problems]
        homeless = view.show_problems(placed)
        self.extra.say("\n".join(_told_problem(one) for one in homeless), BAD)
        if problems:
            self.notice.say(f"{counted(len(problems), 'thing')} to mend before this can be submitted", BUSY)

    def _plan(self, plan: dict[str, Any]) -> None:
        self.notice.say(told_plan(plan))
        self._show_place(told_place(plan))
        before = told_before(plan.get("done_before"))
        self.extra.say("\n".join([*([before] if before else []), *map(str, plan.get("warnings") or [])]), BUSY)

    def _blame(self, fault: ClientError) -> None:
        self.notice.say("")
        self.extra.blame(fault)

    def submit(self) -> None:
        """Submit the form as it stands; the same state twice is one job, however often it is asked for."""
        if self._submitting is not None or not self.submit_button.isEnabled():
            return
        self.check.stop()
        asking = Asking(self.client, "submit", self.asked(), self, request_id=self.request_id())
        asking.progressed.connect(self._show_progress)
        asking.warned.connect(lambda text: self.extra.say(text, BUSY))
        asking.answered.connect(self._succeed)
        asking.failed.connect(self._fail)
        self._submitting = asking
        self._set_busy(busy=True)
        self.extra.say("")
        self.notice.say("Submitting \u2026")
        asking.start()

    def _set_busy(self, *, busy: bool) -> None:
        self.submit_button.setEnabled(not busy)
        self.area.setEnabled(not busy)
        self.types.setEnabled(not busy)
        self.close_button.setText("Stop" if busy else "Cancel")
        self.progress.setRange(0, 0)
        self.progress.setVisible(busy)

    def _show_progress(self, line: dict[str, Any]) -> None:
        total = int(line.get("total") or 0)
        self.progress.setRange(0, total)
        self.progress.setValue(int(line.get("done") or 0))
        self.notice.say(f"Submitting: {line.get('stage')} {line.get('done')}/{total or '?'}")

    def _succeed(self, value: dict[str, Any]) -> None:
        self._submitting = None
        self._set_busy(busy=False)
        self.notice.say(told_submit(value), GOOD)
        self.submit_button.setText("Submitted")
        self.submit_button.setEnabled(False)
        self.close_button.setText("Close")
        self.close_button.setFocus()
        self.submitted.emit(value)

    def _fail(self, fault: ClientError) -> None:
        self._submitting = None
        self._set_busy(busy=False)
        if fault.field:
            self._judge([{"field": fault.field, "message": fault.message, "hint": fault.hint, "code": fault.code}])
        else:
            self._blame(fault)

    def reject(self) -> None:
        """Stop a submit that is under way; else close."""
        if self._submitting is None:
            super().reject()
            return
        self._submitting.cancel()
        self._submitting = None
        self._set_busy(busy=False)
        self.notice.say("Stopped. If the job was made already, Submit finds it again instead of making another.", BUSY)

    def done(self, result: int) -> None:
        """Close; whatever is asked ends."""
        self.check.stop()
        self._describing.cancel()
        super().done(result)


def _told_problem(problem: Mapping[str, Any]) -> str:
    hint = str(problem.get("hint") or "")
    return f"{problem.get('message')}{f' What to do: {hint}' if hint else ''}"

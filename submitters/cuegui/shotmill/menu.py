"""The menu of one job. Its entries come alive when OpenCue has said that the job is Shotmill's."""

from __future__ import annotations

from typing import Any

from .answers import Again, Outputs, Report, Why
from .config import ConfigFaultError, read_config
from .dialog import AnswerDialog
from .jobs import Checked, handle_of
from .qt import QtCore, QtWidgets

ENTRIES: tuple[type[AnswerDialog], ...] = (Report, Outputs, Why, Again)
_KEPT: dict[str, Checked] = {}


def known_jobs() -> Checked:
    """What is known of jobs while CueGUI runs."""
    if "checked" not in _KEPT:
        _KEPT["checked"] = Checked(QtCore.QCoreApplication.instance())
    return _KEPT["checked"]


def menu_of(job: Any, parent: Any, raw: object) -> Any:
    """The menu of a job; None where the job is not Shotmill's.

    Args:
        job: of OpenCue, the last of those that are selected.
        parent: CueGUI's list of jobs.
        raw: what CueGUI has read of config.yaml.
    """
    selected = _selected(job, parent)
    if not any(handle_of(one) for one in selected):
        return None
    if len(selected) > 1:
        menu = QtWidgets.QMenu("Shotmill: select one job alone")
        menu.setEnabled(False)
        return menu
    return JobMenu(job, handle_of(job), parent, raw)


def _selected(job: Any, parent: Any) -> Any:
    chosen = getattr(parent, "selectedObjects", None)
    return (chosen() if callable(chosen) else None) or [job]


class JobMenu(QtWidgets.QMenu):
    """What can be done with one job."""

    def __init__(self, job: Any, handle: str, parent: Any, raw: object) -> None:
        super().__init__(f"Shotmill {handle}")
        self._job_id = job.data.id
        self._handle = handle
        self._tree = parent
        self._raw = raw
        for kind in ENTRIES:
            action = self.addAction(kind.LABEL)
            action.triggered.connect(lambda _checked=False, kind=kind: self._open(kind))
        known = known_jobs()
        if not known.is_ours(job):
            self._enable(on=False)
            known.checked.connect(self._found)
            known.check(job, handle)

    def _found(self, job_id: str, found: str) -> None:
        if job_id != self._job_id:
            return
        self._enable(on=found == Checked.OURS)
        if found == Checked.FOREIGN:
            self.setTitle(f"Shotmill: {self._handle} is no job of its own")
        elif found != Checked.OURS:
            self.setTitle(f"Shotmill: {found}")

    def _enable(self, *, on: bool) -> None:
        for action in self.actions():
            action.setEnabled(on)

    def _open(self, kind: type[AnswerDialog]) -> None:
        dialog = kind(self._handle, self._tree)
        dialog.show()
        try:
            dialog.begin(read_config(self._raw))
        except ConfigFaultError as fault:
            dialog.fail(str(fault))

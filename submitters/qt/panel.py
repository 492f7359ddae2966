"""The panel of the artist's jobs: where they stand, live, and what they made."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from .asking import Asking
from .jobrow import JobRow
from .kept import KeptJobs
from .looks import dim
from .neighbour import Client, ClientError
from .notice import Notice
from .pictures import PictureShelf
from .qt import QtCore, QtWidgets
from .words import told_fault

AGES_MS = 15_000
AGAIN_MS = 5000  # after a watch that ended unasked, such as a database that is down
NONE_YET = "Jobs that you submit from here are shown here, with their results."
UNKNOWN = "E211"  # no such job: it is of another studio


class JobsPanel(QtWidgets.QWidget):
    """The artist's jobs; one child process watches all that have not ended.

    Args:
        client: of the host.
        parent: the host's window.
        kept: which jobs are shown; None: what this host kept.
        frames: whether to tell of frames as tasks are done with them, long before they are published.
    """

    open_requested = QtCore.Signal(object)  # a version, as ``versions`` tells it
    stack_requested = QtCore.Signal(object)  # same
    published = QtCore.Signal(object)  # same: it arrived while the panel watched; once for each version of a job
    arrived = QtCore.Signal(object)  # frames of a job that is at work, as ``watch`` tells them
    given_up = QtCore.Signal(str)  # the handle of a job that was cancelled, or is not followed any more

    def __init__(
        self,
        client: Client,
        parent: QtWidgets.QWidget | None = None,
        kept: KeptJobs | None = None,
        *,
        app: str = "host",
        frames: bool = False,
    ) -> None:
        super().__init__(parent)
        self._frames = {"frames": True} if frames else {}
        self.client = client
        self.kept = kept or KeptJobs(app)
        self.rows: dict[str, JobRow] = {}
        self.shelf = PictureShelf(self)
        self._watching: Asking | None = None
        self._playing = False
        self._build()
        for job in reversed(self.kept.jobs):
            self._insert(job)
        self._ages = QtCore.QTimer(self)
        self._ages.setInterval(AGES_MS)
        self._ages.timeout.connect(self._show_ages)
        self._ages.start()
        self._again = QtCore.QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        pile = QtWidgets.QVBoxLayout(self)
        self.empty = dim(QtWidgets.QLabel(NONE_YET))
        self.empty.setWordWrap(True)
        self.notice = Notice()
        self.area = QtWidgets.QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        inside = QtWidgets.QWidget()
        self.pile = QtWidgets.QVBoxLayout(inside)
        self.pile.setContentsMargins(0, 0, 0, 0)
        self.pile.addStretch(1)
        self.area.setWidget(inside)
        for widget in (self.empty, self.notice):
            pile.addWidget(widget)
        pile.addWidget(self.area, 1)

    def add(self, submitted: dict[str, Any]) -> None:
        """Show a job that was just submitted, and watch it.

        Args:
            submitted: what ``submit`` answered, as ``FormDialog.submitted`` sends it.
        """
        job = submitted["job"]
        self.kept.add(job)
        known = {one["handle"] for one in self.kept.jobs}
        for handle in [handle for handle in self.rows if handle == job["handle"] or handle not in known]:
            self._remove(handle)
        self._insert(job)
        self.refresh()

    def _insert(self, job: dict[str, Any]) -> None:
        row = JobRow(job, self.shelf)
        row.wanted.connect(self._do)
        row.asked_for.connect(self._show_version)
        self.rows[row.handle] = row
        self.pile.insertWidget(0, row)
        self.empty.setVisible(False)

    def _remove(self, handle: str) -> None:
        row = self.rows.pop(handle)
        row.setParent(None)
        row.deleteLater()
        self.empty.setVisible(not self.rows)

    def refresh(self) -> None:
        """Watch anew: all jobs that have not ended, and those of which nothing is known yet."""
        self._again.stop()
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        open_jobs = [row.handle for row in self.rows.values() if row.unsettled]
        if not open_jobs or self._playing:
            return
        watching = Asking(self.client, "watch", {"jobs": open_jobs, **self._frames}, self)
        watching.happened.connect(self._take)
        watching.arrived.connect(self.arrived)
        watching.answered.connect(self._all_ended)
        watching.failed.connect(self._lost)
        self._watching = watching.start()

    def set_playing(self, playing: bool) -> None:  # noqa: FBT001 - as RV's events say it
        """Ask nothing while the host plays, and catch up when it stops."""
        if playing == self._playing:
            return
        self._playing = playing
        if playing:
            self._ages.stop()
        else:
            self._ages.start()
            self._show_ages()
        self.refresh()

    def _take(self, event: dict[str, Any]) -> None:
        self.notice.say("")
        row = self.rows.get(str(event["job"]))
        if row is None:
            return
        was_known = row.ended
        row.take_event(event)
        self._keep(row)
        if row.versions and not was_known:
            for version in row.versions:
                self.published.emit(version)
        elif row.job["state"] == "cancelled":
            self.given_up.emit(row.handle)

    def _keep(self, row: JobRow) -> None:
        for job in self.kept.jobs:
            if job["handle"] == row.handle:
                job["state"] = str(row.job["state"])

    def _all_ended(self, value: dict[str, Any]) -> None:
        self._watching = None
        for status in value["jobs"]:
            row = self.rows.get(str(status["job"]["handle"]))
            if row is not None:
                row.take_status(status)

    def _lost(self, fault: ClientError) -> None:
        """Say it, and look again later; a job that this studio does not know is left alone until the next start."""
        self._watching = None
        named = [row for row in self.rows.values() if row.handle in fault.message] if fault.code == UNKNOWN else []
        for row in named:
            row.lose(told_fault(fault.code, fault.message, fault.hint))
        if named:
            self.refresh()
        else:
            self.notice.blame(fault)
            self._again.start()

    def _show_ages(self) -> None:
        for row in self.rows.values():
            row.show_age()

    def _do(self, what: str, row: JobRow) -> None:
        if what in {"open", "stack"}:
            self._show_version(what, row.versions[0])
        elif what == "copy":
            QtWidgets.QApplication.clipboard().setText(f"{row.handle}: {row.failure.text()}")
        elif what == "forget":
            self._forget(row)
        else:
            self._change(what, row)

    def _show_version(self, what: str, version: dict[str, Any]) -> None:
        (self.open_requested if what == "open" else self.stack_requested).emit(version)

    def _forget(self, row: JobRow) -> None:
        self.kept.drop(row.handle)
        self._remove(row.handle)
        self.given_up.emit(row.handle)

    def _change(self, op: str, row: JobRow) -> None:
        """Cancel or retry; the button rests until that is answered."""
        button = row.buttons[op]
        button.setEnabled(False)
        asking = Asking(self.client, op, {"job": row.handle}, self)
        asking.answered.connect(lambda value: self._changed(op, row, value))
        asking.failed.connect(lambda fault: self._refused(button, row, fault))
        asking.start()

    def _changed(self, op: str, row: JobRow, value: dict[str, Any]) -> None:
        if row.handle not in self.rows:
            return
        row.buttons[op].setEnabled(True)
        if op == "cancel":
            row.take_status(value)
            self.given_up.emit(row.handle)
        else:
            row.take_event({"state": "queued", "steps": row.job.get("steps")})
            self._follow(row, value)
        self.refresh()

    def _follow(self, row: JobRow, value: dict[str, Any]) -> None:
        """A job that could not go on was submitted anew: that one is shown, too."""
        handle = str(value.get("submitted") or "")
        if handle:
            row.take_event({"state": "failed", "steps": row.job.get("steps"), "failure": value.get("text")})
            self.add({"job": {**row.job, "handle": handle, "state": "queued", "created": _now()}})

    def _refused(self, button: QtWidgets.QPushButton, row: JobRow, fault: ClientError) -> None:
        if row.handle in self.rows:
            button.setEnabled(True)
            row.say(told_fault(fault.code, fault.message, fault.hint))

    def close_down(self) -> None:
        """Ask nothing any more: the host closes. Jobs go on."""
        self._ages.stop()
        self._again.stop()
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        self.shelf.wait()


def _now() -> str:
    return datetime.now(timezone.utc).isoformat()

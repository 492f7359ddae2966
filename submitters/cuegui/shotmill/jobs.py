"""Which jobs on OpenCue are Shotmill's: their name ends in the job's handle, and a comment says so."""

from __future__ import annotations

import contextlib
import re
import threading
from typing import Any

from .qt import QtCore

# The letters of a handle, as Cuebot keeps them: in lower case, behind the last '_' of the name.
_SUFFIX = re.compile(r"_([2-9a-hj-np-z]{8})\Z")


def handle_of(job: Any) -> str:
    """The handle of Shotmill's job, such as ``J-7F3K9QAB``; empty where it cannot be one. Asks nobody."""
    data = getattr(job, "data", None)
    found = _SUFFIX.search(str(getattr(data, "name", "")))
    if found is None or not getattr(data, "has_comment", False):
        return ""
    return "J-" + found.group(1).upper()


class Checked(QtCore.QObject):
    """Which jobs are known to be Shotmill's. Cuebot is asked in a thread: it may hang, and its client has no limit.

    Attributes:
        checked: sent with a job's id and what was found: ``ours``, ``foreign``, or why Cuebot did not tell.
    """

    checked = QtCore.Signal(str, str)
    OURS = "ours"
    FOREIGN = "foreign"

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._ours: set[str] = set()
        self._asked: set[str] = set()
        self.checked.connect(self._keep)

    def is_ours(self, job: Any) -> bool:
        """Whether the job was found to be Shotmill's before."""
        return job.data.id in self._ours

    def check(self, job: Any, handle: str) -> None:
        """Look at the job's comments, once at a time."""
        if job.data.id in self._asked:
            return
        self._asked.add(job.data.id)
        threading.Thread(target=self._look, args=(job, job.data.id, f"Shotmill {handle}"), daemon=True).start()

    def _look(self, job: Any, job_id: str, subject: str) -> None:
        try:
            whole = job.asJob() if hasattr(job, "asJob") else job  # CueCommander lists jobs in a form of its own
            subjects = [comment.data.subject for comment in whole.getComments()]
        except Exception as error:  # noqa: BLE001 - pycue's own and gRPC's; whatever it is, the menu says it
            found = f"OpenCue did not tell its comments: {type(error).__name__}"
        else:
            found = self.OURS if subject in subjects else self.FOREIGN
        with contextlib.suppress(RuntimeError):  # CueGUI was closed meanwhile
            self.checked.emit(job_id, found)

    def _keep(self, job_id: str, found: str) -> None:
        self._asked.discard(job_id)
        if found == self.OURS:
            self._ours.add(job_id)

"""Checking a form while it is filled in: first what is wrong, then what the job would come to."""

from __future__ import annotations

from typing import Any

from .asking import Asking
from .neighbour import Client, ClientError
from .qt import QtCore

PAUSE_MS = 350  # after the last key


class LiveCheck(QtCore.QObject):
    """Asks Shotmill about the newest state of a form, and forgets older ones.

    Args:
        client: of the host.
        parent: that outlives it.
    """

    began = QtCore.Signal()
    judged = QtCore.Signal(object)  # problems, a list
    planned = QtCore.Signal(object)  # a plan
    failed = QtCore.Signal(object)  # ClientError

    def __init__(self, client: Client, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._client = client
        self._asked: dict[str, Any] = {}
        self._asking: Asking | None = None
        self._timer = QtCore.QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._validate)

    @property
    def busy(self) -> bool:
        """Whether an answer about the newest state is still to come."""
        return self._timer.isActive() or (self._asking is not None and self._asking.running)

    def look(self, asked: dict[str, Any]) -> None:
        """Check this state, once nobody has typed for a moment."""
        self.stop()
        self._asked = asked
        self._timer.start()
        self.began.emit()

    def stop(self) -> None:
        """Ask no more."""
        self._timer.stop()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _validate(self) -> None:
        self._ask("validate", self._judge)

    def _ask(self, op: str, answered: Any) -> None:
        self._asking = Asking(self._client, op, self._asked, self)
        self._asking.answered.connect(answered)
        self._asking.failed.connect(self._fail)
        self._asking.start()

    def _judge(self, value: dict[str, Any]) -> None:
        problems = list(value.get("problems") or [])
        self.judged.emit(problems)
        if not problems:
            self._ask("plan", self.planned.emit)

    def _fail(self, fault: ClientError) -> None:
        if fault.field:
            self.judged.emit([{"field": fault.field, "message": fault.message, "hint": fault.hint, "code": fault.code}])
        else:
            self.failed.emit(fault)

"""Asking Shotmill from a host's event loop: a child process behind a timer. Never blocks."""

from __future__ import annotations

from typing import Any

from .neighbour import Call, Client, ClientError
from .qt import QtCore

POLL_MS = 40
CALM_MS = 500  # while the host plays


class Asking(QtCore.QObject):
    """One request. Its signals come from the event loop; ``answered`` or ``failed`` is the last, and comes once.

    Args:
        client: of the host.
        op: what is asked, see ``docs/rpc.md``.
        args: of it.
        parent: that outlives the request.
        request_id: the same id asks for the same job; empty: a new one.
    """

    progressed = QtCore.Signal(object)  # {"stage", "done", "total"}
    warned = QtCore.Signal(str)
    happened = QtCore.Signal(object)  # an event of ``watch``
    arrived = QtCore.Signal(object)  # frames of a job that is at work, see ``watch``
    answered = QtCore.Signal(object)  # the value
    failed = QtCore.Signal(object)  # ClientError

    def __init__(
        self, client: Client, op: str, args: dict[str, Any], parent: QtCore.QObject, *, request_id: str = ""
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._request = client.request(op, args, id=request_id or None)
        self._call: Call | None = None
        self._over = False
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def running(self) -> bool:
        """Whether an answer is still to come."""
        return not self._over

    def start(self) -> Asking:
        """Start the child; a thread of the client's does that, since a machine short of memory takes its time."""
        self._call = self._client.start(self._request)
        self._timer.start()
        return self

    def calm(self, *, playing: bool) -> None:
        """Look less often while the host plays."""
        self._timer.setInterval(CALM_MS if playing else POLL_MS)

    def cancel(self) -> None:
        """End the child and all that it started; no signal follows."""
        if self._over:
            return
        self._end()
        if self._call is not None:
            self._call.cancel()

    def _poll(self) -> None:
        call = self._call
        if call is None:
            return
        done = call.done  # before the lines are read: none comes after
        for line in call.poll():
            self._tell(line)
            if self._over:  # whoever was told has cancelled it
                return
        if done:
            self._finish(call)

    def _tell(self, line: dict[str, Any]) -> None:
        kind = line.get("type")
        if kind == "progress":
            self.progressed.emit(line)
        elif kind == "warning":
            self.warned.emit(str(line.get("message", "")))
        elif kind == "event":
            self.happened.emit(line)
        elif kind == "frames":
            self.arrived.emit(line)

    def _finish(self, call: Call) -> None:
        try:
            value = call.value
        except ClientError as fault:
            self._end()
            self.failed.emit(fault)
            return
        self._end()
        self.answered.emit(value)

    def _end(self) -> None:
        self._over = True
        self._timer.stop()
        self.deleteLater()

"""What the thread of a host's window does itself: its own processor time, and whether it works with files.

Clocks on the wall say what a loaded machine does; these say what our code does.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from alone import IS_ALONE
from PySide6 import QtCore

# What Python tells of before it is done; see its table of audit events.
BLOCKING = (
    "glob.", "os.exec", "os.fork", "os.listdir", "os.posix_spawn", "os.scandir", "os.spawn", "os.system", "os.walk",
    "shutil.", "socket.", "sqlite3.", "subprocess.", "tempfile.", "time.sleep", "urllib.",
)  # fmt: skip
TICK_MS = 10
_heard: dict[int, list[str]] = {}  # threads that are listened to
_hooked: list[bool] = []


def _hear(event: str, args: tuple[object, ...]) -> None:
    found = _heard.get(threading.get_ident())
    if found is None:
        return
    opened = event == "open" and not str(args[0]).endswith((".py", ".pyc"))  # a module that is imported late
    if opened or event.startswith(BLOCKING):
        found.append(f"{event} {args[:1]}")


@contextmanager
def listened() -> Iterator[list[str]]:
    """Work with files, processes, sockets and databases that this thread does meanwhile; for tests marked ``alone``.

    A hook stays as long as the process, and with one, Python 3.11 changes threads while another one is being traced:
    "Cannot install a trace function while another trace function is being installed".
    """
    assert IS_ALONE in os.environ, "the test has to be marked `alone`"
    if not _hooked:
        sys.addaudithook(_hear)
        _hooked.append(True)
    found: list[str] = []
    _heard[threading.get_ident()] = found
    try:
        yield found
    finally:
        del _heard[threading.get_ident()]


class Clock(QtCore.QObject):
    """A timer of 10 ms in the host's loop.

    Attributes:
        ticks: how often it came.
        busiest_s: the most processor time that this thread used between two ticks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ticks = 0
        self.busiest_s = 0.0
        self._timer = QtCore.QTimer(self)
        self._timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)
        self._used = time.thread_time()

    def _tick(self) -> None:
        used = time.thread_time()
        self.ticks += 1
        self.busiest_s = max(self.busiest_s, used - self._used)
        self._used = used

    def stop(self) -> None:
        self._timer.stop()

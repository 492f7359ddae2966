"""What a task says while it runs: passed on no more often than anybody reads it, and its last words in any case."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ...schema.errors import TaskCancelledError

EVERY_S = 0.1


class Teller:
    """Passes on how far a task is.

    Args:
        send: told 0..1 and a sentence; called by several threads, one at a time.
    """

    def __init__(self, send: Callable[[float, str], None]) -> None:
        self.cancelled = False
        self._send = send
        self._lock = threading.Lock()
        self._latest: tuple[float, str] | None = None
        self._timer: threading.Timer | None = None
        self._sent = -EVERY_S

    def say(self, fraction: float, message: str) -> None:
        """Pass it on, now or soon; of what is said in quick succession the last counts.

        Raises:
            TaskCancelledError: somebody wants the task to end; each time, as a task may have missed it before.
        """
        if self.cancelled:
            raise TaskCancelledError("the task was told to end")
        self._latest = (fraction, message)
        wait_s = self._sent + EVERY_S - time.monotonic()
        if wait_s <= 0:
            self._send_latest()
        elif self._timer is None:
            self._timer = threading.Timer(wait_s, self._send_latest)
            self._timer.daemon = True
            self._timer.start()

    def end(self) -> None:
        """The task has ended: what it said is not worth telling any more."""
        with self._lock:
            self._latest = None

    def _send_latest(self) -> None:
        with self._lock:
            said, self._latest, self._timer = self._latest, None, None
            if said is not None:
                self._sent = time.monotonic()
                self._send(*said)

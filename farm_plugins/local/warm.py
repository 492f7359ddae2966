"""Runs tasks in warm workers."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ...schema.errors import EXIT_TRY_AGAIN, TaskCancelledError, TaskTimeoutError, WorkerLostError
from ..task import Attempted
from .environment import child_environment
from .processes import end_family
from .work import Assignment, failed

TASKS_BEFORE_RENEWAL = 500  # libraries leak; a fresh process now and then costs little
WAKE_S = 0.1


class WarmWorker:
    """One worker process; one task at a time.

    Args:
        gpus: devices it may use.
        grace_s: seconds it gets to end when its task is cancelled.
    """

    def __init__(self, *, gpus: tuple[int, ...], grace_s: float) -> None:
        self.gpus = gpus
        self.grace_s = grace_s
        self.served = 0
        self._rest = b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "shotmill.farm_plugins.task.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(os.environ, gpus=self.gpus),
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Of the worker."""
        return self._process.pid

    @property
    def is_fit(self) -> bool:
        """Whether it may get another task."""
        return self._process.poll() is None and self.served < TASKS_BEFORE_RENEWAL

    def run(self, work: Assignment, *, cancelled: threading.Event) -> Attempted:
        """Run one task to its end; a worker that was killed on the way is not fit any more."""
        task = work.task
        request = {
            "bundle": str(Path(task.folder) / "bundle"),
            "step": task.step,
            "frames": task.frames,
            "attempt": task.attempt,
        }
        deadline = time.monotonic() + task.timeout_s
        self.served += 1
        try:
            self._stdin().write((json.dumps(request) + "\n").encode())
            self._stdin().flush()
        except BrokenPipeError:
            return self._lost(work)
        while True:
            message = self._next_message(WAKE_S)
            if message is None:
                if cancelled.is_set():
                    self.close()
                    return failed(work, TaskCancelledError("the job was cancelled"))
                if time.monotonic() > deadline:
                    self.close()
                    return failed(work, TaskTimeoutError(f"it ran longer than {task.timeout_s} s"))
                if self._process.poll() is not None and not self._readable(0):
                    return self._lost(work)
            elif "ended" in message:
                return Attempted(**message["ended"])
            else:
                work.tell(message["progress"], message["message"])

    def close(self) -> None:
        """End it and everything it started."""
        end_family(self._process, grace_s=self.grace_s)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue

    def _lost(self, work: Assignment) -> Attempted:
        code = self._process.wait()
        self.close()
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return failed(work, WorkerLostError(f"the process that did the work {how}"), exit_code=EXIT_TRY_AGAIN)

    def _next_message(self, timeout_s: float) -> dict[str, Any] | None:
        while b"\n" not in self._rest:
            if not self._readable(timeout_s):
                return None
            more = os.read(self._stdout().fileno(), 65536)
            if not more:
                time.sleep(timeout_s)
                return None
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def _readable(self, timeout_s: float) -> bool:
        return bool(select.select([self._stdout()], [], [], timeout_s)[0])

    def _stdin(self) -> Any:
        return self._process.stdin

    def _stdout(self) -> Any:
        return self._process.stdout

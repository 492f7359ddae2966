"""Runs tasks in warm workers."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ...schema.errors import TaskCancelledError, TaskTimeoutError, WorkerLostError
from ..code import code_stamp, installed_stamp
from ..task import Attempted
from .environment import child_environment
from .processes import end_family, end_left_behind
from .pushed import CROWD_S, Crowd, Done
from .work import Assignment, failed

TASKS_BEFORE_RENEWAL = 5000  # libraries leak; a fresh process now and then costs little
WAKE_S = 0.1
PIPE_BYTES = 32_768
LEAVE_S = 1.0
More = Callable[[], Sequence[Assignment]]


class WarmWorker:
    """One worker process; one batch of tasks at a time.

    Args:
        environment: of the engine; what tasks may see of it is chosen here.
        engine: name of the engine that it works for.
        gpus: devices it may use.
        grace_s: seconds it gets to end when its task is cancelled.
        pushers: push receipts to the disk.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        engine: str,
        gpus: tuple[str, ...],
        grace_s: float,
        pushers: ThreadPoolExecutor,
    ) -> None:
        self.gpus = gpus
        self._pushers = pushers
        self.grace_s = grace_s
        self.used = time.monotonic()
        self._served = 0
        self._worn = False
        self._is_mute = False
        self._rest = b""
        self._unsent: deque[bytes] = deque()
        self._unanswered: deque[int] = deque()  # sizes of requests
        self._on_the_way = 0  # their sum
        self._environment = environment
        self._installed = installed_stamp(environment)
        self._code: dict[str, str] = {}  # stamps of the job types that it loaded
        self._mark = f"{engine}-worker-{uuid.uuid4().hex}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "shotmill.farm_plugins.task.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(environment, gpus=gpus, attempt=self._mark),
            cwd="/",
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Of the worker."""
        return self._process.pid

    @property
    def is_fit(self) -> bool:
        """Whether it may get another task."""
        return self._process.poll() is None and not self._worn and self._served < TASKS_BEFORE_RENEWAL

    @property
    def is_current(self) -> bool:
        """Whether the code that it loaded is what lies there now, and nothing was installed since it began."""
        return self._installed == installed_stamp(self._environment) and all(
            code_stamp(place) == stamp for place, stamp in self._code.items()
        )

    def run(
        self, works: Sequence[Assignment], *, cancelled: threading.Event, more: More, done: Done
    ) -> list[Assignment]:
        """Run tasks one after another; the worker is not fit any more when something ended it on the way.

        Args:
            works: the tasks.
            cancelled: set when somebody wants them to end.
            more: asked for further tasks of the step once all of these are on their way.
            done: told of each end.

        Returns:
            Tasks that were never begun, because the worker was lost or ended before.
        """
        left = deque(works)
        self._ask(works, anew=True)
        timeout_s = left[0].task.timeout_s
        deadline = time.monotonic() + timeout_s
        crowd = Crowd(self._pushers, done)
        while left:
            if not self._unsent and (further := more()):
                left += further
                self._ask(further)
            if self._heard(self._next_messages(CROWD_S if crowd else WAKE_S), left, crowd):
                deadline = time.monotonic() + timeout_s
            late = time.monotonic() > deadline
            crowd.tell(at_once=not left or late or cancelled.is_set() or self._is_mute)
            if left and cancelled.is_set():
                self._end_all(left, done)
            elif left and late:
                self.close()
                work = left.popleft()
                done(work, failed(work, TaskTimeoutError(f"it ran longer than {timeout_s} s")))
                return list(left)
            elif left and self._is_mute:
                return self._lost(left, done)
        self.used = time.monotonic()
        return []

    def close(self) -> None:
        """End it and everything it started."""
        self._worn = True
        end_family(self._process, grace_s=self.grace_s)
        end_left_behind(self._mark)
        self._close_streams()

    def retire(self) -> None:
        """End it while it does nothing: it leaves when its input ends."""
        self._worn = True
        try:
            self._stdin().close()
            self._process.wait(LEAVE_S)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            end_family(self._process, grace_s=0.0)
        end_left_behind(self._mark)
        self._close_streams()

    def _ask(self, works: Sequence[Assignment], *, anew: bool = False) -> None:
        if anew:
            self._unsent.clear()
            self._unanswered.clear()
            self._on_the_way = 0
        requests = [
            {
                "bundle": str(Path(work.task.folder) / "bundle"),
                "step": work.task.step,
                "frames": work.task.frames,
                "attempt": work.task.attempt,
            }
            for work in works
        ]
        self._unsent += [json.dumps(request).encode() + b"\n" for request in requests]
        self._send()

    def _send(self) -> None:
        """Send requests, but no more than a pipe holds: the worker may wait for us to read its answers."""
        now = []
        while self._unsent and (not self._unanswered or self._on_the_way + len(self._unsent[0]) <= PIPE_BYTES):
            now.append(self._unsent.popleft())
            self._unanswered.append(len(now[-1]))
            self._on_the_way += len(now[-1])
        try:
            self._stdin().write(b"".join(now))
            self._stdin().flush()
        except BrokenPipeError:
            return  # its last answers are still to be read, and then its end

    def _end_all(self, left: deque[Assignment], done: Done) -> None:
        self.close()
        while left:
            work = left.popleft()
            done(work, failed(work, TaskCancelledError("the job was cancelled")))

    def _lost(self, left: deque[Assignment], done: Done) -> list[Assignment]:
        code = self._process.wait()
        self.close()
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        work = left.popleft()
        done(work, failed(work, WorkerLostError(f"the process that did the work {how}")))
        return list(left)

    def _heard(self, messages: Sequence[dict[str, Any]], left: deque[Assignment], crowd: Crowd) -> bool:
        """Pass on what tasks say; those that ended go from ``left`` to the crowd. Whether one ended."""
        before = len(left)
        for message in messages:
            if "ended" in message:
                crowd.add(left.popleft(), Attempted(**message["ended"]))
                self._on_the_way -= self._unanswered.popleft()
                self._served += 1
                self._worn = self._worn or message["worn"]
                self._code = message["code"]
            elif left:
                left[0].tell(message["progress"], message["message"])
        if self._unsent:
            self._send()
        return len(left) < before

    def _next_messages(self, timeout_s: float) -> list[dict[str, Any]]:
        """All that the worker has said by now; waits for the first."""
        if not self._readable(timeout_s):
            return []
        more = os.read(self._stdout().fileno(), 65536)
        self._is_mute = not more
        *lines, self._rest = (self._rest + more).split(b"\n")
        return [json.loads(line) for line in lines]

    def _readable(self, timeout_s: float) -> bool:
        return bool(select.select([self._stdout()], [], [], timeout_s)[0])

    def _close_streams(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue

    def _stdin(self) -> Any:
        return self._process.stdin

    def _stdout(self) -> Any:
        return self._process.stdout

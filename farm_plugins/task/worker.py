"""A warm worker: one process that runs task after task, so that each pays no start-up.

It reads one JSON request a line on standard input and answers in JSON lines on a private copy of standard output; what
tasks print goes to their logs. It ends when its input ends, and the kernel ends it when its parent dies.

Receipts are pushed to the disk by threads of their own, while the next task runs already; a task is answered for only
after that.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from ...pipeline.files import storage_error
from ...pipeline.points import pass_point
from ...pipeline.receipts import sync_receipt
from ...pipeline.settings import load_settings
from ...schema.errors import EXIT_TRY_AGAIN, ShotmillError, TaskCancelledError
from ...schema.frames import FrameSet
from .children import adopt_orphans, die_with_parent
from .known import code
from .progress import Teller
from .runner import Attempted, Host, TaskRequest, run_task

SYNC_THREADS = 8
MAX_GROWTH = 1024 * 1024 * 1024  # bytes; a worker that grew by more than this is replaced
PAGE = os.sysconf("SC_PAGE_SIZE")


class Worker:
    """Serves requests, one after another.

    Args:
        answers: where answers go.
    """

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._queue: SimpleQueue[dict[str, Any] | Attempted | None] = SimpleQueue()
        self._running = False
        self._leaving = False
        self._first_bytes = 0
        self._settings = load_settings().settings
        self._teller = Teller(self._report)
        from ...pipeline.tools import StudioTools  # noqa: PLC0415 - after the streams are in order

        self._host = Host(tools=StudioTools(self._settings), report=self._teller.say, prints=True, durable=False)
        self._environment = dict(os.environ)
        self._speaker = threading.Thread(target=self._speak, daemon=True)

    def serve(self, requests: TextIO) -> None:
        """Run tasks until there are no more requests, or somebody wants an end."""
        signal.signal(signal.SIGTERM, self._end)
        self._speaker.start()
        for line in requests:
            self._queue.put(self._run(json.loads(line)))
            if self._leaving:
                break
            self._restore()
        self._queue.put(None)
        self._speaker.join()

    def _run(self, asked: dict[str, Any]) -> Attempted:
        request = TaskRequest(Path(asked["bundle"]), asked["step"], FrameSet.parse(asked["frames"]), asked["attempt"])
        try:
            self._running = True
            return run_task(request, self._settings, host=self._host)
        except TaskCancelledError as error:  # it came so late that the attempt itself could not answer
            return Attempted(
                exit_code=error.exit_code,
                log="",
                failure_code=error.code,
                failure=error.line(step=request.step, frames=request.frames, attempt=request.attempt),
                message=error.message,
            )
        finally:
            self._running = False
            self._teller.end()

    def _restore(self) -> None:
        """Undo what a task did to the process."""
        if signal.getsignal(signal.SIGTERM) != self._end:
            signal.signal(signal.SIGTERM, self._end)
        if os.environ != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        os.chdir("/")

    def _end(self, number: int, _frame: object) -> None:
        if not self._running:
            os._exit(128 + number)
        if not self._leaving:
            self._leaving = self._teller.cancelled = True
            raise TaskCancelledError("the task was told to end")

    def _report(self, fraction: float, message: str) -> None:
        self._queue.put({"progress": fraction, "message": message})

    def _speak(self) -> None:
        with ThreadPoolExecutor(SYNC_THREADS) as pool:
            while (said := self._heard())[-1] is not None:
                self._answer(_all_pushed(said, pool))
            self._answer(_all_pushed(said[:-1], pool))

    def _heard(self) -> list[dict[str, Any] | Attempted | None]:
        """All there is to say; waits for the first. None is the last of all."""
        said = [self._queue.get()]
        while said[-1] is not None and not self._queue.empty():
            said.append(self._queue.get())
        return said

    def _answer(self, said: Iterable[dict[str, Any] | Attempted]) -> None:
        for one in said:
            message = (
                {"ended": asdict(one), "worn": self._is_worn(), "code": code} if isinstance(one, Attempted) else one
            )
            pass_point("worker:answers")
            try:
                self._answers.write(json.dumps(message) + "\n")
                self._answers.flush()
            except BrokenPipeError:
                os._exit(EXIT_TRY_AGAIN)  # the engine is gone; its successor runs the task again

    def _is_worn(self) -> bool:
        """Whether this process has grown so much that a fresh one is better."""
        used = resident_bytes()
        self._first_bytes = self._first_bytes or used
        return used - self._first_bytes > MAX_GROWTH


def _all_pushed(
    said: Sequence[dict[str, Any] | Attempted | None], pool: ThreadPoolExecutor
) -> Iterable[dict[str, Any] | Attempted]:
    """What is said, in order; receipts are pushed to the disk at one time, for which a file system pays once."""
    known = [one for one in said if one is not None]
    return map(_pushed, known) if len(known) == 1 else pool.map(_pushed, known)


def _pushed(ended: dict[str, Any] | Attempted) -> dict[str, Any] | Attempted:
    """The end of an attempt, its receipt pushed to the disk."""
    if not isinstance(ended, Attempted) or not ended.receipt:
        return ended
    try:
        sync_receipt(Path(ended.receipt))
    except OSError as error:
        failure: ShotmillError = storage_error(Path(ended.receipt), error)
        return Attempted(
            exit_code=failure.exit_code,
            log=ended.log,
            failure_code=failure.code,
            failure=failure.line(),
            retryable=failure.retryable,
            message=failure.message,
        )
    return replace(ended, receipt="")


def resident_bytes() -> int:
    """Memory of this process that lies in RAM; 0 where the kernel does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except OSError:
        return 0


def main() -> int:
    """Serve requests until there are no more."""
    die_with_parent()
    adopt_orphans()
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the engine decides when work ends
    logging.getLogger().setLevel(logging.INFO)  # each attempt brings a log of its own
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    Worker(answers).serve(sys.stdin)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

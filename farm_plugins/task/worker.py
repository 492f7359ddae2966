"""A warm worker: one process that runs task after task, so that each pays no start-up.

It reads one JSON request a line on standard input and answers in JSON lines on a private copy of standard output; what
tasks print goes to their logs. It ends when its input ends, and the kernel ends it when its parent dies.

Receipts are in place when it answers, but not pushed to the disk: whoever asked does that, while the next task runs.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from ...pipeline.points import pass_point
from ...pipeline.settings import load_settings
from ...schema.errors import EXIT_TRY_AGAIN, TaskCancelledError
from ...schema.frames import FrameSet
from .attempted import Attempted, Host, TaskRequest, late_cancel
from .children import adopt_orphans, die_with_parent
from .known import code
from .progress import Teller
from .runner import run_task
from .weight import Weight

TOLD = "the task was told to end"


class Worker:
    """Serves requests, one after another.

    Args:
        answers: where answers go.
    """

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._lock = threading.Lock()
        self._speaking = False  # the main thread, which signals interrupt
        self._running = False
        self._leaving = False
        self._weight = Weight()
        self._settings = load_settings().settings
        self._teller = Teller(self._report)
        from ...pipeline.tools import StudioTools  # noqa: PLC0415 - after the streams are in order

        self._tools = StudioTools(self._settings)
        self._host = Host(tools=self._tools, report=self._teller.say, prints=True, durable=False)
        self._environment = dict(os.environ)
        self._variables = dict(_variables())

    def serve(self, requests: TextIO) -> None:
        """Run tasks until there are no more requests, or somebody wants an end."""
        signal.signal(signal.SIGTERM, self._end)
        for line in requests:
            ended = vars(self._run(json.loads(line)))
            self._answer({"ended": ended, "worn": self._weight.is_worn(self._tools.loads), "code": code})
            if self._leaving:
                break
            self._restore()

    def _run(self, asked: dict[str, Any]) -> Attempted:
        request = TaskRequest(Path(asked["bundle"]), asked["step"], FrameSet.parse(asked["frames"]), asked["attempt"])
        try:
            self._running = True
            ended = run_task(request, self._settings, host=self._host)
        except TaskCancelledError as error:
            ended = late_cancel(error, request)
        finally:
            self._running = False
            self._teller.end()
        if ended.failure_code:
            self._tools.forget()
        return ended

    def _restore(self) -> None:
        """Undo what a task did to the process."""
        if signal.getsignal(signal.SIGTERM) != self._end:
            signal.signal(signal.SIGTERM, self._end)
        if _variables() != self._variables:
            os.environ.clear()
            os.environ.update(self._environment)
        os.chdir("/")

    def _end(self, number: int, _frame: object) -> None:
        if not self._running:
            os._exit(128 + number)
        if not self._leaving:
            self._leaving = self._teller.cancelled = True
            if not self._speaking:  # half an answer would be none
                raise TaskCancelledError(TOLD)

    def _report(self, fraction: float, message: str) -> None:
        in_task = threading.current_thread() is threading.main_thread()
        self._speaking = self._speaking or in_task
        try:
            self._answer({"progress": fraction, "message": message})
        finally:
            self._speaking = self._speaking and not in_task
        if in_task and self._leaving:
            raise TaskCancelledError(TOLD)

    def _unheard(self) -> None:
        """The engine is gone; its successor runs the task again."""
        os._exit(EXIT_TRY_AGAIN)

    def _answer(self, message: dict[str, Any]) -> None:
        line = json.dumps(message) + "\n"
        pass_point("worker:answers")
        try:
            with self._lock:
                self._answers.write(line)
                self._answers.flush()
        except BrokenPipeError:
            self._unheard()


def _variables() -> Mapping[Any, Any]:
    """The environment as Python holds it: comparing it costs a hundredth of comparing what it decodes to each time."""
    found: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
    return found


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

"""A warm worker: one process that runs task after task, so that each pays no start-up.

It reads one JSON request a line on standard input and answers in JSON lines on a private copy of standard output; what
tasks print goes to standard error. It ends when its input ends, and the kernel ends it when its parent dies.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from ...pipeline.settings import load_settings
from ...schema.errors import EXIT_TRY_AGAIN
from ...schema.frames import FrameSet
from .runner import TaskRequest, run_task

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PROGRESS_STEP = 0.01


def main() -> int:
    """Serve requests until there are no more."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the engine decides when work ends
    signal.signal(signal.SIGTERM, _leave)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    settings = load_settings().settings
    from ...pipeline.tools import StudioTools  # noqa: PLC0415 - after the streams are in order

    tools = StudioTools(settings)
    for line in sys.stdin:
        _serve(json.loads(line), settings, tools, answers)
    return 0


def _leave(number: int, _frame: object) -> None:
    os._exit(128 + number)


def _serve(asked: dict[str, Any], settings: Any, tools: Any, answers: TextIO) -> None:
    told = 0.0

    def report(fraction: float, message: str) -> None:
        nonlocal told
        if fraction == 0.0 or fraction - told >= PROGRESS_STEP:
            told = fraction
            _say(answers, {"progress": fraction, "message": message})

    request = TaskRequest(Path(asked["bundle"]), asked["step"], FrameSet.parse(asked["frames"]), asked["attempt"])
    _say(answers, {"ended": asdict(run_task(request, settings, tools=tools, report=report))})


def _say(answers: TextIO, message: dict[str, Any]) -> None:
    try:
        answers.write(json.dumps(message) + "\n")
    except BrokenPipeError:
        os._exit(EXIT_TRY_AGAIN)  # nobody listens any more: the engine is gone, its successor runs the task again


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies; Linux only, elsewhere the end of input tells."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    raise SystemExit(main())

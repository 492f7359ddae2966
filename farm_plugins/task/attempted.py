"""What is asked of a process that runs a task, what it brings along, and how its attempt ended."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ...schema.errors import TaskCancelledError
from ...schema.frames import FrameSet

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class TaskRequest:
    """Which task to run.

    Attributes:
        bundle: folder of job.json.
        step: name of the step.
        frames: frames of the chunk.
        attempt: number of the attempt as the engine counts them.
    """

    bundle: Path
    step: str
    frames: FrameSet
    attempt: int = 1


@dataclass(frozen=True)
class Attempted:
    """How an attempt ended.

    Attributes:
        exit_code: see ``schema.errors``.
        log: the attempt's log, relative to the job's folder; empty when there was no job to log for.
        failure_code: such as ``E204``; None when it is done.
        failure: the one line, or None.
        retryable: whether another attempt may help.
        message: what was done, for people.
        receipt: path of the receipt that the caller has to push to the disk; empty when there is nothing to push.
    """

    exit_code: int
    log: str
    failure_code: str | None = None
    failure: str | None = None
    retryable: bool = False
    message: str = ""
    receipt: str = ""


@dataclass(frozen=True)
class Host:
    """What the process that runs tasks brings along.

    Attributes:
        tools: what a task may use, kept from task to task by a warm worker; None: made anew.
        report: told 0..1 and a sentence while a task runs.
        prints: whether what a task prints goes to its log.
        shown: whether its log goes to standard output while it grows.
        durable: whether receipts survive a power cut as soon as they are in place; if not, the caller pushes them.
        records: whether the end of each attempt is recorded in the job's folder, as nobody else may tell of it.
    """

    tools: Any = None
    report: Report = field(default=lambda _fraction, _message: None)
    prints: bool = False
    shown: bool = False
    durable: bool = True
    records: bool = False


def late_cancel(error: TaskCancelledError, request: TaskRequest) -> Attempted:
    """The end of an attempt that was told to end so late that it could not answer itself."""
    return Attempted(
        exit_code=error.exit_code,
        log="",
        failure_code=error.code,
        failure=error.line(step=request.step, frames=request.frames, attempt=request.attempt),
        message=error.message,
    )


@cache
def host_name() -> str:
    """This machine's name, without its domain."""
    return socket.gethostname().split(".", maxsplit=1)[0] or "localhost"

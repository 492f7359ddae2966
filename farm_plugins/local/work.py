"""One task on its way through a runner of the local engine."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from ...pipeline.store.endings import Finished
from ...pipeline.store.queue import Claimed
from ...schema.errors import EXIT_DONE, ShotmillError, TaskCancelledError, WorkerLostError
from ...schema.names import plain_text
from ...schema.states import State
from ..task import Attempted, host_name

FIRST_BACKOFF_S = 0.5
MAX_BACKOFF_S = 60.0
JITTER = 0.25


@dataclass(frozen=True)
class Assignment:
    """A claimed task with the devices it got, and whom to tell about its progress."""

    task: Claimed
    gpus: tuple[str, ...]
    tell: Callable[[float, str], None] = field(compare=False)


def failed(work: Assignment, error: ShotmillError, *, log: str = "") -> Attempted:
    """The end of an attempt that could not speak for itself."""
    task = work.task
    line = error.line(step=task.step, frames=task.frames, host=host_name(), attempt=task.attempt)
    return Attempted(
        exit_code=error.exit_code,
        log=log,
        failure_code=error.code,
        failure=line,
        retryable=error.retryable,
        message=error.message,
    )


def outcome(work: Assignment, attempted: Attempted, *, cancelled: bool) -> Finished:
    """What an attempt makes of its task: done, tried again, failed or cancelled.

    Args:
        work: the task.
        attempted: how it ended.
        cancelled: whether its engine wanted it to end; a machine that shuts down, or a person, may do so, too.
    """
    task = work.task
    if attempted.failure_code == TaskCancelledError.code and not cancelled:
        attempted = failed(work, WorkerLostError("it was told to end by somebody else"), log=attempted.log)
    state = State.FAILED
    wait = 0.0
    if attempted.exit_code == EXIT_DONE:
        state = State.SUCCEEDED
    elif attempted.failure_code == TaskCancelledError.code:
        state = State.CANCELLED
    elif attempted.retryable and task.tried <= task.retries:
        state = State.QUEUED
        wait = _backoff_s(task.tried)
    return Finished(
        task_id=task.task_id,
        job_id=task.job_id,
        attempt=task.attempt,
        state=state,
        exit_code=attempted.exit_code,
        failure_code=attempted.failure_code,
        failure=None if attempted.failure is None else plain_text(attempted.failure),
        message=plain_text(attempted.message),
        log=plain_text(attempted.log) or None,
        retry_in_s=wait,
    )


def _backoff_s(tried: int) -> float:
    """Seconds until the next attempt: twice as long each time, and never for many tasks at one moment."""
    wait = min(FIRST_BACKOFF_S * 2.0 ** (tried - 1), MAX_BACKOFF_S)
    return wait * random.uniform(1.0, 1.0 + JITTER)  # noqa: S311 - spreads load, guards nothing

"""How tasks move from one status to the next: what becomes ready, what ends, what people ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .records import ENDED, ON_A_WORKER, OPEN_ACTION, Action, Job, Task, Wire
from .replies import validation_error

_UNTIL_STARTED = frozenset({"PENDING", "READY"})
_ENDS = {"FAILED": "FAILED", "CANCELED": "CANCELED", "INTERRUPTED": "READY", "NEVER_ATTEMPTED": "READY"}


def settle(job: Job) -> None:
    """Make ready what waits for nothing any more, and pending what waits again."""
    for step in job.steps:
        open_to = "READY" if all(before.is_done for before in step.after) else "PENDING"
        for task in step.tasks:
            if task.status in _UNTIL_STARTED:
                task.status = open_to


def aim(job: Job, tasks: Iterable[Task], target: str) -> None:
    """Move tasks to where somebody wants them.

    Raises:
        ServiceError: tasks cannot be moved there.
    """
    if target not in {"PENDING", "READY", "CANCELED", "SUSPENDED", "FAILED", "SUCCEEDED"}:
        raise validation_error(f"{target} is no target", reason="FIELD_VALIDATION_FAILED")
    for task in tasks:
        task.target = target
        if target in {"PENDING", "READY"}:
            _again(task)
        elif target == "SUSPENDED":
            if task.status in _UNTIL_STARTED:
                task.become("SUSPENDED")
        elif task.status in ON_A_WORKER:
            _interrupt(task)
        elif task.status not in ENDED or target != "CANCELED":
            task.become(target)
    if target in {"PENDING", "READY"}:
        job.stopped = False
    settle(job)


def _again(task: Task) -> None:
    """Put a task back to the start; one that is on a worker stays there."""
    if task.status in ENDED or task.status in {"SUSPENDED", "NOT_COMPATIBLE"}:
        task.failures = 0
        task.become("PENDING")


def _interrupt(task: Task) -> None:
    task.become("INTERRUPTING")
    if task.action:
        task.action.canceled = True
        if task.action.status in OPEN_ACTION:
            task.action.status = "CANCELING"


def report(action: Action, told: Wire) -> None:
    """Take a worker's word of an action."""
    if action.status not in OPEN_ACTION:
        return  # a report that came twice
    action.reported.update(told)
    completed = told.get("completedStatus")
    if completed:
        action.status = completed
    elif action.status == "ASSIGNED" and told.get("startedAt"):
        action.status = "RUNNING"
    task = action.task
    if task is None:
        if completed in {"FAILED", "CANCELED", "INTERRUPTED"}:
            _session_broke(action, completed)
    elif completed:
        _task_ended(task, completed, told)
    elif told.get("startedAt") and task.status == "ASSIGNED":
        task.started = told["startedAt"]
        task.become("RUNNING")
    settle(action.session.job)


def _task_ended(task: Task, completed: str, told: Wire) -> None:
    task.started = told.get("startedAt") or task.started
    if task.target in {"CANCELED", "FAILED", "SUCCEEDED"} and task.status == "INTERRUPTING":
        task.become("SUCCEEDED" if completed == "SUCCEEDED" else str(task.target))
    elif completed == "FAILED":
        _failed(task)
    else:
        task.become(_ENDS.get(completed, completed))


def _session_broke(action: Action, completed: str) -> None:
    """An action that runs no task, such as entering an environment, failed: the tasks behind it did not run."""
    for other in action.session.open_actions:
        other.status = "NEVER_ATTEMPTED"
        if other.task:
            _task_ended(other.task, "FAILED" if completed == "FAILED" else "NEVER_ATTEMPTED", {})


def _failed(task: Task) -> None:
    """Try again, as often as the job allows; too many failed tasks stop the job."""
    job = task.step.job
    if task.failures < job.request.get("maxRetriesPerTask", 0):
        task.failures += 1
        task.become("READY")
        return
    task.become("FAILED")
    most: Any = job.request.get("maxFailedTasksCount")
    if most is not None and sum(one.status == "FAILED" for one in job.tasks) > most:
        stop(job)


def stop(job: Job) -> None:
    """Run nothing more of a job that failed too often."""
    job.stopped = True
    for task in job.tasks:
        if task.status in ON_A_WORKER:
            task.target = "CANCELED"
            _interrupt(task)
        elif task.status not in ENDED:
            task.become("CANCELED")

"""How tasks of the local engine end: stored by their owner, given back, or taken over from an engine that vanished."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from ...schema.errors import WorkerLostError
from ...schema.states import State
from ...schema.tables import Attempt, Job, JobStep, TaskRun
from .database import Database
from .queue import ENGINE, OPEN_JOBS, database_now, lock_jobs
from .rollup import count_up, roll_up

MAX_LOST = 10  # engines that may vanish under one task, beyond its retries: one that kills each is not tried for ever

# Made once: they are asked many times a second, and making them costs more than asking.
_OWNED = (
    select(TaskRun.id, TaskRun.step_id)
    .where(TaskRun.id.in_(bindparam("tasks", expanding=True)))
    .where(TaskRun.owner == bindparam("whose"), TaskRun.state == State.RUNNING)
    .order_by(TaskRun.id)
    .with_for_update()
)
_TASK_ENDS = (
    update(TaskRun)
    .where(TaskRun.id == bindparam("task"))
    .values(
        state=bindparam("ends"),
        owner=None,
        lease_until=None,
        message=bindparam("said"),
        failure_code=bindparam("code"),
        failure=bindparam("line"),
        progress=func.coalesce(bindparam("part", type_=TaskRun.progress.type), TaskRun.progress),
        not_before=bindparam("wait"),
    )
)
_ATTEMPT_ENDS = (
    update(Attempt)
    .where(Attempt.task_run_id == bindparam("task"), Attempt.number == bindparam("attempt"))
    .values(
        state=bindparam("ends"),
        exit_code=bindparam("exits"),
        failure_code=bindparam("code"),
        failure=bindparam("line"),
        log=bindparam("logged"),
        finished=bindparam("moment"),
    )
)


@dataclass(frozen=True)
class Finished:
    """How an attempt ended. ``state`` QUEUED means: try again, not before ``retry_in_s`` from now."""

    task_id: uuid.UUID
    job_id: uuid.UUID
    attempt: int
    state: State
    exit_code: int | None = None
    failure_code: str | None = None
    failure: str | None = None
    message: str | None = None
    log: str | None = None
    retry_in_s: float = 0.0


def finish(database: Database, owner: uuid.UUID, ended: Sequence[Finished]) -> set[uuid.UUID]:
    """Store how attempts ended, and what that makes of their steps and jobs.

    Returns:
        The tasks that still were this owner's; the others had been taken over, and nothing of them was stored.
    """
    if not ended:
        return set()
    with database.write() as connection:
        cancelled = lock_jobs(connection, {one.job_id for one in ended})
        moment = database_now(connection)
        steps = _owned(connection, owner, [one.task_id for one in ended])
        mine = [_unless_cancelled(one, cancelled) for one in ended if one.task_id in steps]
        if mine:
            _store_ends(connection, mine, moment)
            count_up(connection, [(one.job_id, steps[one.task_id], one.state) for one in mine], cancelled, moment)
    return set(steps)


def _owned(connection: Connection, owner: uuid.UUID, tasks: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Those of the tasks that an engine still owns, with their steps."""
    rows = connection.execute(_OWNED, {"tasks": list(tasks), "whose": owner})
    return {row.id: row.step_id for row in rows}


def _unless_cancelled(one: Finished, cancelled: Mapping[uuid.UUID, bool]) -> Finished:
    """A task of a job that somebody ended is not tried again."""
    if one.state is State.QUEUED and cancelled.get(one.job_id):
        return replace(one, state=State.CANCELLED)
    return one


def _store_ends(connection: Connection, ended: Sequence[Finished], moment: datetime) -> None:
    connection.execute(
        _TASK_ENDS,
        [
            {
                "task": one.task_id,
                "ends": one.state,
                "said": one.message,
                "code": one.failure_code,
                "line": one.failure,
                "part": 1.0 if one.state is State.SUCCEEDED else None,
                "wait": moment + timedelta(seconds=one.retry_in_s) if one.state is State.QUEUED else None,
            }
            for one in ended
        ],
    )
    connection.execute(
        _ATTEMPT_ENDS,
        [
            {
                "task": one.task_id,
                "attempt": one.attempt,
                "ends": State.FAILED if one.state is State.QUEUED else one.state,
                "exits": one.exit_code,
                "code": one.failure_code,
                "line": one.failure,
                "logged": one.log,
                "moment": moment,
            }
            for one in ended
        ],
    )


def release(database: Database, owner: uuid.UUID, tasks: Iterable[uuid.UUID]) -> None:
    """Give claimed tasks back that were never begun, or whose engine ends: their attempt does not count."""
    ids = sorted(tasks)
    if not ids:
        return
    with database.write() as connection:
        jobs = set(connection.scalars(select(TaskRun.job_id).where(TaskRun.id.in_(ids))))
        cancelled = lock_jobs(connection, jobs)
        moment = database_now(connection)
        rows = connection.execute(
            select(TaskRun.id, TaskRun.job_id, TaskRun.attempts)
            .where(TaskRun.id.in_(ids), TaskRun.owner == owner, TaskRun.state == State.RUNNING)
            .order_by(TaskRun.id)
            .with_for_update()
        ).all()
        for row in rows:
            ends = State.CANCELLED if cancelled.get(row.job_id) else State.QUEUED
            connection.execute(
                update(TaskRun)
                .where(TaskRun.id == row.id)
                .values(state=ends, owner=None, lease_until=None, attempts=row.attempts - 1, progress=0.0)
            )
            connection.execute(delete(Attempt).where(Attempt.task_run_id == row.id, Attempt.number == row.attempts))
        roll_up(connection, {row.job_id for row in rows}, moment)


def expired(database: Database, *, besides: uuid.UUID) -> set[tuple[uuid.UUID, datetime]]:
    """Running tasks whose lease has ended by the database's clock, with that lease.

    Args:
        database: where the queue is.
        besides: the engine that asks; its own tasks are left out.
    """
    with database.read() as connection:
        ended = TaskRun.lease_until < database_now(connection)
        rows = connection.execute(
            select(TaskRun.id, TaskRun.lease_until).where(*_running(), ended, TaskRun.owner != besides)
        )
        return {(row.id, row.lease_until) for row in rows}


def take_over(
    database: Database, *, dead: Sequence[uuid.UUID] = (), lost: Collection[tuple[uuid.UUID, datetime]] = ()
) -> int:
    """Queue tasks again whose owner is known to be dead, or whose lease ended and was not renewed; how many.

    Their attempts are marked as lost. Tasks of cancelled jobs end as cancelled, and those under which too many
    engines vanished as failed.

    Args:
        database: where the queue is.
        dead: engines whose process is gone.
        lost: tasks with the lease that ended.
    """
    leases = dict(lost)
    whose = or_(TaskRun.owner.in_(dead), TaskRun.id.in_(leases))
    with database.read() as connection:
        jobs = set(connection.scalars(select(TaskRun.job_id).where(*_running(), whose).distinct()))
    if not jobs:
        return 0
    with database.write() as connection:
        cancelled = lock_jobs(connection, jobs)
        moment = database_now(connection)
        rows = connection.execute(
            select(
                TaskRun.id, TaskRun.job_id, TaskRun.attempts, TaskRun.forgiven, TaskRun.owner, TaskRun.lease_until,
                JobStep.retries,
            )
            .join(JobStep, JobStep.id == TaskRun.step_id)
            .where(*_running(), whose, TaskRun.job_id.in_(cancelled))
            .order_by(TaskRun.id)
            .with_for_update(of=TaskRun)
        ).all()  # fmt: skip
        taken = [row for row in rows if row.owner in dead or row.lease_until == leases.get(row.id)]
        for row in taken:
            _lose(connection, row, cancelled=cancelled[row.job_id], moment=moment)
        roll_up(connection, {row.job_id for row in taken}, moment)
    return len(taken)


def _running() -> list[Any]:
    ours = select(Job.id).where(Job.engine == ENGINE, Job.state.in_(OPEN_JOBS))
    return [TaskRun.state == State.RUNNING, TaskRun.job_id.in_(ours)]


def _lose(connection: Connection, row: Any, *, cancelled: bool, moment: datetime) -> None:
    error = WorkerLostError("its engine vanished")
    line = error.line(attempt=row.attempts)
    state = State.CANCELLED if cancelled else State.QUEUED
    if state is State.QUEUED and row.attempts - row.forgiven > row.retries + MAX_LOST:
        state = State.FAILED
    failure = {"failure": line, "failure_code": error.code} if state is State.FAILED else {}
    connection.execute(
        update(TaskRun).where(TaskRun.id == row.id).values(state=state, owner=None, lease_until=None, **failure)
    )
    connection.execute(
        update(Attempt)
        .where(Attempt.task_run_id == row.id, Attempt.number == row.attempts)
        .values(state=State.FAILED, failure_code=error.code, failure=line, finished=moment)
    )

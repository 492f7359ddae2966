"""What people, and machines that are too small, do to jobs of the local engine: cancel, retry, block, unblock."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, select, update

from ...schema.errors import MachineError
from ...schema.job import Needs
from ...schema.states import State
from ...schema.tables import Job, JobStep, TaskRun
from .database import Database
from .queue import OPEN_JOBS, ReadyStep, database_now, lock_jobs, ready_steps
from .rollup import roll_up

AGAIN = (State.FAILED, State.CANCELLED, State.BLOCKED)
AT_ONCE = 1000  # SQLite takes so many values in one statement, and some more


def request_cancel(database: Database, job_id: uuid.UUID) -> None:
    """End a job: waiting tasks now, running ones as soon as their engine hears of it.

    From now on the same inputs make a new job: nobody is answered with one that is about to end.
    """
    with database.write() as connection:
        lock_jobs(connection, [job_id])
        asked = connection.execute(
            update(Job).where(Job.id == job_id, Job.state.in_(OPEN_JOBS)).values(cancel_requested=True, active_key=None)
        )
        if asked.rowcount:
            connection.execute(
                update(TaskRun)
                .where(TaskRun.job_id == job_id, TaskRun.state.in_((State.QUEUED, State.BLOCKED)))
                .values(state=State.CANCELLED)
            )
            roll_up(connection, {job_id}, database_now(connection))


def retry(database: Database, job_id: uuid.UUID, *, tasks: Sequence[uuid.UUID], exclude_host: str = "") -> int:
    """Queue tasks again with fresh attempts; how many. Those that wait or run already are left alone.

    A job that has succeeded stays so. One that is being cancelled waits until its last task has ended, so that none
    starts that somebody just ended. ``exclude_host`` takes none of them any more.
    """
    with database.write() as connection:
        lock_jobs(connection, [job_id])
        job = connection.execute(select(Job.state, Job.cancel_requested).where(Job.id == job_id)).one()
        running = select(TaskRun.id).where(TaskRun.job_id == job_id, TaskRun.state == State.RUNNING).limit(1)
        if job.state is State.SUCCEEDED or (job.cancel_requested and connection.execute(running).first() is not None):
            return 0
        count = reopen(connection, job_id, tasks)
        if count:
            if exclude_host:
                _exclude(connection, tasks, exclude_host)
            roll_up(connection, {job_id}, database_now(connection))
    return count


def _exclude(connection: Connection, tasks: Sequence[uuid.UUID], host: str) -> None:
    for start in range(0, len(tasks), AT_ONCE):
        mine = TaskRun.id.in_(tasks[start : start + AT_ONCE])
        for row in connection.execute(select(TaskRun.id, TaskRun.exclude_hosts).where(mine)).all():
            hosts = sorted({*(row.exclude_hosts or ()), host})
            connection.execute(update(TaskRun).where(TaskRun.id == row.id).values(exclude_hosts=hosts))


def reopen(connection: Connection, job_id: uuid.UUID, tasks: Sequence[uuid.UUID]) -> int:
    """Queue tasks again, and with them their steps and their job, which goes on; how many. The job is locked."""
    steps = _queue_again(connection, job_id, tasks)
    if not steps:
        return 0
    connection.execute(
        update(JobStep)
        .where(JobStep.id.in_(set(steps)), JobStep.state.in_((*AGAIN, State.SUCCEEDED)))
        .values(state=State.QUEUED)
    )
    again: dict[str, Any] = {"cancel_requested": False, "failure": None, "finished": None}
    job = connection.execute(select(Job.key).where(Job.id == job_id)).one()
    if connection.execute(select(Job.id).where(Job.active_key == job.key)).first() is None:
        again["active_key"] = job.key
    connection.execute(update(Job).where(Job.id == job_id).values(**again))
    connection.execute(update(Job).where(Job.id == job_id, Job.state.in_(AGAIN)).values(state=State.QUEUED))
    return len(steps)


def _queue_again(connection: Connection, job_id: uuid.UUID, tasks: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Queue tasks that ended, or wait for a person; the step of each."""
    steps: list[uuid.UUID] = []
    for start in range(0, len(tasks), AT_ONCE):
        statement = (
            update(TaskRun)
            .where(TaskRun.job_id == job_id, TaskRun.id.in_(tasks[start : start + AT_ONCE]))
            .where(TaskRun.state.in_((*AGAIN, State.SUCCEEDED)))
            .values(
                state=State.QUEUED,
                forgiven=TaskRun.attempts,
                not_before=None,
                failure=None,
                failure_code=None,
                message=None,
                progress=0.0,
            )
            .returning(TaskRun.step_id)
        )
        steps += connection.scalars(statement)
    return steps


def block(database: Database, step: ReadyStep, failure: str) -> None:
    """Let a step's waiting tasks wait for a person, or for a larger machine; ``failure`` is the one line."""
    with database.write() as connection:
        lock_jobs(connection, [step.job_id])
        connection.execute(
            update(TaskRun)
            .where(TaskRun.step_id == step.step_id, TaskRun.state == State.QUEUED)
            .values(state=State.BLOCKED, failure=failure, failure_code=MachineError.code)
        )
        roll_up(connection, {step.job_id}, database_now(connection))
        connection.execute(update(Job).where(Job.id == step.job_id, Job.state == State.BLOCKED).values(failure=failure))


def unblock(database: Database, fits: Callable[[Needs], bool]) -> int:
    """Queue tasks again that smaller machines could not run and this one can; how many."""
    with closing(ready_steps(database, waiting=State.BLOCKED)) as blocked:
        steps = [step for step in blocked if fits(step.needs)]
    count = 0
    for step in steps:
        with database.write() as connection:
            lock_jobs(connection, [step.job_id])
            moved = connection.execute(
                update(TaskRun)
                .where(TaskRun.step_id == step.step_id, TaskRun.state == State.BLOCKED)
                .where(TaskRun.failure_code == MachineError.code)
                .values(state=State.QUEUED, failure=None, failure_code=None)
            ).rowcount
            count += moved
            if moved:
                connection.execute(update(Job).where(Job.id == step.job_id).values(failure=None))
                roll_up(connection, {step.job_id}, database_now(connection))
    return count

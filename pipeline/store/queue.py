"""The queue of the local engine: tasks are claimed with a lease, renewed, finished, retried and cancelled.

A claim is exclusive: SQLite takes its write lock first, PostgreSQL skips rows that somebody else holds. Only the owner
of a lease may finish its task, so a process that lost its lease cannot undo what its successor did.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, insert, or_, select, update

from ...schema.ids import uuid7
from ...schema.job import Needs, Priority
from ...schema.states import State
from ...schema.tables import Attempt, Job, JobStep, TaskRun, now
from .database import Database
from .rollup import roll_up

ENGINE = "local"
OPEN_JOBS = (State.QUEUED, State.RUNNING, State.BLOCKED)
_RANK = case({Priority.HIGH: 0, Priority.NORMAL: 1, Priority.LOW: 2}, value=Job.priority)


@dataclass(frozen=True)
class Claimed:
    """A task that this engine owns until its lease ends."""

    task_id: uuid.UUID
    job_id: uuid.UUID
    step: str
    frames: str
    attempt: int
    needs: Needs
    warm: bool
    retries: int
    timeout_s: int
    folder: str


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


def database_now(connection: Connection) -> datetime:
    """The database's clock: several machines agree on it. SQLite has none, and serves one machine."""
    if connection.dialect.name == "sqlite":
        return now()
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def claim(database: Database, owner: uuid.UUID, *, host: str, limit: int, lease_s: float) -> list[Claimed]:
    """Take up to ``limit`` tasks whose steps are ready: by priority, then age of the job, then order in the job."""
    with database.write() as connection:
        moment = database_now(connection)
        steps = _ready_steps(connection)
        rows = _queued(connection, list(steps), moment, host, limit) if steps else []
        if not rows:
            return []
        until = moment + timedelta(seconds=lease_s)
        ids = [row.id for row in rows]
        connection.execute(
            update(TaskRun)
            .where(TaskRun.id.in_(ids))
            .values(state=State.RUNNING, owner=owner, lease_until=until, attempts=TaskRun.attempts + 1, progress=0.0)
        )
        connection.execute(
            insert(Attempt),
            [
                {"id": uuid7(), "task_run_id": row.id, "number": row.attempts + 1, "host": host, "started": moment}
                for row in rows
            ],
        )
        _start(connection, rows, moment)
        return [_claimed(row, steps[row.step_id]) for row in rows]


def _ready_steps(connection: Connection) -> dict[uuid.UUID, Any]:
    """Steps with something to do whose predecessors all succeeded, by id."""
    statement = (
        select(
            JobStep.id, JobStep.job_id, JobStep.name, JobStep.after, JobStep.needs, JobStep.warm, JobStep.retries,
            JobStep.timeout_s, JobStep.state, Job.folder,
        )
        .join(Job, Job.id == JobStep.job_id)
        .where(Job.engine == ENGINE, Job.state.in_(OPEN_JOBS), Job.cancel_requested.is_(False))
        .where(Job.engine_job_id.is_not(None))
    )  # fmt: skip
    rows = connection.execute(statement).all()
    done = {(row.job_id, row.name) for row in rows if row.state is State.SUCCEEDED}
    return {
        row.id: row
        for row in rows
        if row.state in {State.QUEUED, State.RUNNING} and all((row.job_id, before) in done for before in row.after)
    }


def _queued(
    connection: Connection, steps: Sequence[uuid.UUID], moment: datetime, host: str, limit: int
) -> Sequence[Any]:
    statement = (
        select(TaskRun.id, TaskRun.job_id, TaskRun.step_id, TaskRun.frames, TaskRun.attempts, TaskRun.exclude_hosts)
        .join(Job, Job.id == TaskRun.job_id)
        .join(JobStep, JobStep.id == TaskRun.step_id)
        .where(TaskRun.step_id.in_(steps), TaskRun.state == State.QUEUED)
        .where(or_(TaskRun.not_before.is_(None), TaskRun.not_before <= moment))
        .order_by(_RANK, Job.created, JobStep.position, TaskRun.position)
        .limit(limit)
        .with_for_update(skip_locked=True, of=TaskRun)
    )
    return [row for row in connection.execute(statement) if host not in (row.exclude_hosts or ())]


def _start(connection: Connection, rows: Sequence[Any], moment: datetime) -> None:
    steps, jobs = {row.step_id for row in rows}, {row.job_id for row in rows}
    connection.execute(
        update(JobStep).where(JobStep.id.in_(steps), JobStep.state == State.QUEUED).values(state=State.RUNNING)
    )
    connection.execute(
        update(Job)
        .where(Job.id.in_(jobs), Job.state.in_((State.QUEUED, State.BLOCKED)))
        .values(state=State.RUNNING, started=func.coalesce(Job.started, moment))
    )


def _claimed(row: Any, step: Any) -> Claimed:
    return Claimed(
        task_id=row.id,
        job_id=row.job_id,
        step=step.name,
        frames=row.frames,
        attempt=row.attempts + 1,
        needs=Needs.model_validate(step.needs),
        warm=step.warm,
        retries=step.retries,
        timeout_s=step.timeout_s,
        folder=step.folder,
    )


def renew(database: Database, owner: uuid.UUID, *, lease_s: float) -> None:
    """Extend the leases of everything an engine owns, in one statement."""
    with database.write() as connection:
        until = database_now(connection) + timedelta(seconds=lease_s)
        connection.execute(
            update(TaskRun).where(TaskRun.owner == owner, TaskRun.state == State.RUNNING).values(lease_until=until)
        )


def report_progress(database: Database, owner: uuid.UUID, told: Mapping[uuid.UUID, tuple[float, str]]) -> None:
    """Store how far running tasks are."""
    with database.write() as connection:
        for task_id, (fraction, message) in told.items():
            connection.execute(
                update(TaskRun)
                .where(TaskRun.id == task_id, TaskRun.owner == owner, TaskRun.state == State.RUNNING)
                .values(progress=fraction, message=message[:500])
            )


def finish(database: Database, owner: uuid.UUID, ended: Sequence[Finished]) -> int:
    """Store how attempts ended, and what that makes of their steps and jobs; how many still were this owner's."""
    kept = 0
    jobs: set[uuid.UUID] = set()
    with database.write() as connection:
        moment = database_now(connection)
        for one in ended:
            values: dict[str, Any] = {
                "state": one.state,
                "owner": None,
                "lease_until": None,
                "message": one.message,
                "failure_code": one.failure_code,
                "failure": one.failure,
            }
            if one.state is State.SUCCEEDED:
                values["progress"] = 1.0
            if one.state is State.QUEUED:
                values["not_before"] = moment + timedelta(seconds=one.retry_in_s)
            moved = connection.execute(
                update(TaskRun)
                .where(TaskRun.id == one.task_id, TaskRun.owner == owner, TaskRun.state == State.RUNNING)
                .values(**values)
            )
            if moved.rowcount == 0:
                continue
            kept += 1
            jobs.add(one.job_id)
            _end_attempt(connection, one, moment)
        roll_up(connection, jobs, moment)
    return kept


def _end_attempt(connection: Connection, one: Finished, moment: datetime) -> None:
    connection.execute(
        update(Attempt)
        .where(Attempt.task_run_id == one.task_id, Attempt.number == one.attempt)
        .values(
            state=State.FAILED if one.state is State.QUEUED else one.state,
            exit_code=one.exit_code,
            failure_code=one.failure_code,
            failure=one.failure,
            log=one.log,
            finished=moment,
        )
    )


def block(database: Database, job_id: uuid.UUID, step: str, reason: str) -> None:
    """Mark a step's waiting tasks as waiting for a person, with the reason."""
    with database.write() as connection:
        step_id = connection.execute(
            select(JobStep.id).where(JobStep.job_id == job_id, JobStep.name == step)
        ).scalar_one()
        connection.execute(
            update(TaskRun)
            .where(TaskRun.step_id == step_id, TaskRun.state.in_((State.QUEUED, State.RUNNING)))
            .values(state=State.BLOCKED, owner=None, lease_until=None, failure=reason, failure_code="E113")
        )
        connection.execute(update(JobStep).where(JobStep.id == step_id).values(state=State.BLOCKED))
        connection.execute(update(Job).where(Job.id == job_id).values(state=State.BLOCKED, failure=reason))


def release(database: Database, owner: uuid.UUID, tasks: Iterable[uuid.UUID]) -> None:
    """Give claimed tasks back that were never begun: their attempt does not count."""
    ids = list(tasks)
    with database.write() as connection:
        for task_id in ids:
            moved = connection.execute(
                update(TaskRun)
                .where(TaskRun.id == task_id, TaskRun.owner == owner, TaskRun.state == State.RUNNING)
                .values(state=State.QUEUED, owner=None, lease_until=None, attempts=TaskRun.attempts - 1)
                .returning(TaskRun.attempts)
            ).first()
            if moved is not None:
                connection.execute(
                    Attempt.__table__.delete().where(  # type: ignore[attr-defined]
                        Attempt.task_run_id == task_id, Attempt.number == moved.attempts + 1
                    )
                )


def take_over(database: Database, *, dead: Sequence[uuid.UUID] = ()) -> int:
    """Queue tasks again whose lease ended, or whose owner is known to be dead; how many.

    Their attempts are marked as lost. Tasks of cancelled jobs end as cancelled instead.
    """
    with database.write() as connection:
        moment = database_now(connection)
        lost = TaskRun.lease_until < moment
        if dead:
            lost = or_(lost, TaskRun.owner.in_(dead))
        rows = connection.execute(
            select(TaskRun.id, TaskRun.job_id, TaskRun.attempts, JobStep.retries, Job.cancel_requested)
            .join(Job, Job.id == TaskRun.job_id)
            .join(JobStep, JobStep.id == TaskRun.step_id)
            .where(TaskRun.state == State.RUNNING, Job.engine == ENGINE, lost)
            .with_for_update(skip_locked=True, of=TaskRun)
        ).all()
        for row in rows:
            state = State.CANCELLED if row.cancel_requested else State.QUEUED
            connection.execute(
                update(TaskRun).where(TaskRun.id == row.id).values(state=state, owner=None, lease_until=None)
            )
            connection.execute(
                update(Attempt)
                .where(Attempt.task_run_id == row.id, Attempt.number == row.attempts)
                .values(
                    state=State.FAILED,
                    failure_code="E313",
                    failure='SHOTMILL E313 worker-lost retryable=yes cause="its engine vanished"',
                    finished=moment,
                )
            )
        roll_up(connection, {row.job_id for row in rows}, moment)
    return len(rows)


def request_cancel(database: Database, job_id: uuid.UUID) -> None:
    """End a job: waiting tasks now, running ones as soon as their engine hears of it."""
    with database.write() as connection:
        moment = database_now(connection)
        connection.execute(update(Job).where(Job.id == job_id, Job.state.in_(OPEN_JOBS)).values(cancel_requested=True))
        connection.execute(
            update(TaskRun)
            .where(TaskRun.job_id == job_id, TaskRun.state.in_((State.QUEUED, State.BLOCKED)))
            .where(TaskRun.job_id.in_(select(Job.id).where(Job.cancel_requested.is_(True))))
            .values(state=State.CANCELLED)
        )
        roll_up(connection, {job_id}, moment)


def cancelled_tasks(database: Database, owner: uuid.UUID) -> set[uuid.UUID]:
    """Tasks of an engine whose job somebody wants to end."""
    statement = (
        select(TaskRun.id)
        .join(Job, Job.id == TaskRun.job_id)
        .where(TaskRun.owner == owner, TaskRun.state == State.RUNNING, Job.cancel_requested.is_(True))
    )
    with database.read() as connection:
        return set(connection.scalars(statement))


def retry(database: Database, job_id: uuid.UUID, *, tasks: Sequence[uuid.UUID] | None = None) -> int:
    """Queue failed, cancelled and blocked tasks again with fresh attempts; how many. What succeeded stays."""
    again = (State.FAILED, State.CANCELLED, State.BLOCKED)
    with database.write() as connection:
        chosen = [TaskRun.job_id == job_id, TaskRun.state.in_(again)]
        if tasks is not None:
            chosen.append(TaskRun.id.in_(tasks))
        steps = set(connection.scalars(select(TaskRun.step_id).where(*chosen)))
        moved = connection.execute(
            update(TaskRun)
            .where(*chosen)
            .values(state=State.QUEUED, not_before=None, failure=None, failure_code=None, message=None, progress=0.0)
        ).rowcount
        if moved:
            connection.execute(update(JobStep).where(JobStep.id.in_(steps)).values(state=State.QUEUED, failed=0))
            key = connection.execute(select(Job.key).where(Job.id == job_id)).scalar_one()
            taken = connection.execute(select(Job.id).where(Job.active_key == key)).first()
            values: dict[str, Any] = {
                "state": State.QUEUED,
                "cancel_requested": False,
                "failure": None,
                "finished": None,
            }
            if taken is None:
                values["active_key"] = key
            connection.execute(update(Job).where(Job.id == job_id).values(**values))
    return int(moved)


def has_open_work(database: Database) -> bool:
    """Whether any task could be run now or later without a person."""
    statement = (
        select(TaskRun.id)
        .join(Job, Job.id == TaskRun.job_id)
        .where(Job.engine == ENGINE, Job.state.in_((State.QUEUED, State.RUNNING)))
        .where(Job.engine_job_id.is_not(None))
        .where(TaskRun.state.in_((State.QUEUED, State.RUNNING)))
        .limit(1)
    )
    with database.read() as connection:
        return connection.execute(statement).first() is not None

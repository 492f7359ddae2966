"""The queue of the local engine: tasks are claimed with a lease, and the lease is renewed while they run.

A claim is exclusive: SQLite takes its write lock first, PostgreSQL locks the job and skips tasks that somebody holds.
Only the owner of a lease may finish its task, so a process that lost its lease cannot undo what its successor did.
Leases are measured by the database's clock, because clocks of machines differ. Every transaction locks jobs before
tasks, and several jobs in the order of their ids, so that none waits for another in a circle.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, case, exists, func, insert, or_, select, update

from ...schema.ids import uuid7
from ...schema.job import Needs, Priority
from ...schema.states import State
from ...schema.tables import Attempt, Job, JobStep, TaskRun, now
from .database import Database

ENGINE = "local"
OPEN_JOBS = (State.QUEUED, State.RUNNING, State.BLOCKED)
JOBS_AT_ONCE = 100
MAX_WAIT = timedelta(minutes=2)  # longer than any task waits between two attempts
_RANK = case({Priority.HIGH: 0, Priority.NORMAL: 1, Priority.LOW: 2}, value=Job.priority)


class ReadyStep(NamedTuple):
    """A step with tasks that may run now: its predecessors have all succeeded."""

    step_id: uuid.UUID
    job_id: uuid.UUID
    name: str
    needs: Needs
    warm: bool
    retries: int
    timeout_s: int
    folder: str


class Claimed(NamedTuple):
    """A task that this engine owns until its lease ends.

    Attributes:
        attempt: number of this attempt; its log and its folder carry it.
        tried: attempts so far, this one included, that use up retries.
    """

    task_id: uuid.UUID
    job_id: uuid.UUID
    step: str
    frames: str
    attempt: int
    tried: int
    needs: Needs
    warm: bool
    retries: int
    timeout_s: int
    folder: str


Room = Callable[[ReadyStep], int | None]
Claims = Generator[tuple[ReadyStep, list[Claimed]]]

# Statements are made once: they are asked many times a second, and making them costs more than asking.
_MOMENT: Any = bindparam("moment", type_=TaskRun.not_before.type)
_LONGEST: Any = bindparam("longest", type_=TaskRun.not_before.type)
# Nobody waits longer than MAX_WAIT: a time that lies further ahead is from before the clock was set back.
_IS_DUE: Any = or_(TaskRun.not_before.is_(None), ~((TaskRun.not_before > _MOMENT) & (TaskRun.not_before <= _LONGEST)))
_LOCKED = (
    select(Job.id, Job.cancel_requested)
    .where(Job.id.in_(bindparam("jobs", expanding=True)))
    .order_by(Job.id)
    .with_for_update()
)
_OPEN = (
    select(Job.id, Job.folder)
    .where(Job.engine == ENGINE, Job.state.in_(OPEN_JOBS), Job.cancel_requested.is_(False))
    .where(Job.engine_job_id.is_not(None))
    .order_by(_RANK, Job.created, Job.id)
    .limit(JOBS_AT_ONCE)
    .offset(bindparam("skipped"))
)
_HAS_WAITING = exists().where(TaskRun.step_id == JobStep.id, TaskRun.state == bindparam("waiting"), _IS_DUE)
_STEPS = (
    select(
        JobStep.id, JobStep.job_id, JobStep.name, JobStep.after, JobStep.needs, JobStep.warm, JobStep.retries,
        JobStep.timeout_s, JobStep.state, _HAS_WAITING.label("has_waiting"),
    )
    .where(JobStep.job_id.in_(bindparam("jobs", expanding=True)))
    .order_by(JobStep.job_id, JobStep.position)
)  # fmt: skip
_WAITING = (
    select(TaskRun.id, TaskRun.frames, TaskRun.attempts, TaskRun.forgiven, TaskRun.exclude_hosts)
    .where(TaskRun.step_id == bindparam("step"), TaskRun.state == State.QUEUED, _IS_DUE)
    .order_by(TaskRun.position)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKEN = (
    update(TaskRun)
    .where(TaskRun.id.in_(bindparam("tasks", expanding=True)))
    .values(
        state=State.RUNNING,
        owner=bindparam("whose"),
        lease_until=bindparam("until"),
        attempts=TaskRun.attempts + 1,
        progress=0.0,
    )
)
_BEGUN = insert(Attempt)
_STEP_BEGUN = (
    update(JobStep).where(JobStep.id == bindparam("step"), JobStep.state == State.QUEUED).values(state=State.RUNNING)
)
_JOB_BEGUN = (
    update(Job)
    .where(Job.id == bindparam("job"), Job.state.in_((State.QUEUED, State.BLOCKED)))
    .values(state=State.RUNNING, started=func.coalesce(Job.started, bindparam("moment", type_=Job.started.type)))
)
_CANCELLED = (
    select(TaskRun.id)
    .join(Job, Job.id == TaskRun.job_id)
    .where(TaskRun.owner == bindparam("whose"), TaskRun.state == State.RUNNING, Job.cancel_requested.is_(True))
)


def database_now(connection: Connection) -> datetime:
    """The database's clock: several machines agree on it. SQLite has none, and serves one machine."""
    if connection.dialect.name == "sqlite":
        return now()
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def lock_jobs(connection: Connection, jobs: Collection[uuid.UUID]) -> dict[uuid.UUID, bool]:
    """Lock jobs, in the order of their ids; for each whether somebody wants it to end."""
    if not jobs:
        return {}
    rows = connection.execute(_LOCKED, {"jobs": list(jobs)})
    return {row.id: row.cancel_requested for row in rows}


def ready_steps(database: Database, *, waiting: State = State.QUEUED) -> Generator[ReadyStep]:
    """Steps with tasks that may run now: by priority, then age of the job, then order in the job. Locks nothing.

    Args:
        database: where the queue is.
        waiting: the state of the tasks that are looked for.
    """
    offset = 0
    with database.read() as connection:
        moment = database_now(connection)
        while True:
            jobs = connection.execute(_OPEN, {"skipped": offset}).all()
            yield from _steps_of(connection, {row.id: row.folder for row in jobs}, waiting, moment)
            if len(jobs) < JOBS_AT_ONCE:
                return
            offset += JOBS_AT_ONCE


def _steps_of(
    connection: Connection, folders: Mapping[uuid.UUID, str], waiting: State, moment: datetime
) -> list[ReadyStep]:
    by_job: dict[uuid.UUID, list[Any]] = {job_id: [] for job_id in folders}
    for row in connection.execute(_STEPS, {"jobs": list(folders), "waiting": waiting, **_due(moment)}):
        by_job[row.job_id].append(row)
    found = []
    for job_id, rows in by_job.items():
        done = {row.name for row in rows if row.state is State.SUCCEEDED}
        found += [_ready(row, folders[job_id]) for row in rows if row.has_waiting and done.issuperset(row.after)]
    return found


def _due(moment: datetime) -> dict[str, datetime]:
    """What ``_IS_DUE`` asks for."""
    return {"moment": moment, "longest": moment + MAX_WAIT}


def _ready(row: Any, folder: str) -> ReadyStep:
    return ReadyStep(
        step_id=row.id,
        job_id=row.job_id,
        name=row.name,
        needs=Needs.model_validate(row.needs),
        warm=row.warm,
        retries=row.retries,
        timeout_s=row.timeout_s,
        folder=folder,
    )


def claim(database: Database, owner: uuid.UUID, *, host: str, lease_s: float, room: Room) -> Claims:
    """Take tasks of steps that are ready, step by step, as many as there is room for.

    Args:
        database: where the queue is.
        owner: the engine.
        host: this machine's name; tasks that exclude it are left alone.
        lease_s: seconds until others may take them over.
        room: asked for each step how many of its tasks fit now; None ends the search.
    """
    with closing(ready_steps(database)) as steps:
        for step in steps:
            count = room(step)
            if count is None:
                return
            if count <= 0:
                continue
            with database.write() as connection:
                claimed = _claim_step(connection, step, count, owner, host, lease_s)
            if claimed:
                yield step, claimed


def _claim_step(
    connection: Connection, step: ReadyStep, count: int, owner: uuid.UUID, host: str, lease_s: float
) -> list[Claimed]:
    if lock_jobs(connection, [step.job_id]).get(step.job_id, True):
        return []  # cancelled meanwhile
    moment = database_now(connection)
    waiting = connection.execute(_WAITING, {"step": step.step_id, "most": count, **_due(moment)})
    rows = [row for row in waiting if host not in (row.exclude_hosts or ())]
    if not rows:
        return []
    until = moment + timedelta(seconds=lease_s)
    connection.execute(_TAKEN, {"tasks": [row.id for row in rows], "whose": owner, "until": until})
    connection.execute(
        _BEGUN,
        [
            {"id": uuid7(), "task_run_id": row.id, "number": row.attempts + 1, "host": host, "started": moment}
            for row in rows
        ],
    )
    _start(connection, step, moment)
    return [_claimed(row, step) for row in rows]


def _start(connection: Connection, step: ReadyStep, moment: datetime) -> None:
    connection.execute(_STEP_BEGUN, {"step": step.step_id})
    connection.execute(_JOB_BEGUN, {"job": step.job_id, "moment": moment})


def _claimed(row: Any, step: ReadyStep) -> Claimed:
    return Claimed(
        task_id=row.id,
        job_id=step.job_id,
        step=step.name,
        frames=row.frames,
        attempt=row.attempts + 1,
        tried=row.attempts + 1 - row.forgiven,
        needs=step.needs,
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
    statement = (
        update(TaskRun)
        .where(TaskRun.id == bindparam("task"), TaskRun.owner == owner, TaskRun.state == State.RUNNING)
        .values(progress=bindparam("fraction"), message=bindparam("said"))
    )
    with database.write() as connection:
        connection.execute(
            statement,
            [
                {"task": task_id, "fraction": fraction, "said": message[:500]}
                for task_id, (fraction, message) in sorted(told.items())
            ],
        )


def owned_tasks(database: Database, owner: uuid.UUID) -> set[uuid.UUID]:
    """Running tasks of an engine."""
    with database.read() as connection:
        owned = select(TaskRun.id).where(TaskRun.owner == owner, TaskRun.state == State.RUNNING)
        return set(connection.scalars(owned))


def cancelled_tasks(database: Database, owner: uuid.UUID) -> set[uuid.UUID]:
    """Tasks of an engine whose job somebody wants to end."""
    with database.read() as connection:
        return set(connection.scalars(_CANCELLED, {"whose": owner}))


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

"""Jobs in the database: put in whole, found again by token, key and handle, and read for people."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from ...schema.errors import NotFoundError
from ...schema.ids import JobId, job_handle, uuid7
from ...schema.job import PUBLISH_TASK, JobSpec
from ...schema.states import State
from ...schema.tables import Attempt, Job, JobStep, TaskRun
from .audit import job_facts, record
from .database import Database
from .rollup import TALLIES

MAX_LISTED = 1000
RUNNING_ON = "running_on"  # of a job's engine facts: host and beginning of its running tasks, where a farm tells


class JobRow(NamedTuple):
    """One job as lists show it. ``failure`` is the one-line failure of the first task that failed."""

    id: uuid.UUID
    handle: str
    key: str
    type: str
    name: str
    project: str
    user: str
    engine: str
    engine_job_id: str | None
    priority: str
    state: State
    folder: str
    failure: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None


class StepRow(NamedTuple):
    """One step of a job with its counts."""

    name: str
    state: State
    tasks: int
    done: int
    failed: int
    running: int


class TaskRow(NamedTuple):
    """One task with what its last attempt said."""

    id: uuid.UUID
    step: str
    frames: str
    state: State
    attempts: int
    progress: float
    message: str | None
    failure_code: str | None
    failure: str | None
    host: str | None
    log: str | None
    started: datetime | None
    finished: datetime | None


class AttemptRow(NamedTuple):
    """One try at one task."""

    step: str
    frames: str
    number: int
    state: State
    host: str
    exit_code: int | None
    failure: str | None
    log: str | None
    started: datetime
    finished: datetime | None


@dataclass(frozen=True)
class FailureGroup:
    """Failures of one cause, on one host, of one job type."""

    code: str
    host: str
    type: str
    count: int
    jobs: tuple[str, ...]
    example: str
    last: datetime


_JOB_COLUMNS = (
    Job.id, Job.handle, Job.key, Job.type, Job.name, Job.project, Job.user, Job.engine, Job.engine_job_id, Job.priority,
    Job.state, Job.folder, Job.failure, Job.created, Job.started, Job.finished,
)  # fmt: skip
# Made once: nothing is asked more often, and making them costs more than asking them.
_BY_ID = select(*_JOB_COLUMNS).where(Job.id == bindparam("id"))
_SPEC = select(Job.spec).where(Job.id == bindparam("id"))
_STEPS = (
    select(JobStep.id, JobStep.name, JobStep.state, JobStep.tasks)
    .where(JobStep.job_id == bindparam("job"))
    .order_by(JobStep.position)
)


def put_job(database: Database, spec: JobSpec, *, engine: str, folder: str, force: bool = False) -> tuple[JobRow, bool]:
    """Put a job with all its steps and tasks in, in one transaction.

    Args:
        database: where to.
        spec: checked; its id is the client token.
        engine: name of the engine that shall run it.
        folder: the job's folder.
        force: whether a job with the same key stays beside it.

    Returns:
        The job, and whether it is new. The same token again, or a job with the same key that is running or done,
        answers with that one.
    """
    place = {"engine": engine, "folder": folder}
    try:
        found = _found_or_put(database, spec, place, force=force)
    except IntegrityError:
        # Two submits of one thing at one moment: the unique key let one in, and this is the other.
        with database.read() as connection:
            found = _same(connection, spec, force=False)
        if found is None:  # and that one has been ended since
            found = _found_or_put(database, spec, place, force=force)
    return (found, False) if found else (job_by_id(database, JobId(uuid.UUID(spec.id))), True)


def _found_or_put(database: Database, spec: JobSpec, place: Mapping[str, str], *, force: bool) -> JobRow | None:
    """The job that is there already; None: it was put in."""
    with database.write() as connection:
        found = _same(connection, spec, force=force)
        if found is None:
            if force:
                connection.execute(update(Job).where(Job.active_key == spec.key).values(active_key=None))
            _insert(connection, spec, **place)
            entities = (str(output.entity) for step in spec.steps for output in step.outputs)
            facts = job_facts(entities, type=spec.type, name=spec.name, engine=place["engine"], force=force)
            record(connection, "submit", job_handle(uuid.UUID(spec.id)), actor=spec.user, facts=facts)
    return found


def _same(connection: Connection, spec: JobSpec, *, force: bool) -> JobRow | None:
    same = Job.token == spec.id if force else or_(Job.token == spec.id, Job.active_key == spec.key)
    row = connection.execute(select(*_JOB_COLUMNS).where(same)).first()
    return None if row is None else _job(row)


def _insert(connection: Connection, spec: JobSpec, *, engine: str, folder: str) -> None:
    job_id = uuid.UUID(spec.id)
    connection.execute(
        insert(Job).values(
            id=job_id,
            handle=job_handle(job_id),
            token=spec.id,
            key=spec.key,
            active_key=spec.key,
            type=spec.type,
            name=spec.name,
            project=spec.project,
            user=spec.user,
            engine=engine,
            engine_facts={},
            priority=spec.priority,
            state=State.QUEUED,
            spec=spec.model_dump(mode="json"),
            folder=folder,
            publishes=any(step.task == PUBLISH_TASK for step in spec.steps),
        )
    )
    steps, tasks = [], []
    for position, step in enumerate(spec.steps):
        step_id = uuid7()
        chunks = step.chunks()
        steps.append(
            {
                "id": step_id,
                "job_id": job_id,
                "position": position,
                "name": step.name,
                "after": list(step.after),
                "needs": step.needs.model_dump(),
                "warm": step.warm,
                "retries": step.retries,
                "timeout_s": step.timeout_s,
                "state": State.QUEUED,
                "tasks": len(chunks),
            }
        )
        tasks += [
            {"id": uuid7(), "job_id": job_id, "step_id": step_id, "position": index, "frames": str(chunk)}
            for index, chunk in enumerate(chunks)
        ]
    connection.execute(insert(JobStep), steps)
    connection.execute(insert(TaskRun), tasks)


def set_engine_job(database: Database, job_id: uuid.UUID, engine_job_id: str) -> None:
    """Store the id under which the engine knows a job."""
    with database.write() as connection:
        connection.execute(update(Job).where(Job.id == job_id).values(engine_job_id=engine_job_id))


def unsubmitted_jobs(database: Database, engine: str) -> list[uuid.UUID]:
    """Jobs that were put in but never reached their engine: the submitter died in between."""
    statement = select(Job.id).where(Job.engine == engine, Job.engine_job_id.is_(None), Job.state == State.QUEUED)
    with database.read() as connection:
        return list(connection.scalars(statement))


def job_by_id(database: Database, job_id: JobId) -> JobRow:
    """The job of this id.

    Raises:
        NotFoundError: there is none.
    """
    with database.read() as connection:
        row = connection.execute(_BY_ID, {"id": job_id}).first()
    if row is None:
        raise NotFoundError(f"there is no job {job_id}", hint="shotmill jobs")
    return _job(row)


def find_job(database: Database, text: str) -> JobRow:
    """The job that people mean by a handle, the front of one, or an id.

    Raises:
        NotFoundError: none, or several.
    """
    wanted = text.strip().upper()
    with database.read() as connection:
        by_handle = select(*_JOB_COLUMNS).where(Job.handle.startswith(wanted, autoescape=True)).limit(2)
        rows = connection.execute(by_handle).all() if wanted else []
    if len(rows) == 1:
        return _job(rows[0])
    if rows:
        raise NotFoundError(f"{text!r} means several jobs; give more letters", hint="shotmill jobs")
    try:
        return job_by_id(database, JobId(uuid.UUID(text)))
    except ValueError:
        raise NotFoundError(f"there is no job {text!r}", hint="shotmill jobs") from None


def list_jobs(
    database: Database,
    *,
    user: str | None = None,
    states: Sequence[State] = (),
    project: str | None = None,
    limit: int = 50,
) -> list[JobRow]:
    """Jobs, newest first."""
    statement = select(*_JOB_COLUMNS).order_by(Job.created.desc()).limit(min(limit, MAX_LISTED))
    if user:
        statement = statement.where(Job.user == user)
    if states:
        statement = statement.where(Job.state.in_(states))
    if project:
        statement = statement.where(Job.project == project)
    with database.read() as connection:
        return [_job(row) for row in connection.execute(statement)]


def job_spec(database: Database, job_id: uuid.UUID) -> JobSpec:
    """The whole job as it was submitted."""
    with database.read() as connection:
        document = connection.execute(_SPEC, {"id": job_id}).scalar_one()
    return JobSpec.model_validate(document)


def steps_of(database: Database, job_id: uuid.UUID) -> list[StepRow]:
    """The steps of a job, in order, counted from its tasks."""
    with database.read() as connection:
        counts: dict[uuid.UUID, dict[State, int]] = {}
        for row in connection.execute(TALLIES, {"job": job_id}):
            counts.setdefault(row.step_id, {})[row.state] = row.total
        rows = connection.execute(_STEPS, {"job": job_id}).all()
    return [_step(row, counts.get(row.id, {})) for row in rows]


def tasks_of(database: Database, job_id: uuid.UUID) -> list[TaskRow]:
    """The tasks of a job, in step and frame order, each with its last attempt."""
    statement = (
        select(
            TaskRun.id, JobStep.name.label("step"), TaskRun.frames, TaskRun.state, TaskRun.attempts, TaskRun.progress,
            TaskRun.message, TaskRun.failure_code, TaskRun.failure, Attempt.host, Attempt.log, Attempt.started,
            Attempt.finished,
        )
        .join(JobStep, JobStep.id == TaskRun.step_id)
        .outerjoin(Attempt, (Attempt.task_run_id == TaskRun.id) & (Attempt.number == TaskRun.attempts))
        .where(TaskRun.job_id == job_id)
        .order_by(JobStep.position, TaskRun.position)
    )  # fmt: skip
    with database.read() as connection:
        rows = [TaskRow(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001 - SQLAlchemy's public name
        if not any(row.state is State.RUNNING for row in rows):
            return rows
        facts = connection.execute(select(Job.engine_facts).where(Job.id == job_id)).scalar_one()
    return [_where_it_runs(row, facts.get(RUNNING_ON) or {}) for row in rows]


def _where_it_runs(task: TaskRow, running: Mapping[str, Sequence[str | None]]) -> TaskRow:
    """A task with host and beginning as its farm tells, which keeps no attempt of it before its end."""
    if task.state is not State.RUNNING or str(task.id) not in running:
        return task
    host, started = running[str(task.id)]
    return task._replace(host=host, started=datetime.fromisoformat(started) if started else None, finished=None)


def attempts_of(
    database: Database,
    job_id: uuid.UUID,
    *,
    step: str | None = None,
    frames: str | None = None,
) -> list[AttemptRow]:
    """All attempts of a job, or of some of its tasks, oldest first."""
    statement = (
        select(
            JobStep.name.label("step"), TaskRun.frames, Attempt.number, Attempt.state, Attempt.host, Attempt.exit_code,
            Attempt.failure, Attempt.log, Attempt.started, Attempt.finished,
        )
        .join(TaskRun, TaskRun.id == Attempt.task_run_id)
        .join(JobStep, JobStep.id == TaskRun.step_id)
        .where(TaskRun.job_id == job_id)
        .order_by(JobStep.position, TaskRun.position, Attempt.number)
    )  # fmt: skip
    if step:
        statement = statement.where(JobStep.name == step)
    if frames:
        statement = statement.where(TaskRun.frames == frames)
    with database.read() as connection:
        return [AttemptRow(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001 - as above


def failures_since(database: Database, since: datetime, *, mended: bool = False) -> list[FailureGroup]:
    """Failed attempts since a moment, grouped by code, host and job type; the largest group first.

    Args:
        database: where.
        since: when it begins.
        mended: also those of tasks that a later attempt has done.
    """
    unmended = true() if mended else TaskRun.state != State.SUCCEEDED
    statement = (
        select(Attempt.failure_code, Attempt.host, Job.type, Job.handle, Attempt.failure, Attempt.finished)
        .join(TaskRun, TaskRun.id == Attempt.task_run_id)
        .join(Job, Job.id == TaskRun.job_id)
        .where(Attempt.state == State.FAILED, Attempt.finished >= since, unmended)
        .order_by(Attempt.finished)
    )
    groups: dict[tuple[str, str, str], list[Any]] = {}
    with database.read() as connection:
        for row in connection.execute(statement):
            groups.setdefault((row.failure_code or "E310", row.host, row.type), []).append(row)
    found = [
        FailureGroup(code, host, kind, len(rows), _distinct(rows), rows[-1].failure or "", rows[-1].finished)
        for (code, host, kind), rows in groups.items()
    ]
    return sorted(found, key=lambda group: (-group.count, group.code, group.host))


def _distinct(rows: Sequence[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.handle for row in rows))


def _job(row: Any) -> JobRow:
    return JobRow(**{**row._mapping, "priority": row.priority.value})  # noqa: SLF001 - SQLAlchemy's public name


def _step(row: Any, counts: Mapping[State, int]) -> StepRow:
    return StepRow(
        name=row.name,
        state=row.state,
        tasks=row.tasks,
        done=counts.get(State.SUCCEEDED, 0),
        failed=counts.get(State.FAILED, 0),
        running=counts.get(State.RUNNING, 0),
    )

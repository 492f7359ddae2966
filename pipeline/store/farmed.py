"""What is known of jobs that run on a farm, stored: states of tasks, their attempts, and what that makes of the job.

A farm is looked at now and then, so a task may have moved several times since: it is led through every state between,
and its step and job with it.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from ...schema.attempts import AttemptRecord
from ...schema.ids import uuid7
from ...schema.states import MOVES, State
from ...schema.tables import Attempt, Job, JobStep, TaskRun
from .database import Database
from .interventions import reopen
from .jobs import RUNNING_ON
from .queue import ENGINE, OPEN_JOBS, database_now, lock_jobs
from .rollup import roll_up

AT_ONCE = 1000  # SQLite takes so many values in one statement, and some more


@dataclass(frozen=True)
class FarmedTask:
    """A task as it is stored.

    Attributes:
        attempts: how many attempts are known.
        known: names of the attempts whose records are stored.
        last: code and line of the last of them that failed.
    """

    id: uuid.UUID
    step: str
    frames: str
    state: State
    attempts: int
    engine_task_id: str | None
    failure_code: str | None
    failure: str | None
    known: frozenset[str]
    last: tuple[str, str] | None = None


@dataclass(frozen=True)
class Seen:
    """What became of a task.

    Attributes:
        task: it was this.
        state: it is now.
        engine_task_id: the farm's name for it.
        progress: 0..1.
        records: attempts that ended since.
        host: where it runs, as the farm tells; None: it does not run, or nobody tells.
        started: since when.
    """

    task: FarmedTask
    state: State
    engine_task_id: str | None = None
    progress: float = 0.0
    message: str | None = None
    failure_code: str | None = None
    failure: str | None = None
    records: tuple[AttemptRecord, ...] = ()
    host: str | None = None
    started: datetime | None = None

    @property
    def is_new(self) -> bool:
        """Whether there is anything to store."""
        moved = self.state is not self.task.state
        return moved or bool(self.records) or self.engine_task_id not in {None, self.task.engine_task_id}


# Made once: a farm is looked at every few seconds, and making these costs more than asking them.
_TASKS = (
    select(
        TaskRun.id, JobStep.name, TaskRun.frames, TaskRun.state, TaskRun.attempts, TaskRun.engine_task_id,
        TaskRun.failure_code, TaskRun.failure,
    )
    .join(JobStep, JobStep.id == TaskRun.step_id)
    .where(TaskRun.job_id == bindparam("job"))
    .order_by(JobStep.position, TaskRun.position)
)  # fmt: skip
_TRIED = (
    select(Attempt.task_run_id, Attempt.worker, Attempt.failure_code, Attempt.failure)
    .join(TaskRun, TaskRun.id == Attempt.task_run_id)
    .where(TaskRun.job_id == bindparam("job"))
    .order_by(Attempt.number)
)
_CANCELLING = select(Job.cancel_requested).where(Job.id == bindparam("job"))
_GOING = (State.QUEUED, State.RUNNING, State.SUCCEEDED)
_ROW = select(Job.state, Job.failure, Job.engine_facts).where(Job.id == bindparam("job"))
_FACTS = select(Job.engine_facts).where(Job.id == bindparam("job"))
_NOW = (
    select(TaskRun.id, TaskRun.state, TaskRun.attempts)
    .where(TaskRun.id.in_(bindparam("tasks", expanding=True)))
    .with_for_update()
)
_MOVED = update(TaskRun).where(TaskRun.id == bindparam("task")).values(state=bindparam("to"))
_TOLD = (
    update(TaskRun)
    .where(TaskRun.id == bindparam("task"))
    .values(
        attempts=bindparam("tried"),
        message=bindparam("said"),
        failure_code=bindparam("code"),
        failure=bindparam("line"),
        progress=bindparam("part"),
        engine_task_id=func.coalesce(bindparam("name", type_=TaskRun.engine_task_id.type), TaskRun.engine_task_id),
    )
)


@dataclass(frozen=True)
class Farmed:
    """What is stored of a job when its farm is looked at.

    Attributes:
        tasks: in step and frame order.
        cancelling: whether somebody asked for its end.
    """

    tasks: list[FarmedTask]
    cancelling: bool


def farmed(database: Database, job_id: uuid.UUID) -> Farmed:
    """What is stored of a job, in one look."""
    known: dict[uuid.UUID, set[str]] = {}
    last: dict[uuid.UUID, tuple[str, str]] = {}
    with database.read() as connection:
        mine = {"job": job_id}
        rows = connection.execute(_TASKS, mine).all()  # first: an attempt that is stored in between is known, not new
        for row in connection.execute(_TRIED, mine):
            known.setdefault(row.task_run_id, set()).add(row.worker or "")
            if row.failure_code and row.failure:
                last[row.task_run_id] = (row.failure_code, row.failure)
        cancelling = bool(connection.execute(_CANCELLING, mine).scalar_one())
    tasks = [FarmedTask(*row, known=frozenset(known.get(row.id, ())), last=last.get(row.id)) for row in rows]
    return Farmed(tasks, cancelling)


def store_seen(
    database: Database, job_id: uuid.UUID, seen: Sequence[Seen], *, facts: Mapping[str, Any] | None = None
) -> int:
    """Store what became of a job's tasks, whole or not at all; how many changed.

    Args:
        database: where to.
        job_id: their job.
        seen: its tasks; those without news are left alone.
        facts: what the farm tells of the job; None: as before.
    """
    news = [one for one in seen if one.is_new]
    more = None if facts is None else {**facts, RUNNING_ON: _running(seen)}
    if not news and (more is None or _is_known(database, job_id, more)):
        return 0
    with database.write() as connection:
        lock_jobs(connection, [job_id])
        moment = database_now(connection)
        news = _unchanged_since(connection, news)
        if news:
            ways = {one.task.id: way(one.task.state, one.state) for one in news}
            _open_again(connection, job_id, ways, moment)
            _store_tasks(connection, news)
            _lead(connection, job_id, ways, moment)
        _job_facts(connection, job_id, more)
    return len(news)


def _is_known(database: Database, job_id: uuid.UUID, facts: Mapping[str, Any]) -> bool:
    """Whether a job's row says all this already: most looks tell nothing new, and need not wait for others to write."""
    with database.read() as connection:
        row = connection.execute(_ROW, {"job": job_id}).one()
    outdated = row.failure is not None and row.state in _GOING
    return not outdated and {**row.engine_facts, **facts} == row.engine_facts


def _running(seen: Sequence[Seen]) -> dict[str, list[str | None]]:
    """Host and beginning of each task that runs, by its id; attempts are stored when they have ended."""
    going = [one for one in seen if one.state is State.RUNNING and one.host]
    return {str(one.task.id): [one.host, one.started.isoformat() if one.started else None] for one in going}


def _unchanged_since(connection: Connection, news: Sequence[Seen]) -> list[Seen]:
    """News of tasks that nobody else changed meanwhile; of the others there will be newer ones."""
    ids = [one.task.id for one in news]
    found: dict[uuid.UUID, tuple[State, int]] = {}
    for start in range(0, len(ids), AT_ONCE):
        rows = connection.execute(_NOW, {"tasks": ids[start : start + AT_ONCE]})
        found |= {row.id: (row.state, row.attempts) for row in rows}
    return [one for one in news if found.get(one.task.id) == (one.task.state, one.task.attempts)]


def _open_again(
    connection: Connection, job_id: uuid.UUID, ways: Mapping[uuid.UUID, Sequence[State]], moment: datetime
) -> None:
    """Queue what had ended and goes on now, and its step and job with it."""
    again = [task_id for task_id, states in ways.items() if states[:1] == [State.QUEUED]]
    if again:
        reopen(connection, job_id, again)
        roll_up(connection, {job_id}, moment)


def _lead(
    connection: Connection, job_id: uuid.UUID, ways: Mapping[uuid.UUID, Sequence[State]], moment: datetime
) -> None:
    """Lead tasks through the states between."""
    for turn in range(max(map(len, ways.values()), default=0)):
        rows = [{"task": task_id, "to": states[turn]} for task_id, states in ways.items() if turn < len(states)]
        connection.execute(_MOVED, rows)
        roll_up(connection, {job_id}, moment)


def way(old: State, new: State) -> list[State]:
    """The shortest way from one state to another over legal moves, without the first; empty when there is none."""
    ways: deque[list[State]] = deque([[old]])
    seen = {old}
    while ways:
        states = ways.popleft()
        if states[-1] is new:
            return states[1:]
        for state in sorted(MOVES[states[-1]] - seen):
            seen.add(state)
            ways.append([*states, state])
    return []


def _store_tasks(connection: Connection, news: Sequence[Seen]) -> None:
    attempts = [
        _attempt(one.task.id, number, record)
        for one in news
        for number, record in enumerate(one.records, start=one.task.attempts + 1)
    ]
    if attempts:
        connection.execute(insert(Attempt), attempts)
    rows = [
        {
            "task": one.task.id,
            "tried": one.task.attempts + len(one.records),
            "said": one.message,
            "code": one.failure_code,
            "line": one.failure,
            "part": 1.0 if one.state is State.SUCCEEDED else one.progress,
            "name": one.engine_task_id,
        }
        for one in news
    ]
    connection.execute(_TOLD, rows)


def _attempt(task_id: uuid.UUID, number: int, record: AttemptRecord) -> dict[str, Any]:
    done = record.exit_code == 0
    return {
        "id": uuid7(),
        "task_run_id": task_id,
        "number": number,
        "state": State.SUCCEEDED if done else State.FAILED,
        "host": record.host,
        "worker": record.attempt,
        "exit_code": record.exit_code,
        "failure_code": record.failure_code,
        "failure": record.failure,
        "log": record.log,
        "started": record.started,
        "finished": record.finished,
    }


_JOB = Job.id == bindparam("job")
_FIRST = select(func.min(Attempt.started)).join(TaskRun, TaskRun.id == Attempt.task_run_id)
_STUCK = select(TaskRun.failure).where(TaskRun.state == State.BLOCKED, TaskRun.failure.is_not(None))
_BEGAN = (
    update(Job)
    .where(_JOB, Job.started.is_(None))
    .values(started=_FIRST.where(TaskRun.job_id == bindparam("job")).scalar_subquery())
)
_WAITS = (
    update(Job)
    .where(_JOB, Job.state == State.BLOCKED)
    .values(failure=_STUCK.where(TaskRun.job_id == bindparam("job")).order_by(TaskRun.id).limit(1).scalar_subquery())
)
_GOES_ON = update(Job).where(_JOB, Job.state.in_(_GOING), Job.failure.is_not(None)).values(failure=None)


def _job_facts(connection: Connection, job_id: uuid.UUID, facts: Mapping[str, Any] | None) -> None:
    """What the job's row says beside its state: when it began, what it waits for, what the farm tells."""
    for statement in (_BEGAN, _WAITS, _GOES_ON):
        connection.execute(statement, {"job": job_id})
    if facts is not None:
        _add_facts(connection, job_id, facts)


def _add_facts(connection: Connection, job_id: uuid.UUID, facts: Mapping[str, Any]) -> None:
    known = connection.execute(_FACTS, {"job": job_id}).scalar_one()
    if {**known, **facts} != known:
        connection.execute(update(Job).where(Job.id == job_id).values(engine_facts={**known, **facts}))


def is_cancelling(database: Database, job_id: uuid.UUID) -> bool:
    """Whether somebody asked for the end of a job."""
    with database.read() as connection:
        return bool(connection.execute(_CANCELLING, {"job": job_id}).scalar_one())


def keep(database: Database, job_id: uuid.UUID) -> None:
    """Let a job wait until its farm answers; see ``is_kept``."""
    add_facts(database, job_id, {"kept": True})


def is_kept(database: Database, job_id: uuid.UUID) -> bool:
    """Whether a job that never reached its farm shall be sent when the farm answers."""
    return bool(engine_facts(database, job_id).get("kept"))


def engine_facts(database: Database, job_id: uuid.UUID) -> Mapping[str, Any]:
    """What is kept of a job besides its states, by the engine that runs it."""
    with database.read() as connection:
        facts: dict[str, Any] = connection.execute(_FACTS, {"job": job_id}).scalar_one()
    return facts


def add_facts(database: Database, job_id: uuid.UUID, facts: Mapping[str, Any]) -> None:
    """Keep more of a job besides its states."""
    with database.write() as connection:
        lock_jobs(connection, [job_id])
        _add_facts(connection, job_id, facts)


def store_problem(database: Database, job_id: uuid.UUID, line: str) -> None:
    """Store what keeps a job from its farm; it is forgotten when the farm has it."""
    with database.write() as connection:
        lock_jobs(connection, [job_id])
        waiting = (Job.id == job_id, Job.engine_job_id.is_(None), Job.state == State.QUEUED)
        connection.execute(update(Job).where(*waiting).values(failure=line))


def open_farm_jobs(database: Database) -> list[uuid.UUID]:
    """Jobs of other engines than the local one that are not over, oldest first."""
    wanted = select(Job.id).where(Job.engine != ENGINE, Job.state.in_(OPEN_JOBS)).order_by(Job.created)
    with database.read() as connection:
        return list(connection.scalars(wanted))

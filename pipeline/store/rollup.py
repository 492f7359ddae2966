"""What tasks make of their steps, and steps of their job. The caller has locked the jobs."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from ...schema.states import State, check_move
from ...schema.tables import Job, JobStep, TaskRun

BUSY = (State.QUEUED, State.RUNNING)
STUCK = frozenset({State.FAILED, State.CANCELLED, State.BLOCKED})
# Made once: they are asked each time that a task moves, and making them costs more.
TALLIES = (
    select(TaskRun.step_id, TaskRun.state, func.count().label("total"))
    .where(TaskRun.job_id == bindparam("job"))
    .group_by(TaskRun.step_id, TaskRun.state)
)
_STEPS = select(JobStep.id, JobStep.name, JobStep.after, JobStep.state, JobStep.done, JobStep.failed).where(
    JobStep.job_id == bindparam("job")
)

_STILL_BUSY = select(TaskRun.id).where(TaskRun.step_id == bindparam("step"), TaskRun.state.in_(BUSY)).limit(1)
_COUNTED = (
    update(JobStep)
    .where(JobStep.id == bindparam("step"), JobStep.state == State.RUNNING)
    .values(done=JobStep.done + bindparam("well"), failed=JobStep.failed + bindparam("badly"))
)
_SETTLED = (
    update(JobStep)
    .where(JobStep.id == bindparam("step"))
    .values(state=bindparam("to"), done=bindparam("ended"), failed=bindparam("broken"))
)
_CURRENT = select(Job.state, Job.handle).where(Job.id == bindparam("job"))


def count_up(
    connection: Connection,
    ended: Sequence[tuple[uuid.UUID, uuid.UUID, State]],
    cancelled: Mapping[uuid.UUID, bool],
    moment: datetime,
) -> None:
    """Bring steps and jobs in line with tasks that just ended; cheap while their step has others to do.

    Args:
        connection: in the transaction that stored their ends.
        ended: job, step and new state of each task.
        cancelled: for each job whether somebody wants it to end.
        moment: now.
    """
    tally: dict[tuple[uuid.UUID, uuid.UUID], Counter[State]] = {}
    for job_id, step_id, state in ended:
        tally.setdefault((job_id, step_id), Counter())[state] += 1
    whole = set()
    for (job_id, step_id), states in tally.items():
        if cancelled.get(job_id) or not _goes_on(connection, step_id, states):
            whole.add(job_id)
    roll_up(connection, whole, moment)


def _goes_on(connection: Connection, step_id: uuid.UUID, states: Mapping[State, int]) -> bool:
    """Count ends into a running step; False when it may be over and its job must be looked at as a whole."""
    if connection.execute(_STILL_BUSY, {"step": step_id}).first() is None:
        return False
    ended = {"well": states.get(State.SUCCEEDED, 0), "badly": states.get(State.FAILED, 0)}
    counted = connection.execute(_COUNTED, {"step": step_id, **ended})
    return bool(counted.rowcount)


def roll_up(connection: Connection, jobs: Iterable[uuid.UUID], moment: datetime) -> None:
    """Bring steps and jobs in line with their tasks, in the transaction that changed them."""
    for job_id in sorted(jobs):
        steps = _steps(connection, job_id)
        _job(connection, job_id, steps, moment)


def _steps(connection: Connection, job_id: uuid.UUID) -> list[tuple[Any, State]]:
    counted = connection.execute(TALLIES, {"job": job_id}).all()
    counts: dict[uuid.UUID, dict[State, int]] = {}
    for row in counted:
        counts.setdefault(row.step_id, {})[row.state] = row.total
    rows = connection.execute(_STEPS, {"job": job_id}).all()
    found = []
    for row in rows:
        tally = counts.get(row.id, {})
        state = _step_state(tally)
        done, failed = tally.get(State.SUCCEEDED, 0), tally.get(State.FAILED, 0)
        if (state, done, failed) != (row.state, row.done, row.failed):
            check_move(row.state, state, what=f"step {row.name!r}")
            connection.execute(_SETTLED, {"step": row.id, "to": state, "ended": done, "broken": failed})
        found.append((row, state))
    return found


def _step_state(tally: Mapping[State, int]) -> State:
    if tally.get(State.RUNNING):
        return State.RUNNING
    if tally.get(State.QUEUED):
        begun = tally.get(State.SUCCEEDED) or tally.get(State.FAILED)
        return State.RUNNING if begun else State.QUEUED
    for state in (State.BLOCKED, State.FAILED, State.CANCELLED):
        if tally.get(state):
            return state
    return State.SUCCEEDED


def _job(connection: Connection, job_id: uuid.UUID, steps: list[tuple[Any, State]], moment: datetime) -> None:
    state = _job_state(steps)
    current = connection.execute(_CURRENT, {"job": job_id}).one()
    if state is current.state:
        return
    check_move(current.state, state, what=f"job {current.handle}")
    values: dict[str, Any] = {"state": state}
    if state.is_final:
        values["finished"] = moment
    if state in {State.FAILED, State.CANCELLED}:
        values["active_key"] = None  # the same inputs may be submitted anew
    if state is State.FAILED:
        values["failure"] = _first_failure(connection, job_id)
    connection.execute(update(Job).where(Job.id == job_id).values(**values))


def _first_failure(connection: Connection, job_id: uuid.UUID) -> str | None:
    first = (
        select(TaskRun.failure)
        .join(JobStep, JobStep.id == TaskRun.step_id)
        .where(TaskRun.job_id == job_id, TaskRun.state == State.FAILED)
        .order_by(JobStep.position, TaskRun.position)
        .limit(1)
    )
    return connection.execute(first).scalar()


def _job_state(steps: list[tuple[Any, State]]) -> State:
    """A job goes on while any step still can; a step behind a failed one cannot."""
    states = {row.name: state for row, state in steps}
    if all(state is State.SUCCEEDED for state in states.values()):
        return State.SUCCEEDED
    stuck = _stuck(steps)
    going = [state for name, state in states.items() if name not in stuck and state in BUSY]
    if going or State.RUNNING in states.values():
        begun = any(state is not State.QUEUED for state in states.values())
        return State.RUNNING if begun else State.QUEUED
    for state in (State.BLOCKED, State.FAILED, State.CANCELLED):
        if state in states.values():
            return state
    return State.QUEUED


def _stuck(steps: list[tuple[Any, State]]) -> set[str]:
    """Names of steps that cannot go on, and of those that wait for them."""
    stuck = {row.name for row, state in steps if state in STUCK}
    grown = True
    while grown:
        behind = {row.name for row, _state in steps if row.name not in stuck and stuck & set(row.after)}
        grown = bool(behind)
        stuck |= behind
    return stuck

"""What tasks make of their steps, and steps of their job."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from ...schema.states import State
from ...schema.tables import Job, JobStep, TaskRun

BUSY = (State.QUEUED, State.RUNNING)


def roll_up(connection: Connection, jobs: Iterable[uuid.UUID], moment: datetime) -> None:
    """Bring steps and jobs in line with their tasks, in the transaction that changed them."""
    for job_id in jobs:
        steps = _steps(connection, job_id)
        _job(connection, job_id, steps, moment)


def _steps(connection: Connection, job_id: uuid.UUID) -> list[tuple[Any, State]]:
    counted = connection.execute(
        select(TaskRun.step_id, TaskRun.state, func.count().label("total"))
        .where(TaskRun.job_id == job_id)
        .group_by(TaskRun.step_id, TaskRun.state)
    ).all()
    counts: dict[uuid.UUID, dict[State, int]] = {}
    for row in counted:
        counts.setdefault(row.step_id, {})[row.state] = row.total
    rows = connection.execute(
        select(JobStep.id, JobStep.name, JobStep.after, JobStep.state, JobStep.done, JobStep.failed).where(
            JobStep.job_id == job_id
        )
    ).all()
    found = []
    for row in rows:
        tally = counts.get(row.id, {})
        state = _step_state(tally)
        done, failed = tally.get(State.SUCCEEDED, 0), tally.get(State.FAILED, 0)
        if (state, done, failed) != (row.state, row.done, row.failed):
            connection.execute(
                update(JobStep).where(JobStep.id == row.id).values(state=state, done=done, failed=failed)
            )
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
    current = connection.execute(select(Job.state, Job.key).where(Job.id == job_id)).one()
    if state is current.state:
        return
    values: dict[str, Any] = {"state": state}
    if state.is_final:
        values["finished"] = moment
    if state in {State.FAILED, State.CANCELLED}:
        values["active_key"] = None  # the same inputs may be submitted anew
    if state is State.FAILED:
        first = (
            select(TaskRun.failure)
            .join(JobStep, JobStep.id == TaskRun.step_id)
            .where(TaskRun.job_id == job_id, TaskRun.state == State.FAILED)
            .order_by(JobStep.position, TaskRun.position)
            .limit(1)
        )
        values["failure"] = connection.execute(first).scalar()
    connection.execute(update(Job).where(Job.id == job_id).values(**values))


def _job_state(steps: list[tuple[Any, State]]) -> State:
    """A job goes on while any step still can; a step behind a failed one cannot."""
    states = {row.name: state for row, state in steps}
    if all(state is State.SUCCEEDED for state in states.values()):
        return State.SUCCEEDED
    stuck: set[str] = {
        name for name, state in states.items() if state in {State.FAILED, State.CANCELLED, State.BLOCKED}
    }
    grown = True
    while grown:
        behind = {row.name for row, _state in steps if row.name not in stuck and stuck & set(row.after)}
        grown = bool(behind)
        stuck |= behind
    going = [state for name, state in states.items() if name not in stuck and state in BUSY]
    if any(state is State.RUNNING for state in states.values()) or going:
        begun = any(state is not State.QUEUED for state in states.values())
        return State.RUNNING if begun else State.QUEUED
    for state in (State.BLOCKED, State.FAILED, State.CANCELLED):
        if state in states.values():
            return state
    return State.QUEUED

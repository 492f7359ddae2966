"""Failures as wranglers see them: grouped by cause, and without what was mended."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import failures_since
from shotmill.schema.ids import uuid7
from shotmill.schema.states import State
from shotmill.schema.tables import Attempt, Job, JobStep, TaskRun

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def put_failure(database: Database, handle: str, *, tries: int, state: State, finished: datetime = NOON) -> None:
    """A job of one task whose attempts all failed of E310, on one host."""
    job, step, task = uuid7(), uuid7(), uuid7()
    names = dict.fromkeys(("handle", "token", "key", "type", "name", "project", "user", "engine"), handle)
    attempts = [
        {"task_run_id": task, "number": n, "state": State.FAILED, "host": "node1", "failure_code": "E310"}
        for n in range(1, tries + 1)
    ]
    with database.write() as connection:
        connection.execute(
            insert(Job).values(**{**names, "type": "thumbnail"}, id=job, priority="normal", spec={}, folder="x")
        )
        connection.execute(insert(JobStep).values(id=step, job_id=job, position=0, name="render", tasks=1))
        connection.execute(
            insert(TaskRun).values(id=task, job_id=job, step_id=step, position=0, frames="1", state=state)
        )
        connection.execute(insert(Attempt), [{"id": uuid.uuid4(), "finished": finished, **one} for one in attempts])


def test_attempts_of_one_cause_are_one_group(database: Database) -> None:
    put_failure(database, "J-A", tries=3, state=State.FAILED)
    put_failure(database, "J-B", tries=3, state=State.RUNNING)
    [group] = failures_since(database, NOON)
    assert (group.code, group.type, group.host) == ("E310", "thumbnail", "node1")
    assert (group.count, group.jobs) == (6, ("J-A", "J-B"))


@pytest.mark.parametrize(("mended", "seen"), [(False, []), (True, ["J-A"])])
def test_what_a_later_attempt_did_is_seen_when_asked_for(mended: bool, seen: list[str], database: Database) -> None:
    put_failure(database, "J-A", tries=2, state=State.SUCCEEDED)
    assert [job for group in failures_since(database, NOON, mended=mended) for job in group.jobs] == seen


def test_older_ones_are_left_out(database: Database) -> None:
    put_failure(database, "J-A", tries=1, state=State.FAILED, finished=NOON - timedelta(seconds=1))
    assert failures_since(database, NOON) == []

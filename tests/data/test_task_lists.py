"""Listing a job's tasks: each with its last attempt, whatever else the database holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from specs import spec, step
from sqlalchemy import event, insert, select, update

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import JobRow, put_job, tasks_of
from shotmill.schema.ids import uuid7
from shotmill.schema.tables import Attempt, TaskRun, now


def job(database: Database, frames: str, *, tries: int) -> JobRow:
    """A job whose tasks were tried so often, on host1, host2 and so on."""
    made, _new = put_job(
        database, spec(step("work", frames), id=str(uuid7()), key=frames), engine="local", folder="/jobs/one"
    )
    with database.write() as connection:
        tasks = connection.scalars(select(TaskRun.id).where(TaskRun.job_id == made.id)).all()
        connection.execute(update(TaskRun).where(TaskRun.job_id == made.id).values(attempts=tries))
        rows = [(task, number) for task in tasks for number in range(1, tries + 1)]
        values = [{"task_run_id": task, "number": number, "host": f"host{number}"} for task, number in rows]
        connection.execute(insert(Attempt), [{"id": uuid7(), "started": now(), **row} for row in values])
    return made


@contextmanager
def counted_work(database: Database) -> Iterator[list[int]]:
    """Steps of SQLite's machine, a hundred in one entry."""
    steps: list[int] = []

    def watch(connection: object, *_more: object) -> None:
        connection.set_progress_handler(lambda: steps.append(1), 100)  # type: ignore[attr-defined]

    event.listen(database.engine, "checkout", watch)
    yield steps
    event.remove(database.engine, "checkout", watch)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_tasks_are_listed_as_quickly_beside_other_jobs(database: Database) -> None:
    mine = job(database, "1-2", tries=2)
    job(database, "1-500", tries=10)
    with counted_work(database) as steps:
        tasks_of(database, mine.id)
    assert len(steps) < 20


def test_a_task_is_listed_with_its_last_attempt(database: Database) -> None:
    made = job(database, "1-2", tries=3)
    assert [(task.frames, task.host) for task in tasks_of(database, made.id)] == [("1", "host3"), ("2", "host3")]

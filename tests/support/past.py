"""Jobs that were done, as rows: what each attempt took is said, nothing is run."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from specs import spec, step
from sqlalchemy import insert, select, update

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import put_job
from shotmill.schema.ids import uuid7
from shotmill.schema.job import InputMark
from shotmill.schema.states import State
from shotmill.schema.tables import Attempt, Job, JobStep, TaskRun

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def put_past(  # noqa: PLR0913 - a row has columns
    database: Database,
    day: int,
    seconds: float,
    *,
    frames: str = "1-10",
    size: int = 0,
    type: str = "trial",  # noqa: A002 - as in JobSpec
    failed_s: float = 0.0,
    state: State = State.SUCCEEDED,
) -> uuid.UUID:
    """A job of one step with chunks of five frames, each task of which took so many seconds; done within its day."""
    marks = (InputMark(path="/plates/a.exr", files=1, size=size, fingerprint="0" * 32, method="stat"),) if size else ()
    job_id, began = uuid7(), BEGAN + timedelta(days=day)
    made = spec(step("render", frames, chunk=5), id=str(job_id), key=uuid.uuid4().hex * 2, type=type, inputs=marks)
    put_job(database, made, engine="local", folder="/none")
    with database.write() as connection:
        times = {"created": began, "started": began, "finished": began + timedelta(hours=12), "state": state}
        connection.execute(update(Job).where(Job.id == job_id).values(**times))
        connection.execute(update(JobStep).where(JobStep.job_id == job_id).values(state=state))
        tasks = list(connection.scalars(select(TaskRun.id).where(TaskRun.job_id == job_id)))
        connection.execute(update(TaskRun).where(TaskRun.job_id == job_id).values(state=state, attempts=1))
        rows = [_attempt(task, 2, began, seconds, state) for task in tasks]
        rows += [_attempt(task, 1, began, failed_s, State.FAILED) for task in tasks if failed_s]
        connection.execute(insert(Attempt), rows)
    return job_id


def _attempt(task: uuid.UUID, number: int, began: datetime, seconds: float, state: State) -> dict[str, object]:
    times = {"started": began, "finished": began + timedelta(seconds=seconds)}
    return {"id": uuid7(), "task_run_id": task, "number": number, "state": state, "host": "h", **times}

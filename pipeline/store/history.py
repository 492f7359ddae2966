"""What jobs of one type took here: a bounded sample of the newest ones, fast however much has been run."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ...schema.frames import FrameSet
from ...schema.states import State
from ...schema.tables import Attempt, Job, JobStep, TaskRun
from .database import Database

MOST_JOBS = 40
MOST_TASKS = 100  # of one step of one job; the rest is taken to be like them
LOOKED_AT = 5000  # the newest jobs that are looked through for the type


@dataclass(frozen=True)
class PastStep:
    """One step of a job that is done.

    Attributes:
        frames: of the whole step.
        seconds: that its tasks ran, added up, with the attempts that failed.
        tasks: how many of them were looked at.
    """

    frames: int
    seconds: float
    tasks: int


@dataclass(frozen=True)
class PastJob:
    """One job that is done; ``size`` is bytes of all its inputs."""

    id: uuid.UUID
    created: datetime
    finished: datetime
    size: int
    steps: Mapping[str, PastStep] = field(default_factory=dict)


@dataclass
class _Seen:
    """What has been read of one step: the frames of each task, and all seconds."""

    of_step: int = 0
    frames: dict[uuid.UUID, int] = field(default_factory=dict)
    seconds: float = 0.0

    def step(self) -> PastStep:
        """The whole step, as far as the tasks that were looked at tell."""
        share = max(1.0, self.of_step / len(self.frames))
        return PastStep(round(sum(self.frames.values()) * share), self.seconds * share, len(self.frames))


def past_jobs(database: Database, job_type: str) -> list[PastJob]:
    """The newest jobs of a type that succeeded, newest first."""
    with database.read() as connection:
        jobs = connection.execute(newest_jobs(job_type)).all()
        rows = connection.execute(attempts_of_jobs([job.id for job in jobs])).all() if jobs else []
    seen: dict[uuid.UUID, dict[str, _Seen]] = {}
    for row in rows:
        step = seen.setdefault(row.job_id, {}).setdefault(row.name, _Seen(row.tasks))
        if row.id not in step.frames:
            step.frames[row.id] = len(FrameSet.parse(row.frames))
        step.seconds += max(0.0, (row.finished - row.started).total_seconds())
    return [_job(job, seen.get(job.id, {})) for job in jobs]


def _job(row: Any, seen: Mapping[str, _Seen]) -> PastJob:
    size = sum(int(one.get("size", 0)) for one in row.inputs or ())
    steps = {name: step.step() for name, step in seen.items()}
    return PastJob(row.id, row.created, row.finished, size, steps)


def newest_jobs(job_type: str) -> Any:
    """The question for the newest jobs of a type: walks an index, and not far."""
    done = (
        select(Job.id, Job.type, Job.created, Job.finished)
        .where(Job.state == State.SUCCEEDED)
        .order_by(Job.created.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    return (
        select(done.c.id, done.c.created, done.c.finished, Job.spec["inputs"].label("inputs"))
        .join(Job, Job.id == done.c.id)
        .where(done.c.type == job_type, done.c.finished.is_not(None))
        .order_by(done.c.created.desc())
        .limit(MOST_JOBS)
    )


def attempts_of_jobs(ids: list[uuid.UUID]) -> Any:
    """The question for what the first tasks of each step took."""
    columns: list[Any] = [JobStep.job_id, JobStep.name, JobStep.tasks, TaskRun.id, TaskRun.frames]
    return (
        select(*columns, Attempt.started, Attempt.finished)
        .join(TaskRun, TaskRun.step_id == JobStep.id)
        .join(Attempt, Attempt.task_run_id == TaskRun.id)
        .where(JobStep.job_id.in_(ids), TaskRun.position < MOST_TASKS, Attempt.finished.is_not(None))
    )

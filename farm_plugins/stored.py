"""What every engine with rows in the database tells of a job: states, tasks, logs, outputs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..pipeline.settings import Settings
from ..schema.errors import NotFoundError
from ..schema.frames import FrameSet
from ..schema.ids import JobId
from .engine import JobStatus, StepStatus, TaskStatus

if TYPE_CHECKING:
    from ..pipeline.folders import JobFolder
    from ..pipeline.store import Database
    from ..pipeline.store.jobs import AttemptRow


class StoredJobs:
    """The reading half of an engine whose jobs lie in the database.

    Args:
        settings: of this machine.
        database: whose schema is current.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database

    def status(self, job_id: uuid.UUID) -> JobStatus:
        """Where the job stands."""
        from ..pipeline.store.jobs import job_by_id, steps_of  # noqa: PLC0415 - heavy: SQLAlchemy

        job = job_by_id(self.database, JobId(job_id))
        steps = tuple(
            StepStatus(step.name, step.state, step.tasks, step.done, step.failed, step.running)
            for step in steps_of(self.database, job_id)
        )
        return JobStatus(job_id, job.state, steps, job.failure)

    def tasks(self, job_id: uuid.UUID) -> Sequence[TaskStatus]:
        """All tasks, in step and frame order."""
        from ..pipeline.store.jobs import tasks_of  # noqa: PLC0415 - heavy: SQLAlchemy

        return [
            TaskStatus(
                task_id=str(task.id),
                step=task.step,
                frames=task.frames,
                state=task.state,
                attempts=task.attempts,
                host=task.host,
                progress=task.progress,
                message=task.message,
                failure=task.failure,
                started=task.started,
                finished=task.finished,
            )
            for task in tasks_of(self.database, job_id)
        ]

    def logs(self, job_id: uuid.UUID, *, step: str, frames: str, attempt: int | None = None) -> str:
        """The text of an attempt's log, also while it runs; None: the last attempt that has one.

        Raises:
            NotFoundError: there is no such attempt, or it wrote no log.
        """
        from ..pipeline.folders import JobFolder  # noqa: PLC0415 - same
        from ..pipeline.store.jobs import attempts_of, job_by_id  # noqa: PLC0415 - heavy: SQLAlchemy

        job = job_by_id(self.database, JobId(job_id))
        rows = attempts_of(self.database, job_id, step=step, frames=frames)
        wanted = [row for row in rows if attempt in {None, row.number}]
        path = next((path for row in reversed(wanted) if (path := _log_of(JobFolder(Path(job.folder)), row))), None)
        if path is None:
            raise NotFoundError(f"{job.handle} has no log of step {step!r}, frames {frames}", hint="shotmill status")
        try:
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise NotFoundError(f"log {path} cannot be read: {error.strerror}", path=path) from error

    def outputs(self, job_id: uuid.UUID) -> Sequence[Path]:
        """The folders that receipts speak of."""
        from ..pipeline.folders import JobFolder  # noqa: PLC0415 - one use
        from ..pipeline.receipts import read_receipts  # noqa: PLC0415 - same
        from ..pipeline.store.jobs import job_by_id, steps_of  # noqa: PLC0415 - heavy: SQLAlchemy

        folder = JobFolder(Path(job_by_id(self.database, JobId(job_id)).folder))
        return [
            folder.root / receipt.root
            for step in steps_of(self.database, job_id)
            for receipt in read_receipts(folder, step.name)
        ]


def _log_of(folder: JobFolder, attempt: AttemptRow) -> Path | None:
    """The log of an attempt; one that runs, or whose engine vanished, did not say where it is."""
    if attempt.log:
        return folder.root / attempt.log
    return folder.newest_log(attempt.step, FrameSet.parse(attempt.frames), attempt.number)

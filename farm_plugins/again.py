"""Which tasks of a job a retry runs again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..pipeline.folders import JobFolder
from ..pipeline.receipts import sound_receipt
from ..schema.errors import FramesMissingError, InputCorruptError, ReceiptMismatchError
from ..schema.frames import FrameSet
from ..schema.job import PUBLISH_TASK
from ..schema.states import State

if TYPE_CHECKING:
    from ..pipeline.store import Database
    from ..pipeline.store.jobs import JobRow, TaskRow

AGAIN = frozenset({State.FAILED, State.CANCELLED, State.BLOCKED})
# What a publish says when a receipt, or a file that a receipt speaks of, is not there or not as it was.
UNSOUND = frozenset({FramesMissingError.code, ReceiptMismatchError.code, InputCorruptError.code})


def tasks_to_retry(database: Database, job: JobRow, *, only: str | None = None) -> list[TaskRow]:
    """Tasks that did not succeed; and when the publish found files gone or changed, those that had written them.

    Args:
        database: of the job.
        job: one of its jobs.
        only: a code such as ``E313``; tasks that failed otherwise are left out.
    """
    from ..pipeline.store.jobs import job_spec, tasks_of  # noqa: PLC0415 - heavy: SQLAlchemy

    tasks = tasks_of(database, job.id)
    again = [task for task in tasks if task.state in AGAIN and only in {None, task.failure_code}]
    suspects = {task.step for task in again if task.failure_code in UNSOUND}
    if suspects and any(
        step.task == PUBLISH_TASK for step in job_spec(database, job.id).steps if step.name in suspects
    ):
        folder = JobFolder(Path(job.folder))
        again += [task for task in tasks if task.state is State.SUCCEEDED and not _is_sound(folder, task)]
    return again


def _is_sound(folder: JobFolder, task: TaskRow) -> bool:
    return sound_receipt(folder, task.step, FrameSet.parse(task.frames)) is not None

"""The record that an attempt leaves in its job's folder, for whoever cannot rely on its farm's word."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from ...pipeline.files import storage_error
from ...pipeline.folders import JobFolder, chunk_name
from ...pipeline.records import count_attempts, keep_record
from ...schema.attempts import AttemptRecord
from ...schema.errors import WorkerLostError
from ...schema.frames import FrameSet
from ...schema.job import JobSpec
from .attempted import Attempted, TaskRequest, host_name

log = logging.getLogger(__name__)


def next_attempt(bundle: Path, step: str, frames: FrameSet) -> int:
    """The number of a task's next attempt, where the farm does not count them: one more than have ended."""
    return 1 + count_attempts(JobFolder.of_bundle(bundle), step, chunk_name(frames))


def record_lost(request: TaskRequest, error: WorkerLostError, *, started: datetime) -> Attempted:
    """Write down the end of an attempt whose process could not do so itself; that end.

    Args:
        request: the task.
        error: what became of the process.
        started: when the task was begun.
    """
    folder = JobFolder.of_bundle(request.bundle)
    log_path = folder.newest_log(request.step, request.frames, request.attempt)
    line = error.line(step=request.step, frames=request.frames, host=host_name(), attempt=request.attempt)
    ended = Attempted(
        exit_code=error.exit_code,
        log=str(log_path.relative_to(folder.root)) if log_path else "",
        failure_code=error.code,
        failure=line,
        retryable=True,
        message=error.message,
    )
    name = log_path.stem if log_path else f"{request.attempt:03d}-{os.getpid():08d}"
    record_end(folder, folder.read_spec(), request, ended, name=name, started=started)
    return ended


def record_end(
    folder: JobFolder, spec: JobSpec, request: TaskRequest, ended: Attempted, *, name: str, started: datetime
) -> None:
    """Write down how an attempt ended; a disk that refuses that fails nothing: the receipt is what counts."""
    record = AttemptRecord(
        job=spec.id,
        step=request.step,
        frames=request.frames,
        attempt=name,
        number=request.attempt,
        host=host_name(),
        exit_code=ended.exit_code,
        failure_code=ended.failure_code,
        failure=ended.failure,
        retryable=ended.retryable,
        message=ended.message,
        log=ended.log or None,
        started=started,
        finished=datetime.now(UTC),
    )
    try:
        keep_record(folder, record)
    except OSError as error:
        log.warning("its end could not be recorded: %s", storage_error(folder.root, error).line())

"""One attempt at one task: read the bundle, do the work in a folder of its own, hash it, put the receipt in place.

A task may run twice, and at the same time. Each attempt writes into its own folder; the receipt is linked into place by
the first that is done, and links cannot be replaced. The others throw their files away and are done too.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import time
import traceback
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...pipeline.files import storage_error
from ...pipeline.folders import JobFolder
from ...pipeline.holes import forget_holes
from ...pipeline.points import pass_point
from ...pipeline.receipts import Upstream, check_outputs, keep_receipt, sound_receipt
from ...schema.errors import (
    EXIT_DONE,
    ShotmillError,
    TaskFailedError,
)
from ...schema.names import counted, plain_text
from ...schema.receipts import Output, Receipt, ReceiptFile
from ...schema.task import OutputMade, TaskContext, TaskFunction, Written
from .attempted import Attempted, Host, Report, TaskRequest, host_name
from .children import children, end_children
from .known import KnownJob, KnownStep, known_job
from .logs import logging_to
from .record import record_end
from .written import all_hashed

if TYPE_CHECKING:
    from ...pipeline.settings import Settings

log = logging.getLogger(__name__)

KEPT_FOLDERS = 16
FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


@dataclass
class _Attempt:
    """What an attempt knows while it runs."""

    request: TaskRequest
    folder: JobFolder
    name: str
    host: Host
    settings: Settings
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    wall: float = field(default_factory=time.monotonic)
    cpu: float = field(default_factory=time.process_time)
    stands: bool = False
    winner: str = ""

    @cached_property
    def staging(self) -> Path:
        return self.folder.attempt(self.request.step, self.request.frames, self.name)

    @cached_property
    def log(self) -> Path:
        return self.folder.log(self.request.step, self.request.frames, self.name)

    @cached_property
    def receipt(self) -> Path:
        return self.folder.receipt(self.request.step, self.request.frames)

    def inside(self, path: Path) -> str:
        """A path below the job's folder, relative to it."""
        return str(path)[len(str(self.folder.root)) + 1 :]

    def report(self, fraction: float, message: str = "", /) -> None:
        """Tell how far it is, in numbers and words that everybody can store, whatever the task says."""
        self.host.report(min(1.0, max(0.0, float(fraction))), plain_text(str(message)))  # in this order NaN becomes 0

    @property
    def facts(self) -> dict[str, Any]:
        request = self.request
        return {"step": request.step, "frames": request.frames, "host": host_name(), "attempt": request.attempt}


def run_task(
    request: TaskRequest,
    settings: Settings,
    *,
    tools: Any = None,
    report: Report | None = None,
    host: Host | None = None,
) -> Attempted:
    """Run one task to its end; never raises for what the task does, and leaves no process of it behind.

    Args:
        request: which task.
        settings: of this machine.
        tools: what the task may use; None: made anew.
        report: told 0..1 and a sentence while it runs.
        host: all of what the process brings along; replaces ``tools`` and ``report``.
    """
    host = host or (Host(tools=tools, report=report) if report else Host(tools=tools))
    name = f"{request.attempt:03d}-{uuid.uuid4().hex[:8]}"
    attempt = _Attempt(request, _folder_of(request.bundle.absolute()), name, host, settings)
    try:
        job = known_job(attempt.folder, allowed=settings.job_types, rules=settings.path_rules)
    except ShotmillError as error:
        return _failed(error, "", attempt.facts)
    try:
        ended = _in_its_log(attempt, job)
    except OSError as error:
        ended = _failed(storage_error(attempt.log, error), "", attempt.facts)
    finally:
        _tidy(attempt)
    if host.records:
        record_end(attempt.folder, job.spec, request, ended, name=name, started=attempt.started)
    return ended


@lru_cache(KEPT_FOLDERS)
def _folder_of(bundle: Path) -> JobFolder:
    """The folder of a job; one for all its tasks, since it knows its paths by heart."""
    return JobFolder.of_bundle(bundle)


def _in_its_log(attempt: _Attempt, job: KnownJob) -> Attempted:
    kept = children()
    with logging_to(attempt.log, prints=attempt.host.prints, shown=attempt.host.shown):
        try:
            return _logged(attempt, job)
        finally:
            if count := end_children(kept):
                log.warning("the task left %d processes; they were ended", count)


def _logged(attempt: _Attempt, job: KnownJob) -> Attempted:
    """Run the attempt; whatever it raises ends as one line, and the log has all of it."""
    path = attempt.inside(attempt.log)
    try:
        message = _attempt(attempt, job)
    except ShotmillError as error:
        log.info("%s", error.line(**attempt.facts))
        return _overtaken(attempt) or _failed(error, path, attempt.facts)
    except Exception as error:  # noqa: BLE001 - a job type may raise anything
        log.info("%s", traceback.format_exc())
        wrapped = _as_ours(error, attempt)
        log.info("%s", wrapped.line(**attempt.facts))
        return _overtaken(attempt) or _failed(wrapped, path, attempt.facts)
    log.info("done: %s", message)
    pushed = attempt.host.durable or not attempt.stands
    receipt = "" if pushed else str(attempt.receipt)
    return Attempted(EXIT_DONE, path, message=message, receipt=receipt)


def _failed(error: ShotmillError, log_path: str, facts: dict[str, Any]) -> Attempted:
    return Attempted(
        exit_code=error.exit_code,
        log=log_path,
        failure_code=error.code,
        failure=error.line(**facts),
        retryable=error.retryable,
        message=plain_text(error.message),
    )


def _as_ours(error: Exception, attempt: _Attempt) -> ShotmillError:
    if isinstance(error, OSError) and _is_of_disk(error, attempt.folder.root):
        return storage_error(Path(error.filename) if isinstance(error.filename, str) else attempt.staging, error)
    if isinstance(error, MemoryError):
        return TaskFailedError("the task ran out of memory", hint="give the step more memory_mib")
    return TaskFailedError(_said(error), hint="the log holds the traceback; shotmill logs")


def _is_of_disk(error: OSError, root: Path) -> bool:
    """Whether the disk refused to be written; a program, a plate or a table that is not there is the task's matter."""
    mine = isinstance(error.filename, str) and Path(error.filename).is_relative_to(root)
    return error.errno in FULL_DISK or (mine and error.errno != errno.ENOENT)


def _said(error: Exception) -> str:
    try:
        return plain_text(f"{type(error).__name__}: {error}")
    except Exception:  # noqa: BLE001 - its own words fail, too
        return f"{type(error).__name__}, and it cannot say why"


def _attempt(attempt: _Attempt, job: KnownJob) -> str:
    request = attempt.request
    step = job.step(request.step, request.frames)
    log.info(
        "job %s, step %s, frames %s, attempt %s, on %s",
        job.spec.id, request.step, request.frames, attempt.name, host_name(),
    )  # fmt: skip
    if step.function is None:
        return _publish(attempt, job)
    kept = sound_receipt(attempt.folder, request.step, request.frames) if attempt.receipt.exists() else None
    if kept is not None:
        attempt.winner = kept.attempt
        return f"frames {kept.frames} were done before, by attempt {kept.attempt}"
    if job.spec.allow_holes:
        forget_holes(attempt.folder, request.step, request.frames)
    attempt.staging.mkdir(parents=True)
    pass_point("task:begun")
    written = _work(attempt, job, step, step.function)
    pass_point("task:worked")
    receipt = _receipt_of(attempt, job, written)
    if job.spec.is_published(step.step):
        check_outputs(step.step, receipt.outputs)
    pass_point("task:hashed")
    attempt.stands = keep_receipt(attempt.folder, receipt, durable=attempt.host.durable)
    pass_point("task:kept")
    if attempt.stands:
        return f"frames {receipt.frames}, {counted(sum(len(output.files) for output in receipt.outputs), 'file')}"
    return f"frames {receipt.frames} were done by another attempt meanwhile; this one's files are thrown away"


def _publish(attempt: _Attempt, job: KnownJob) -> str:
    from ...pipeline.publish import run_publish  # noqa: PLC0415 - heavy: SQLAlchemy and pyblish
    from ...pipeline.store import Database  # noqa: PLC0415 - same

    database = Database(attempt.settings.database_url, role=attempt.settings.role or None)
    try:
        found = run_publish(attempt.folder, job.published, attempt.settings, database, progress=attempt.report)
    finally:
        database.dispose()
    return found.summary


def _work(attempt: _Attempt, job: KnownJob, step: KnownStep, function: TaskFunction) -> Written:
    from ...pipeline.tools import StudioTools  # noqa: PLC0415 - whoever runs no task pays nothing

    tools = StudioTools(attempt.settings) if attempt.host.tools is None else attempt.host.tools
    if isinstance(tools, StudioTools):
        tools = tools.for_job(job.spec)
    context = TaskContext(
        job=job.spec,
        step=step.step,
        params=job.params,
        frames=attempt.request.frames,
        staging=attempt.staging,
        job_dir=attempt.folder.root,
        upstream=Upstream(attempt.folder, step.step.after),
        progress=attempt.report,
        tools=tools,
    )
    return function(context)


def _receipt_of(attempt: _Attempt, job: KnownJob, written: Written) -> Receipt:
    files = iter(all_hashed(attempt.staging, written.outputs))
    outputs = tuple(_output(made, tuple(next(files) for _file in made.files)) for made in written.outputs)
    return Receipt(
        job=job.spec.id,
        step=attempt.request.step,
        frames=attempt.request.frames,
        done=written.done,
        holes=written.holes,
        outputs=outputs,
        root=attempt.inside(attempt.staging),
        log=attempt.inside(attempt.log),
        attempt=attempt.name,
        host=host_name(),
        started=attempt.started,
        finished=datetime.now(UTC),
        wall_s=round(time.monotonic() - attempt.wall, 6),
        cpu_s=round(time.process_time() - attempt.cpu, 6),
        notes=tuple(written.notes),
    )


def _output(made: OutputMade, files: tuple[ReceiptFile, ...]) -> Output:
    return Output(
        product=made.product,
        representation=made.representation,
        files=files,
        colourspace=made.colourspace,
        width=made.width,
        height=made.height,
        pixel_aspect=made.pixel_aspect,
        facts=dict(made.facts),
    )


def _tidy(attempt: _Attempt) -> None:
    """Remove folders of attempts at this task that no receipt speaks of: this one's, or those that were killed.

    Whoever still writes into one of them has lost already, see ``_overtaken``.
    """
    if attempt.stands:
        attempt.winner = attempt.name
    elif not attempt.winner and attempt.staging.is_dir():
        kept = sound_receipt(attempt.folder, attempt.request.step, attempt.request.frames)
        attempt.winner = kept.attempt if kept else ""
        if kept is None:
            shutil.rmtree(attempt.staging, ignore_errors=True)
    place = attempt.staging.parent
    if attempt.winner and place.is_dir():
        with os.scandir(place) as entries:
            others = [entry.path for entry in entries if entry.name != attempt.winner and entry.is_dir()]
        for other in others:
            shutil.rmtree(other, ignore_errors=True)


def _overtaken(attempt: _Attempt) -> Attempted | None:
    """The end of an attempt that failed while another one finished, and took its files away; None: no other did."""
    if not attempt.staging.parent.is_dir() or not attempt.receipt.exists():
        return None
    kept = sound_receipt(attempt.folder, attempt.request.step, attempt.request.frames)
    if kept is None:
        return None
    attempt.winner = kept.attempt
    message = f"frames {kept.frames} were done by another attempt meanwhile"
    log.info("done: %s", message)
    return Attempted(EXIT_DONE, attempt.inside(attempt.log), message=message)

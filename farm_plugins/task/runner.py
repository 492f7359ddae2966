"""One attempt at one task: read the bundle, do the work in a folder of its own, hash it, put the receipt in place.

A task may run twice, and at the same time. Each attempt writes into its own folder; the receipt is linked into place by
the first that is done, and links cannot be replaced. The others throw their files away and are done too.
"""

from __future__ import annotations

import logging
import shutil
import socket
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ...jobs import find_job_type, task_function
from ...pipeline.files import storage_error
from ...pipeline.folders import JobFolder
from ...pipeline.hashes import hash_file
from ...pipeline.receipts import keep_receipt, read_receipts, sound_receipt
from ...schema.errors import (
    EXIT_DONE,
    BadRequestError,
    InputCorruptError,
    ParamsError,
    ReceiptMismatchError,
    ShotmillError,
    TaskFailedError,
)
from ...schema.frames import FrameSet
from ...schema.job import PUBLISH_TASK, JobSpec, Step
from ...schema.receipts import Output, Receipt, ReceiptFile
from ...schema.task import OutputMade, TaskContext, Written

if TYPE_CHECKING:
    from ...pipeline.settings import Settings

log = logging.getLogger(__name__)

HASH_THREADS = 4
Report = Callable[[float, str], None]


@dataclass(frozen=True)
class TaskRequest:
    """Which task to run.

    Attributes:
        bundle: folder of job.json.
        step: name of the step.
        frames: frames of the chunk.
        attempt: number of the attempt as the engine counts them.
    """

    bundle: Path
    step: str
    frames: FrameSet
    attempt: int = 1


@dataclass(frozen=True)
class Attempted:
    """How an attempt ended.

    Attributes:
        exit_code: see ``schema.errors``.
        log: the attempt's log, relative to the job's folder; empty when there was no job to log for.
        failure_code: such as ``E204``; None when it is done.
        failure: the one line, or None.
        retryable: whether another attempt may help.
        message: what was done, for people.
    """

    exit_code: int
    log: str
    failure_code: str | None = None
    failure: str | None = None
    retryable: bool = False
    message: str = ""


@dataclass
class _Attempt:
    """What an attempt knows while it runs."""

    request: TaskRequest
    folder: JobFolder
    name: str
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    wall: float = field(default_factory=time.monotonic)
    cpu: float = field(default_factory=time.process_time)

    @property
    def staging(self) -> Path:
        return self.folder.attempt(self.request.step, self.request.frames, self.name)

    @property
    def log(self) -> Path:
        return self.folder.log(self.request.step, self.request.frames, self.name)


def run_task(request: TaskRequest, settings: Settings, *, tools: Any = None, report: Report | None = None) -> Attempted:
    """Run one task to its end; never raises for what the task does.

    Args:
        request: which task.
        settings: of this machine.
        tools: what the task may use, kept from task to task by a warm worker; None: made anew.
        report: told 0..1 and a sentence while it runs.
    """
    attempt = _Attempt(request, JobFolder.of_bundle(request.bundle), f"{request.attempt:03d}-{uuid.uuid4().hex[:8]}")
    facts = {"step": request.step, "frames": str(request.frames), "host": host_name(), "attempt": request.attempt}
    try:
        spec = attempt.folder.read_spec()
    except ShotmillError as error:
        return _failed(error, "", facts)
    relative = str(attempt.log.relative_to(attempt.folder.root))
    try:
        with _logging_to(attempt.log):
            try:
                message = _attempt(attempt, spec, settings, tools, report or (lambda _fraction, _message: None))
            except ShotmillError as error:
                log.info("%s", error.line(**facts))
                return _failed(error, relative, facts)
            except Exception as error:  # noqa: BLE001 - whatever a job type raises ends as one line, and its log has all
                log.info("%s", traceback.format_exc())
                wrapped = _as_ours(error, attempt.staging)
                log.info("%s", wrapped.line(**facts))
                return _failed(wrapped, relative, facts)
            log.info("done: %s", message)
            return Attempted(EXIT_DONE, relative, message=message)
    except OSError as error:
        return _failed(storage_error(attempt.log, error), "", facts)
    finally:
        _tidy(attempt)


def host_name() -> str:
    """This machine's name, without its domain."""
    return socket.gethostname().split(".", maxsplit=1)[0] or "localhost"


def _failed(error: ShotmillError, log_path: str, facts: dict[str, Any]) -> Attempted:
    return Attempted(
        exit_code=error.exit_code,
        log=log_path,
        failure_code=error.code,
        failure=error.line(**facts),
        retryable=error.retryable,
        message=error.message,
    )


def _as_ours(error: Exception, place: Path) -> ShotmillError:
    if isinstance(error, OSError):
        return storage_error(Path(error.filename) if isinstance(error.filename, str) else place, error)
    if isinstance(error, MemoryError):
        return TaskFailedError("the task ran out of memory", hint="give the step more memory_mib")
    return TaskFailedError(f"{type(error).__name__}: {error}", hint="the log holds the traceback; shotmill logs")


def _attempt(attempt: _Attempt, spec: JobSpec, settings: Settings, tools: Any, report: Report) -> str:
    step = _step_of(spec, attempt.request)
    log.info("job %s, step %s, frames %s, on %s", spec.id, step.name, attempt.request.frames, host_name())
    if step.task == PUBLISH_TASK:
        return _publish(attempt, spec, settings, report)
    kept = sound_receipt(attempt.folder, step.name, attempt.request.frames)
    if kept is not None:
        return f"frames {kept.frames} were done before, by attempt {kept.attempt}"
    attempt.staging.mkdir(parents=True)
    written = _work(attempt, spec, step, settings, tools, report)
    receipt = _receipt_of(attempt, spec, written)
    if keep_receipt(attempt.folder, receipt):
        return f"frames {receipt.frames}, {sum(len(output.files) for output in receipt.outputs)} files"
    shutil.rmtree(attempt.staging)
    return f"frames {receipt.frames} were done by another attempt meanwhile; this one's files are thrown away"


def _step_of(spec: JobSpec, request: TaskRequest) -> Step:
    try:
        step = spec.step(request.step)
    except KeyError:
        known = ", ".join(step.name for step in spec.steps)
        raise BadRequestError(f"the job has no step {request.step!r}; it has: {known}") from None
    beyond = request.frames.minus(step.frames)
    if beyond:
        raise BadRequestError(f"step {step.name!r} has frames {step.frames}, not {FrameSet.of(beyond)}")
    return step


def _publish(attempt: _Attempt, spec: JobSpec, settings: Settings, report: Report) -> str:
    from ...pipeline.publish import run_publish  # noqa: PLC0415 - heavy: SQLAlchemy and pyblish
    from ...pipeline.store import Database  # noqa: PLC0415 - same

    database = Database(settings.database_url)
    try:
        found = run_publish(attempt.folder, spec, settings, database, progress=report)
    finally:
        database.dispose()
    return found.summary


def _work(attempt: _Attempt, spec: JobSpec, step: Step, settings: Settings, tools: Any, report: Report) -> Written:
    job_type = find_job_type(spec.type, allowed=settings.job_types)
    if job_type.version != spec.type_version:
        raise BadRequestError(
            f"the job was made by version {spec.type_version} of {spec.type}, this host has {job_type.version}; "
            "install the same Shotmill everywhere, or submit again",
        )
    try:
        params = job_type.params.model_validate(spec.params)
    except ValidationError as error:
        raise ParamsError(f"the job's parameters do not fit {spec.type} on this host: {error}") from error
    if tools is None:
        from ...pipeline.tools import StudioTools  # noqa: PLC0415 - tasks that need none pay nothing

        tools = StudioTools(settings)
    context = TaskContext(
        job=spec,
        step=step,
        params=params,
        frames=attempt.request.frames,
        staging=attempt.staging,
        job_dir=attempt.folder.root,
        upstream={before: read_receipts(attempt.folder, before) for before in step.after},
        progress=lambda fraction, message="", /: report(min(max(fraction, 0.0), 1.0), message),
        tools=tools,
    )
    return task_function(job_type, step.task)(context)


def _receipt_of(attempt: _Attempt, spec: JobSpec, written: Written) -> Receipt:
    paths = [(output, file) for output in written.outputs for file in output.files]
    with ThreadPoolExecutor(HASH_THREADS) as pool:
        hashed = list(pool.map(lambda pair: _hashed(attempt.staging, pair[1].path, pair[1].frame), paths))
    by_output: dict[int, list[ReceiptFile]] = {}
    for (output, _file), receipt_file in zip(paths, hashed, strict=True):
        by_output.setdefault(id(output), []).append(receipt_file)
    return Receipt(
        job=spec.id,
        step=attempt.request.step,
        frames=attempt.request.frames,
        done=written.done,
        holes=written.holes,
        outputs=tuple(_output(made, by_output.get(id(made), [])) for made in written.outputs),
        root=str(attempt.staging.relative_to(attempt.folder.root)),
        log=str(attempt.log.relative_to(attempt.folder.root)),
        attempt=attempt.name,
        host=host_name(),
        started=attempt.started,
        finished=datetime.now(UTC),
        wall_s=round(time.monotonic() - attempt.wall, 6),
        cpu_s=round(time.process_time() - attempt.cpu, 6),
        notes=tuple(written.notes),
    )


def _output(made: OutputMade, files: list[ReceiptFile]) -> Output:
    return Output(
        product=made.product,
        representation=made.representation,
        files=tuple(files),
        colourspace=made.colourspace,
        width=made.width,
        height=made.height,
        pixel_aspect=made.pixel_aspect,
        facts=dict(made.facts),
    )


def _hashed(staging: Path, name: str, frame: int | None) -> ReceiptFile:
    path = staging / name
    if path.is_symlink() or not path.resolve().is_relative_to(staging.resolve()):
        raise ReceiptMismatchError(f"the task handed over {name!r}, which leaves its folder", path=name, frame=frame)
    if not path.is_file():
        raise ReceiptMismatchError(f"the task says it wrote {name!r}, which is not there", path=path, frame=frame)
    checksum, size = hash_file(path)
    if size == 0:
        raise InputCorruptError(f"the task wrote {name!r} with zero bytes", path=path, frame=frame)
    return ReceiptFile(path=name, size=size, checksum=checksum, frame=frame)


def _tidy(attempt: _Attempt) -> None:
    """Remove an attempt's folder that no receipt speaks of."""
    if attempt.staging.is_dir():
        kept = sound_receipt(attempt.folder, attempt.request.step, attempt.request.frames)
        if kept is None or kept.attempt != attempt.name:
            shutil.rmtree(attempt.staging, ignore_errors=True)


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Everything that is logged meanwhile goes to the attempt's own file too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=False)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(min(before, logging.INFO) if before else logging.INFO)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()

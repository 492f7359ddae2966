"""What a retry runs again: tasks of a job, or all of it as a new job where its inputs are not what they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..pipeline.colour_files import mark_files
from ..pipeline.colour_hash import config_hash
from ..pipeline.folders import JobFolder
from ..pipeline.holes import marked_frames, read_holes
from ..pipeline.receipts import read_receipt, sound_receipt
from ..schema.errors import ColourError, FramesMissingError, InputCorruptError, ReceiptMismatchError
from ..schema.frames import FrameSet
from ..schema.job import PUBLISH_TASK, JobSpec
from ..schema.receipts import Receipt
from ..schema.states import State
from .submission import SubmitRequest, Submitted, submit

if TYPE_CHECKING:
    from ..pipeline.settings import Settings
    from ..pipeline.store import Database
    from ..pipeline.store.jobs import JobRow, TaskRow
    from .engine import Engine

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
    spec = job_spec(database, job.id) if suspects else None
    if spec and any(step.task == PUBLISH_TASK for step in spec.steps if step.name in suspects):
        folder = JobFolder(Path(job.folder))
        holes = _holes(folder, spec)
        done = [task for task in tasks if task.state is State.SUCCEEDED]
        again += [task for task in done if not _is_sound(folder, task) and not _is_hole(task, holes)]
    return again


def _holes(folder: JobFolder, spec: JobSpec) -> dict[str, frozenset[int]]:
    """Frames of each step that a farm was told to leave out; people there try them again, if anybody does."""
    steps = spec.steps if spec.allow_holes else ()
    return {step.name: marked_frames(read_holes(folder, step.name, job=spec.id)) for step in steps}


def _is_hole(task: TaskRow, holes: Mapping[str, frozenset[int]]) -> bool:
    return holes.get(task.step, frozenset()).issuperset(FrameSet.parse(task.frames))


def _is_sound(folder: JobFolder, task: TaskRow) -> bool:
    frames = FrameSet.parse(task.frames)
    if sound_receipt(folder, task.step, frames) is not None:
        return True
    mine = [one for _path, one in _receipts_of(folder, task.step, frames) if one is not None]  # cut by a farm
    covered = {frame for one in mine for frame in one.frames}
    return covered.issuperset(frames) and all(sound_receipt(folder, task.step, one.frames) for one in mine)


def unsound_receipts(folder: JobFolder, step: str, frames: FrameSet) -> list[Path]:
    """Receipts of these frames that speak of files that are gone or changed, and all that cannot be read."""
    mine = _receipts_of(folder, step, frames)
    return [path for path, one in mine if one is None or sound_receipt(folder, step, one.frames) is None]


def _receipts_of(folder: JobFolder, step: str, frames: FrameSet) -> Iterator[tuple[Path, Receipt | None]]:
    """The receipts of these frames; and None for one that cannot be read, as nobody knows whose it is."""
    for path in folder.receipts(step):
        try:
            found = read_receipt(path)
        except FileNotFoundError:
            continue  # somebody else retries, too
        except InputCorruptError:
            yield path, None
        else:
            if not set(found.frames).isdisjoint(frames):
                yield path, found


def why_anew(database: Database, job: JobRow) -> str:
    """Why a job that ended can only be submitted again: a plate or its OCIO config changed. Empty: it can go on."""
    from ..pipeline.publish.inputs import find_change  # noqa: PLC0415 - heavy: SQLAlchemy
    from ..pipeline.store.jobs import job_spec  # noqa: PLC0415 - same

    if not job.state.is_final:
        return ""
    spec = job_spec(database, job.id)
    if (job.failure or "").startswith(f"SHOTMILL {ColourError.code} ") and (changed := changed_colour(spec)):
        return f"{changed} changed after it was submitted"
    change = find_change(JobFolder(Path(job.folder)), spec)
    return change.message if change else ""


def changed_colour(spec: JobSpec) -> str:
    """The OCIO config of a job, or the file that it reads, that is not what it was; empty: none, or one is not there.

    Without it, nothing could be submitted again either.
    """
    try:
        if spec.colour_config and config_hash(spec.colour_config) != spec.colour_config_hash:
            return f"OCIO config {spec.colour_config}"
        now = mark_files(file.path for file in spec.colour_files)
    except ColourError:
        return ""
    return next((file.path for file, then in zip(now, spec.colour_files, strict=True) if file != then), "")


def submit_anew(database: Database, job: JobRow, *, settings: Settings, engine: Engine) -> Submitted:
    """Submit a job again with what is there now, for whom, in what colour and to where it was submitted before.

    Raises:
        BadRequestError: as it is now it cannot be submitted; says why.
    """
    from ..pipeline.store.jobs import job_spec  # noqa: PLC0415 - heavy: SQLAlchemy

    spec = job_spec(database, job.id)
    before = {"user": spec.user, "ocio": spec.colour_config, "display": spec.display, "view": spec.view}
    given = {name: value for name, value in before.items() if value is not None}
    request = SubmitRequest(
        spec.type,
        params=spec.params,
        project=spec.project,
        priority=spec.priority,
        comment=spec.comment,
        allow_holes=spec.allow_holes,
        destination=spec.destination,
    )
    return submit(request, settings=settings.model_copy(update=given), database=database, engine=engine)

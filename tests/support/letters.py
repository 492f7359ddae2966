"""Letters as the delivery worker makes them, of files that are there."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import OpenImageIO

from shotmill.pipeline.outbox.letter import (
    FactKind,
    JobSeen,
    Judged,
    Letter,
    Publication,
    PublishedForm,
    Said,
    Source,
)
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import EntityKind, EntityRef, Rate
from shotmill.schema.states import State

WHEN = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
SHOT = EntityRef(kind=EntityKind.SHOT, project="demo", parent="sq010", name="sh010")


def picture(path: Path, *, width: int = 64, height: int = 36, grey: float = 0.5) -> Path:
    """A plain picture; its format is that of the path's extension."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = OpenImageIO.ImageBuf(np.full((height, width, 3), grey, dtype=np.float32))
    if not image.write(str(path)):
        raise RuntimeError(image.geterror())
    return path


def still(folder: Path) -> PublishedForm:
    """A PNG."""
    file = picture(folder / "sh010_thumbnail_v001.png")
    return PublishedForm(
        name="png",
        pattern=file.name,
        folder=folder,
        files=(file,),
        frames=None,
        missing=None,
        size_bytes=file.stat().st_size,
        colourspace="sRGB - Display",
        width=64,
        height=36,
        rate=None,
        facts={},
    )


def sequence(folder: Path, first: int = 1001, last: int = 1003) -> PublishedForm:
    """An EXR sequence at 24 frames a second."""
    files = tuple(picture(folder / f"sh010_plate_v001.{frame}.exr") for frame in range(first, last + 1))
    return PublishedForm(
        name="exr",
        pattern="sh010_plate_v001.####.exr",
        folder=folder,
        files=files,
        frames=FrameSet.of(range(first, last + 1)),
        missing=None,
        size_bytes=sum(file.stat().st_size for file in files),
        colourspace="ACEScg",
        width=64,
        height=36,
        rate=Rate(numerator=24, denominator=1),
        facts={},
    )


def publication(
    *forms: PublishedForm,
    number: int = 1,
    entity: EntityRef = SHOT,
    comment: str = "first look",
    task: str | None = None,
    sources: tuple[Source, ...] = (),
    remote: Mapping[str, str] | None = None,
) -> Publication:
    """A version of these forms."""
    pictures = [file for form in forms for file in form.files if file.suffix == ".png"]
    movies = [file for form in forms for file in form.files if file.suffix == ".mp4"]
    return Publication(
        id=uuid.uuid5(uuid.NAMESPACE_URL, f"{entity}/{number}"),
        entity=entity,
        product="thumbnail",
        kind="image",
        number=number,
        author="maya",
        comment=comment,
        published=WHEN,
        folder=forms[0].folder if forms else Path("/projects/demo"),
        job_id=uuid.UUID(int=7),
        job_type="thumbnail",
        holes=None,
        forms=forms,
        task=task,
        thumbnail=pictures[0] if pictures else None,
        movie=movies[0] if movies else None,
        sources=sources,
        remote=remote or {},
    )


def published_letter(
    told: Publication,
    target: str,
    *,
    attempts: int = 0,
    remote_id: str | None = None,
    thread: str | None = None,
    keep: Callable[[str], None] = lambda _remote_id: None,
) -> Letter:
    """The letter that a version is published."""
    return Letter(
        id=uuid.uuid5(told.id, target),
        target=target,
        kind=FactKind.PUBLISHED,
        fact=f"version:{told.id}",
        attempts=attempts,
        publication=told,
        remote_id=remote_id,
        thread=thread,
        keep=keep,
    )


def noted_letter(told: Publication, target: str, text: str, *, remote_version: str, frame: int | None = None) -> Letter:
    """The letter that somebody wrote a note on a version."""
    note = Said(uuid.uuid5(told.id, text), "rosa", text, frame, WHEN)
    return Letter(
        id=uuid.uuid5(note.id, target),
        target=target,
        kind=FactKind.NOTED,
        fact=f"note:{note.id}",
        attempts=0,
        publication=told,
        note=note,
        remote_version=remote_version,
    )


def reviewed_letter(told: Publication, target: str, status: str, *, remote_version: str) -> Letter:
    """The letter that a version's standing changed."""
    return Letter(
        id=uuid.uuid5(told.id, f"{target}/{status}"),
        target=target,
        kind=FactKind.REVIEWED,
        fact=f"review:{told.id}:{status}",
        attempts=0,
        publication=told,
        review=Judged(status, "rosa", WHEN),
        remote_version=remote_version,
    )


def job_letter(target: str, state: State, *, remote_id: str | None = None, attempts: int = 0, done: int = 0) -> Letter:
    """The letter about a job as it stands; the fact is the job, whatever its state."""
    job = JobSeen(
        id=uuid.UUID(int=7),
        name="thumbnails of cut reel-1",
        type="thumbnail",
        project="demo",
        user="maya",
        engine="local",
        state=state,
        tasks_done=done,
        tasks=4,
        submitted=WHEN,
    )
    return Letter(
        id=uuid.uuid5(job.id, target),
        target=target,
        kind=FactKind.JOB,
        fact=f"job:{job.id}",
        attempts=attempts,
        job=job,
        remote_id=remote_id,
    )

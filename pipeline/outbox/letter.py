"""What is told: one letter for each fact and target, with all that the target may want to say of it.

A letter is read from the database when it is carried, not when the fact became true: paths, names and the remote ids of
what it belongs to are those of now. What the fact *is* never changes: its key is the fact's.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ...schema.frames import FrameSet
from ...schema.media import EntityRef, Rate
from ...schema.states import State

NAMESPACE = uuid.UUID("5d1f2e0a-9a53-4d0e-8c58-6a6c4f0b7a11")


class FactKind(StrEnum):
    """What happened. A target takes some of these; the rest is none of its business."""

    PUBLISHED = "version-published"
    REVIEWED = "version-reviewed"
    NOTED = "note-written"
    JOB = "job-state"


@dataclass(frozen=True, slots=True)
class PublishedForm:
    """One representation of a version, on this machine's disks.

    Attributes:
        pattern: its files' name, with ``#`` for each digit of the frame where it is a sequence.
        files: absolute paths, in the order of frames.
        rate: frames a second.
    """

    name: str
    pattern: str
    folder: Path
    files: tuple[Path, ...]
    frames: FrameSet | None
    missing: FrameSet | None
    size_bytes: int
    colourspace: str | None
    width: int | None
    height: int | None
    rate: Rate | None
    facts: Mapping[str, Any]

    @property
    def path(self) -> Path:
        """Where it is: of a sequence the path with ``#`` in its name."""
        return self.folder / self.pattern


@dataclass(frozen=True, slots=True)
class Source:
    """A version that another was made from; ``remote_id`` is what the target calls it, if it was told."""

    version_id: uuid.UUID
    address: str
    remote_id: str | None


@dataclass(frozen=True, slots=True)
class Publication:
    """A published version, as targets tell of it.

    Attributes:
        task: code of the production task that it belongs to, such as ``comp``; None: no one's.
        thumbnail: a PNG or JPEG that shows it.
        movie: an MP4 or MOV to review.
        report: the page about the publish that people read.
        remote: what the target calls its ``project``, ``entity``, ``task`` and ``author``, where a pull has said so.
        since: what became of it before anybody was told, such as ``omitted by rosa``; empty: it stands.
    """

    id: uuid.UUID
    entity: EntityRef
    product: str
    kind: str
    number: int
    author: str
    comment: str
    published: datetime
    folder: Path
    job_id: uuid.UUID | None
    job_type: str | None
    holes: FrameSet | None
    forms: tuple[PublishedForm, ...]
    task: str | None = None
    thumbnail: Path | None = None
    movie: Path | None = None
    report: Path | None = None
    sources: tuple[Source, ...] = ()
    remote: Mapping[str, str] = field(default_factory=dict)
    since: str = ""

    @property
    def remark(self) -> str:
        """The comment, and what became of the version since: who is told late is told what is true."""
        return "\n".join(filter(None, (self.comment, f"Since then it was {self.since}." if self.since else "")))

    @property
    def address(self) -> str:
        """Such as ``demo:sq010/sh010/thumbnail@v003``."""
        return f"{self.entity.project}:{self.entity.path}/{self.product}@v{self.number:03d}"

    @property
    def name(self) -> str:
        """What a tracker's version is called: ``sh010_thumbnail_v003``."""
        return f"{self.entity.name}_{self.product}_v{self.number:03d}"


@dataclass(frozen=True, slots=True)
class Said:
    """A note on a version; ``frame`` is the one it speaks of."""

    id: uuid.UUID
    author: str
    text: str
    frame: int | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """Where a version stands with the supervisors: ``pending``, ``approved``, ``rejected`` or ``omitted``."""

    status: str
    by: str
    moved: datetime


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A job as it stands now.

    Attributes:
        line: what happened and what to type next, where it failed.
        pictures: some of what it has published, to look at.
    """

    id: uuid.UUID
    name: str
    type: str
    project: str
    user: str
    engine: str
    state: State
    tasks_done: int
    tasks: int
    submitted: datetime
    line: str = ""
    versions: tuple[str, ...] = ()
    pictures: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Letter:
    """One fact for one target.

    Attributes:
        fact: the fact's key, such as ``version:<id>``; the same for every target and every try.
        publication: the version that it is about; None only where ``kind`` is ``JOB``.
        remote_version: what the target calls the version, where it was told of it before.
        remote_id: what an earlier try got back, even if it did not end; None: nothing is known.
        attempts: tries before this one. After any of them, what they asked for may have happened.
        thread: what the target calls the conversation of the version's job, where it has one.
        keep: stores a remote id before the end: what is kept is ``remote_id`` of the next try.
    """

    id: uuid.UUID
    target: str
    kind: FactKind
    fact: str
    attempts: int
    publication: Publication | None = None
    note: Said | None = None
    review: Judged | None = None
    job: JobSeen | None = None
    remote_version: str | None = None
    remote_id: str | None = None
    thread: str | None = None
    keep: Callable[[str], None] = lambda _remote_id: None

    def remote_uuid(self, *parts: str) -> uuid.UUID:
        """An id for something made at the target for this fact: the same on each try, so that a second finds it."""
        return uuid.uuid5(NAMESPACE, "/".join((self.target, self.fact, *parts)))

    @property
    def about(self) -> str:
        """What it is about, for messages to people."""
        if self.publication is not None:
            return self.publication.address
        return f"job {self.job.name}" if self.job is not None else self.fact


def first_picture(forms: Sequence[PublishedForm]) -> Path | None:
    """The first file that a browser shows as a picture."""
    shown = (file for form in forms for file in form.files if file.suffix.lower() in {".png", ".jpg", ".jpeg"})
    return next(shown, None)


def first_movie(forms: Sequence[PublishedForm]) -> Path | None:
    """The first file that a browser plays."""
    shown = (file for form in forms for file in form.files if file.suffix.lower() in {".mp4", ".mov"})
    return next(shown, None)

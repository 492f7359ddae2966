"""What a webhook is sent: one document for each fact, versioned."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from .base import Document
from .states import State


class ToldFile(Document):
    """One form of a version's content; ``path`` holds ``#`` for each digit of the frame where it is a sequence."""

    name: str
    path: str
    frames: str | None
    missing: str | None
    files: int
    size_bytes: int
    colourspace: str | None
    width: int | None
    height: int | None
    rate: str | None


class ToldSource(Document):
    """A version that another was made from."""

    version: str
    address: str


class ToldVersion(Document):
    """A published version."""

    id: str
    address: str
    project: str
    entity_kind: str
    entity: str
    product: str
    kind: str
    number: int
    author: str
    comment: str
    published: AwareDatetime
    folder: str
    task: str | None
    job: str | None
    job_type: str | None
    missing: str | None
    thumbnail: str | None
    movie: str | None
    report: str | None
    forms: tuple[ToldFile, ...]
    sources: tuple[ToldSource, ...]


class ToldNote(Document):
    """A note on the version; ``frame`` is the one it speaks of."""

    id: str
    author: str
    text: str
    frame: int | None
    created: AwareDatetime


class ToldReview(Document):
    """Where the version stands with the supervisors."""

    status: str
    by: str
    moved: AwareDatetime


class ToldJob(Document):
    """A job as it stands; ``line`` says what happened and what to type next, where it failed."""

    id: str
    name: str
    type: str
    project: str
    user: str
    engine: str
    state: State
    tasks_done: int
    tasks: int
    submitted: AwareDatetime
    line: str
    versions: tuple[str, ...]


class WebhookOut(Document):
    """The body of what a webhook is sent.

    Attributes:
        form: which document this is; another number means that fields changed their meaning.
        target: name of the section of the targets file.
        kind: what happened; ``ping`` asks only whether somebody listens.
        fact: the fact's key, such as ``version:<id>``: the same on each try.
    """

    form: Literal["shotmill-fact/1"] = "shotmill-fact/1"
    target: str
    kind: Literal["version-published", "version-reviewed", "note-written", "job-state", "ping"]
    fact: str
    version: ToldVersion | None = None
    note: ToldNote | None = None
    review: ToldReview | None = None
    job: ToldJob | None = None

"""What a tracker knows of a production, as it comes: each with the tracker's own id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...schema.media import Rate
from ...schema.states import ReviewState


@dataclass(frozen=True, slots=True)
class PulledPerson:
    """Somebody; ``login`` is what they are called on the studio's machines."""

    remote_id: str
    login: str
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class PulledProject:
    """A show."""

    remote_id: str
    code: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PulledSequence:
    """A sequence of a project."""

    remote_id: str
    project: str
    code: str


@dataclass(frozen=True, slots=True)
class PulledShot:
    """A shot; frames are work frames, ``rate`` frames a second."""

    remote_id: str
    project: str
    sequence: str
    code: str
    cut_in: int | None = None
    cut_out: int | None = None
    handle_in: int | None = None
    handle_out: int | None = None
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class PulledAsset:
    """An asset; ``kind`` is its type, such as ``prop``."""

    remote_id: str
    project: str
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class PulledTask:
    """A task of a shot, an asset or a sequence, whose path is ``entity``, such as ``sq010/sh010``.

    Attributes:
        entity_kind: ``shot``, ``asset`` or ``sequence``.
        assignee: login of the person who has it.
    """

    remote_id: str
    project: str
    entity_kind: str
    entity: str
    code: str
    status: str | None = None
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class PulledReview:
    """Where the tracker says that a version of ours stands; what it calls otherwise, it has translated.

    Attributes:
        version: what the tracker calls the version: what ``ensure`` returned for it.
        by: login of who moved it, where the tracker tells.
        moved: when, where it tells.
    """

    version: str
    status: ReviewState
    by: str | None = None
    moved: datetime | None = None


@dataclass(frozen=True, slots=True)
class PulledNote:
    """Something said in the tracker about a version of ours.

    Attributes:
        remote_id: of the note.
        version: what the tracker calls the version: what ``ensure`` returned for it.
        author: login of who said it.
    """

    remote_id: str
    version: str
    author: str
    text: str
    frame: int | None = None
    created: datetime | None = None


Said = PulledReview | PulledNote
Pulled = PulledPerson | PulledProject | PulledSequence | PulledShot | PulledAsset | PulledTask | Said

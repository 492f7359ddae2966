"""What a tracker knows of a production, as it comes: each with the tracker's own id."""

from __future__ import annotations

from dataclasses import dataclass

from ...schema.media import Rate


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


Pulled = PulledPerson | PulledProject | PulledSequence | PulledShot | PulledAsset | PulledTask

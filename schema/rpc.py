"""What hosts ask Shotmill and what they are told: the documents of ``shotmill rpc``; see ``docs/rpc.md``."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from .base import Document
from .cutdiff import TimelineDiffOut
from .hosts import (
    Asked,
    FramesArrived,
    HostOut,
    HostVersion,
    HostVersions,
    RepresentationOut,
    RpcRequest,
    WatchedStep,
    WatchEvent,
)
from .output import IngestOut, PlanOut, StatusOut
from .segment import DEFAULT_BACKEND
from .states import State

__all__ = [
    "PROTOCOL",
    "Asked",
    "CutArgs",
    "CutOut",
    "CutWriteArgs",
    "CutWrittenOut",
    "DescribeArgs",
    "DoneBefore",
    "FramesArrived",
    "HostNote",
    "HostNotes",
    "HostOut",
    "HostVersion",
    "HostVersions",
    "JobArgs",
    "JobsArgs",
    "NoArgs",
    "NoteArgs",
    "NotesArgs",
    "PingOut",
    "PlannedOut",
    "ProblemOut",
    "RepresentationOut",
    "RpcRequest",
    "SegmentArgs",
    "SegmenterOut",
    "ShotsArgs",
    "StatusesOut",
    "ValidateOut",
    "VersionsArgs",
    "WatchArgs",
    "WatchEvent",
    "WatchedStep",
]

PROTOCOL = 1
MAX_JOBS = 1000
MAX_PATH_TEXT = 4096
LEAST_EVERY_S = 0.1


class NoArgs(Document):
    """``ping``: nothing."""


class PingOut(Document):
    """``ping``: who answers."""

    shotmill: str
    protocol: int
    python: str
    engine: str
    project: str


class DescribeArgs(Document):
    """``describe``: one job type, or all."""

    job_type: str = ""


class ProblemOut(Document):
    """One thing that is wrong with a job that was filled in; ``field`` may be empty."""

    field: str
    message: str
    hint: str
    code: str


class ValidateOut(Document):
    """``validate``."""

    ok: bool
    problems: tuple[ProblemOut, ...]


class DoneBefore(Document):
    """A job of the same inputs that is there already."""

    job: str
    state: State
    versions: tuple[str, ...]


class PlannedOut(PlanOut):
    """``plan``: as ``shotmill plan --json``; with where it would be published, and what did the same before."""

    projects: str
    done_before: DoneBefore | None = None


class JobsArgs(Document):
    """``status``: jobs by id or handle."""

    jobs: tuple[str, ...] = Field(min_length=1, max_length=MAX_JOBS)


class StatusesOut(Document):
    """``status``: each as ``shotmill status --json`` tells it."""

    jobs: tuple[StatusOut, ...]


class WatchArgs(JobsArgs):
    """``watch``.

    Attributes:
        every_s: seconds between two looks.
        frames: whether frames are told as their tasks are done with them, long before they are published.
    """

    every_s: float = Field(default=0.5, ge=LEAST_EVERY_S, le=3600)
    frames: bool = False


class JobArgs(Document):
    """``cancel`` and ``retry``."""

    job: str


class VersionsArgs(Document):
    """``versions``: all of a project, or fewer.

    Attributes:
        shot: path of a shot or asset; a sequence's covers its shots.
        source: path of a plate: only what was made from it.
        path: of a file, or a pattern of frames: only the version that it belongs to, whatever its project.
        job: only what this job published.
    """

    project: str = ""
    shot: str = ""
    product: str = ""
    latest: bool = False
    approved: bool = False
    source: str = ""
    path: str = ""
    job: str = ""
    limit: int = Field(default=200, ge=1, le=10_000)


class ShotsArgs(Document):
    """``shots``: of a project, or of one of its cuts in the cut's order."""

    project: str = ""
    cut: str = ""


class CutArgs(Document):
    """``cut``: by name; ``version`` null: the newest."""

    cut: str
    project: str = ""
    version: int | None = Field(default=None, ge=1)


class CutOut(Document):
    """``cut``: as OpenTimelineIO text."""

    project: str
    cut: str
    version: int
    otio: str


class CutWriteArgs(Document):
    """``cut_write``: a host's sequence.

    Attributes:
        project, show: two words for one thing; empty: the setting ``project``.
        otio: the text of an ``.otio`` file.
        rate: frames per second; empty: as the text says.
        dry_run: tell the difference, and write nothing.
    """

    cut: str
    otio: str
    project: str = ""
    show: str = ""
    rate: str = ""
    dry_run: bool = False


class CutWrittenOut(Document):
    """``cut_write``: what is different, and what was done.

    Attributes:
        added: whether it is, or would be, a new version; False: one holds the very same.
        version: the number of that version.
        difference: to the newest version before it, as ``shotmill timeline diff --json`` tells it; null: none.
        report: as ``shotmill ingest --json`` tells it; null: nothing was to be written.
    """

    project: str
    cut: str
    dry_run: bool
    added: bool
    version: int
    difference: TimelineDiffOut | None
    report: IngestOut | None


class NoteArgs(Document):
    """``note``: about a version (its id or address), or about the newest of a shot (``sq010/sh010``)."""

    text: str
    version: str = ""
    shot: str = ""
    frame: int | None = None


class NotesArgs(Document):
    """``notes``: about a version, or about all of a shot."""

    version: str = ""
    shot: str = ""


class HostNote(Document):
    """Something said about a version; ``frame`` is the one it speaks of."""

    id: str
    version: str
    address: str
    author: str
    frame: int | None
    text: str
    created: AwareDatetime


class HostNotes(Document):
    """``notes``."""

    notes: tuple[HostNote, ...]


class SegmentArgs(Document):
    """``segment``: where the process is that answers clicks.

    Attributes:
        start: whether one is started where none runs; ``wait_s`` is how many seconds it may take to come up.
    """

    start: bool = False
    backend: str = DEFAULT_BACKEND
    wait_s: float = Field(default=90.0, gt=0, le=600)


class SegmenterOut(Document):
    """``segment``: it answers on this machine alone, and whoever has the token; see ``docs/roto.md``."""

    url: str
    token: str
    pid: int

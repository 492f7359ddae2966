"""What hosts ask Shotmill and what they are told: the documents of ``shotmill rpc``; see ``docs/rpc.md``."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from .base import Document
from .job import Priority
from .output import PlanOut, StatusOut
from .segment import DEFAULT_BACKEND
from .states import State

PROTOCOL = 1
MAX_JOBS = 1000
MAX_PLATES = 10_000
MAX_PATH_TEXT = 4096
LEAST_EVERY_S = 0.1


class HostOut(Document):
    """Who asks."""

    app: str = ""
    version: str = ""
    python: str = ""
    user: str = ""


class RpcRequest(Document):
    """One question: a JSON object on standard input, which is closed after it.

    Attributes:
        v: version of the protocol.
        op: name of the operation.
        id: a UUID; the same one again never makes a second job.
        args: of the operation.
    """

    v: int
    op: str
    id: str
    args: dict[str, Any] = Field(default_factory=dict)
    host: HostOut = HostOut()


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


class Asked(Document):
    """``validate``, ``plan`` and ``submit``: a job.

    Attributes:
        plates: absolute paths of media, as people or hosts write them (``plate.%04d.exr``, ``plate.####.exr``).
        shot: ``SEQUENCE/SHOT``; asset: ``KIND/NAME``.
        engine: empty: as the settings say.
    """

    job_type: str
    params: dict[str, Any] = Field(default_factory=dict)
    plates: tuple[str, ...] = Field(default=(), max_length=MAX_PLATES)
    cut: str = ""
    project: str = ""
    shot: str = ""
    asset: str = ""
    priority: Priority = Priority.NORMAL
    comment: str = ""
    force: bool = False
    allow_holes: bool = False
    engine: str = ""
    queue: bool = False
    later: bool = False


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
    """``watch``: ``every_s`` is how many seconds lie between two looks."""

    every_s: float = Field(default=0.5, ge=LEAST_EVERY_S, le=3600)


class JobArgs(Document):
    """``cancel`` and ``retry``."""

    job: str


class WatchedStep(Document):
    """Where one step of a job that is watched stands; ``total`` counts its tasks."""

    name: str
    state: State
    done: int
    total: int


class RepresentationOut(Document):
    """One form of a version.

    Attributes:
        path: of its file, or a pattern with ``####`` where the frame number stands; absolute.
        frames: such as ``1001-1096``; empty: it is a single file.
        colour: name of its colour space; empty: not known.
        files: how many.
    """

    name: str
    path: str
    frames: str
    colour: str
    files: int
    width: int | None = None
    height: int | None = None
    pixel_aspect: float | None = None
    rate: str = ""


class HostVersion(Document):
    """A published version, as hosts browse it.

    Attributes:
        owner: path of the shot or asset, such as ``sq010/sh010``.
        state: of its review.
        picture: path of a picture of it, or of its owner; None: there is none.
        job: handle of the job that made it; empty: not known.
        source: path of the plate that it was made from; empty: not known.
        gone: whether its files are not where it was published.
    """

    id: str
    address: str
    project: str
    owner: str
    product: str
    kind: str
    version: int
    state: str
    picture: str | None
    representations: tuple[RepresentationOut, ...]
    job: str
    comment: str
    author: str
    created: AwareDatetime | None
    source: str = ""
    missing: str = ""
    gone: bool = False


class VersionsArgs(Document):
    """``versions``: all of a project, or fewer.

    Attributes:
        shot: path of a shot or asset; a sequence's covers its shots.
        source: path of a plate: only what was made from it.
        job: only what this job published.
    """

    project: str = ""
    shot: str = ""
    product: str = ""
    latest: bool = False
    approved: bool = False
    source: str = ""
    job: str = ""
    limit: int = Field(default=200, ge=1, le=10_000)


class HostVersions(Document):
    """``versions``: newest first."""

    versions: tuple[HostVersion, ...]


class WatchEvent(Document):
    """``watch``: a job changed; once it has ended well, with what it published."""

    type: Literal["event"] = "event"
    job: str
    state: State
    steps: tuple[WatchedStep, ...]
    failure: str | None = None
    verdict: str
    version: HostVersion | None = None
    versions: tuple[HostVersion, ...] = ()


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
    """

    cut: str
    otio: str
    project: str = ""
    show: str = ""
    rate: str = ""


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

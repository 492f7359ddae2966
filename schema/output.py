"""What ``--json`` prints: one document a command; their JSON Schemas are shipped in ``schema/json``."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, Field

from .base import Document
from .colouring import ColourNamesOut, ColourOut
from .cutdiff import TimelineDiffOut, TimelineUpdateOut
from .estimates import EstimateOut
from .forms import DescribeOut
from .hosts import Asked, FramesArrived, HostVersions, RpcRequest, WatchEvent
from .luts import LutReport
from .machine import ConformanceOut, DoctorOut, EnginesOut, KeepersOut, LintOut, SettingsOut
from .media import MediaInfo
from .proof import FsckOut, ReproduceOut
from .publishing import PublishReport
from .qc import QcReport
from .reviewing import AuditOut, NoteOut, NotesOut, ReviewOut
from .roto_qc import RotoQc
from .rv import RvSession
from .segment import SegmentOut
from .shapes import ShapesDocument
from .states import State
from .telling import OutboxOut, TrackersOut
from .webhooks import WebhookOut


class JobOut(Document):
    """One job."""

    id: str
    handle: str
    type: str
    name: str
    project: str
    user: str
    engine: str
    priority: str
    state: State
    folder: str
    failure: str | None
    created: AwareDatetime
    started: AwareDatetime | None
    finished: AwareDatetime | None


class JobsOut(Document):
    """``shotmill jobs``."""

    jobs: tuple[JobOut, ...]


class StepOut(Document):
    """One step of a job."""

    name: str
    state: State
    tasks: int
    done: int
    failed: int
    running: int


class StatusOut(Document):
    """``shotmill status`` and ``shotmill wait``: ``verdict`` is the one line, ``next`` the command to type."""

    job: JobOut
    steps: tuple[StepOut, ...]
    verdict: str
    next: str


class ReconciledOut(Document):
    """One job that was looked at: how many of its tasks changed, whether it was sent, or what stood in the way."""

    job: str
    engine: str
    state: State
    tasks: int
    sent: bool
    problem: str


class ReconcileOut(Document):
    """``shotmill reconcile``."""

    jobs: tuple[ReconciledOut, ...]


class RetryOut(Document):
    """``shotmill retry``: how many tasks of each step run again, and how many keep what they wrote.

    ``anew`` says why the job cannot go on and is submitted again as a new one, ``submitted`` is that one's handle;
    ``text`` is what people are told.
    """

    job: str
    dry_run: bool
    steps: dict[str, int]
    kept: int
    anew: str = ""
    submitted: str = ""
    text: str


class ReportOut(Document):
    """``shotmill report``: the newest report of a job's publish step, where it lies, and what it says for people.

    Attributes:
        page: the HTML page about it; None: there is none, and ``--html`` makes it.
    """

    job: str
    path: str
    page: str | None
    summary: str
    text: str
    report: PublishReport


class TaskOut(Document):
    """One task of a job."""

    id: str
    step: str
    frames: str
    state: State
    attempts: int
    host: str | None
    progress: float
    message: str | None
    failure_code: str | None
    failure: str | None


class TasksOut(Document):
    """``shotmill tasks``."""

    job: str
    tasks: tuple[TaskOut, ...]


class FailureOut(Document):
    """Failures of one cause, on one host, of one job type."""

    code: str
    host: str
    type: str
    count: int
    jobs: tuple[str, ...]
    example: str
    last: AwareDatetime
    hint: str = ""


class FailuresOut(Document):
    """``shotmill failures``."""

    since: AwareDatetime
    groups: tuple[FailureOut, ...]


class SubmitOut(Document):
    """``shotmill submit``."""

    job: JobOut
    is_new: bool
    tasks: int
    warnings: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()


class PlanStepOut(Document):
    """What one step would do."""

    name: str
    tasks: int
    frames: str
    needs: dict[str, int]
    after: tuple[str, ...]


class NextVersionOut(Document):
    """A version that a job would publish if nobody else published first: a look ahead, nothing is reserved.

    Attributes:
        address: such as ``demo:sq010/sh010/thumbnail@v004``; without ``@v004`` where ``version`` is null.
        version: its number; null where the database cannot be asked.
        folder: where its files would lie; empty where the number is not known.
    """

    address: str
    project: str
    entity: str
    product: str
    version: int | None
    folder: str


class PlanOut(Document):
    """``shotmill plan``: what a submit would do; ``estimate`` is null where no such job has been done here.

    Attributes:
        publishes: products, such as ``demo/sq010/sh010/thumbnail``; ``versions`` are what is next of each.
    """

    type: str
    name: str
    project: str
    key: str
    tasks: int
    steps: tuple[PlanStepOut, ...]
    publishes: tuple[str, ...]
    versions: tuple[NextVersionOut, ...] = ()
    warnings: tuple[str, ...] = ()
    estimate: EstimateOut | None = None


class VersionOut(Document):
    """One published version; ``address`` is what ``path`` and ``lineage`` take, ``missing`` the frames it lacks."""

    id: str
    address: str
    project: str
    entity: str
    product: str
    kind: str
    number: int
    state: str
    author: str
    comment: str
    folder: str
    missing: str | None
    published: AwareDatetime | None
    review: str = "pending"


class VersionsOut(Document):
    """``shotmill versions``."""

    versions: tuple[VersionOut, ...]


class PathOut(Document):
    """``shotmill path``."""

    address: str
    folder: str
    files: tuple[str, ...]


class LinkOut(Document):
    """One link of a lineage: ids of the version it leads to and of the one it comes from, and how far away it is."""

    version: str
    near: str
    kind: str
    steps: int


class LineageOut(Document):
    """``shotmill lineage``: what a version was made from, and from which versions; or which were made from it."""

    version: VersionOut
    made_from: dict[str, Any]
    sources: tuple[VersionOut, ...] = ()
    used_by: tuple[VersionOut, ...] = ()
    links: tuple[LinkOut, ...] = ()


class VerifyProblem(Document):
    """One published file that is not what it was."""

    path: str
    problem: str
    frame: int | None = None


class VerifyOut(Document):
    """``shotmill verify``."""

    versions: int
    files: int
    size_bytes: int
    problems: tuple[VerifyProblem, ...]


class ShotOut(Document):
    """One shot; frames are first and last of the cut, both included."""

    project: str
    sequence: str
    shot: str
    cut_in: int | None = None
    cut_out: int | None = None
    media: str | None = None
    media_state: str | None = None


class ShotsOut(Document):
    """``shotmill shots``."""

    shots: tuple[ShotOut, ...]


class IngestOut(Document):
    """``shotmill ingest``."""

    project: str
    cut: str
    added: bool
    version: int
    rate: str
    duration: int
    clips: int
    shots: int
    new_shots: int
    online: int
    missing: int
    generated: int
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class ExplainOut(Document):
    """``shotmill explain``."""

    subject: str
    text: str
    next: str = ""


class ErrorOut(Document):
    """What ``--json`` prints on standard error when a command fails."""

    code: str
    slug: str
    message: str
    hint: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    retryable: bool = False


DOCUMENTS: dict[str, type[Document]] = {
    "jobs": JobsOut,
    "status": StatusOut,
    "tasks": TasksOut,
    "retry": RetryOut,
    "reconcile": ReconcileOut,
    "failures": FailuresOut,
    "submit": SubmitOut,
    "plan": PlanOut,
    "versions": VersionsOut,
    "path": PathOut,
    "review": ReviewOut,
    "note": NoteOut,
    "notes": NotesOut,
    "audit": AuditOut,
    "lineage": LineageOut,
    "reproduce": ReproduceOut,
    "fsck": FsckOut,
    "doctor": DoctorOut,
    "verify": VerifyOut,
    "shots": ShotsOut,
    "ingest": IngestOut,
    "timeline-diff": TimelineDiffOut,
    "timeline-update": TimelineUpdateOut,
    "config": SettingsOut,
    "conformance": ConformanceOut,
    "explain": ExplainOut,
    "colour": ColourOut,
    "colour-spaces": ColourNamesOut,
    "outbox": OutboxOut,
    "tracker": TrackersOut,
    "engines": EnginesOut,
    "keepers": KeepersOut,
    "lint": LintOut,
    "probe": MediaInfo,
    "publish-report": PublishReport,
    "report": ReportOut,
    "error": ErrorOut,
    "rpc-request": RpcRequest,
    "rpc-job": Asked,
    "rpc-form": DescribeOut,
    "rpc-versions": HostVersions,
    "rpc-event": WatchEvent,
    "rpc-frames": FramesArrived,
    "webhook": WebhookOut,
    "roto-qc": RotoQc,
    "qc": QcReport,
    "lut": LutReport,
    "rv-session": RvSession,
    "segment": SegmentOut,
    "shapes": ShapesDocument,
}

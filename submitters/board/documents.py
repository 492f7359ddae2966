"""What the board's API takes and answers, besides the documents of the command line."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from pydantic import AwareDatetime, ConfigDict, Field, StrictBool

from ...schema.base import Document
from ...schema.job import Priority
from ...schema.output import ErrorOut, JobOut, StepOut, VersionOut
from ...schema.states import State

MAX_CUT = 64 << 20  # characters of one cut
MOST = 200  # rows of one page
NameText = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
PLAIN = r"^[^\x00-\x1f\x7f]*$"
ShortText = Annotated[str, Field(max_length=1024, pattern=PLAIN)]


class Problem(Document):
    """Why a request failed: an error of Shotmill's one tree, as ``--json`` prints it."""

    error: ErrorOut


class StandOut(Document):
    """Where a job stands.

    Attributes:
        done, failed, tasks: of the whole job, which may be for many shots.
        progress: 0 to 1; tasks that run count by how far they are.
        code: of its failure, such as ``E204``.
    """

    handle: str
    type: str
    state: State
    user: str
    engine: str
    created: AwareDatetime
    done: int
    failed: int
    tasks: int
    progress: float
    code: str = ""


class CellOut(StandOut):
    """The newest job of one type for one shot.

    Attributes:
        version: number that it published for this shot, and of which product; null: nothing is published by it.
    """

    product: str = ""
    version: int | None = None


class RowOut(Document):
    """One shot, asset or sequence with what was last done for it, by job type.

    Attributes:
        group: sequence of a shot, kind of an asset; empty for a sequence.
        thumbnail: id of the version whose picture stands for it.
    """

    project: str
    group: str
    name: str
    thumbnail: str | None
    cells: dict[str, CellOut]


class GridOut(Document):
    """A page of the board: ``total`` rows fit the filter, ``types`` are the columns."""

    total: int
    offset: int
    types: tuple[str, ...]
    rows: tuple[RowOut, ...]


class LineOut(StandOut):
    """One job in a list. ``shots`` are some of those that it is for, ``count`` how many."""

    name: str
    project: str
    shots: tuple[str, ...]
    count: int
    published: int


class LinesOut(Document):
    """A page of jobs, newest first: ``total`` of them fit the filter."""

    total: int
    offset: int
    jobs: tuple[LineOut, ...]


class FarmOut(Document):
    """Where a farm shows a job: its own id there, and its page, where the board was told of one."""

    engine: str
    id: str
    url: str = ""


class JobPageOut(Document):
    """All about one job: ``verdict`` is the one line, ``next`` the command to type."""

    job: JobOut
    steps: tuple[StepOut, ...]
    verdict: str
    next: str
    farm: FarmOut | None
    shots: tuple[str, ...]
    versions: tuple[VersionOut, ...]


class LogOut(Document):
    """The end of a task's log: the first that failed, else that runs, else the last; or the one that was asked for.

    Attributes:
        cut: whether the log has more lines than these.
        note: why there are none, where no task was named.
    """

    job: str
    step: str
    frames: str
    attempt: int | None
    lines: tuple[str, ...]
    cut: bool = False
    note: str = ""


class SummaryOut(Document):
    """What filters can choose from, who asks, and how many jobs stand where."""

    shotmill: str
    user: str
    read_only: bool
    projects: tuple[str, ...]
    sequences: tuple[str, ...]
    types: tuple[str, ...]
    users: tuple[str, ...]
    states: dict[str, int]


class Asked(Document):
    """What is sent to the board. FastAPI wants such models built at once, and warns where it comes later."""

    model_config = ConfigDict(defer_build=False)


class ProjectAsked(Asked):
    """A project to be made."""

    code: NameText


class ProjectOut(Document):
    """One project; ``shots`` is how many it has."""

    id: str
    code: str
    name: str | None
    shots: int
    created: AwareDatetime


class ProjectsOut(Document):
    """All projects, by code."""

    projects: tuple[ProjectOut, ...]


class CutAsked(Asked):
    """A timeline as text: OTIO, EDL, FCP XML.

    Attributes:
        file: what the file is called; its ending says which format it is.
        rate: frames per second; an EDL needs it.
        pattern: regular expression with groups ``sequence`` and ``shot``, for clip names.
    """

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(otio|edl|xml|fcpxml)$")]
    content: Annotated[str, Field(min_length=1, max_length=MAX_CUT)]
    rate: Annotated[str, Field(max_length=40)] | None = None
    pattern: Annotated[str, Field(max_length=400)] | None = None


class TypeOut(Document):
    """One job type, with the JSON Schema of its parameters."""

    name: str
    summary: str
    params: dict[str, Any]


class TypesOut(Document):
    """All job types that may be used."""

    types: tuple[TypeOut, ...]


class PlanAsked(Asked):
    """What a job is to do, as ``shotmill submit`` takes it.

    Attributes:
        type: name of a job type.
        params: its parameters; ``GET /api/types`` has their schema.
        plates: absolute paths of media, instead of a cut.
        cut: name of an ingested cut.
        shot, asset: the owner of one plate, ``SEQUENCE/SHOT`` or ``KIND/NAME``.
    """

    type: NameText
    params: dict[str, Any] = Field(default_factory=dict)
    plates: Annotated[tuple[ShortText, ...], Field(max_length=1000)] = ()
    cut: Annotated[str, Field(max_length=64)] = ""
    project: Annotated[str, Field(max_length=64)] = ""
    shot: ShortText | None = None
    asset: ShortText | None = None
    priority: Priority = Priority.NORMAL
    comment: ShortText = ""
    allow_holes: StrictBool = False
    force: StrictBool = False


class SubmitAsked(PlanAsked):
    """A job to be submitted.

    Attributes:
        token: the client's own; the same token again finds the same job.
        engine: where it runs; empty: the setting ``engine``.
        queue: keep the job when its farm does not answer.
    """

    token: uuid.UUID | None = None
    engine: Annotated[str, Field(max_length=32)] = ""
    queue: StrictBool = False


class RetryAsked(Asked):
    """What to run again: all that failed, or only what failed with a code, and not on a host."""

    only: Annotated[str, Field(pattern=r"^E[0-9]{3}$")] | None = None
    exclude_host: Annotated[str, Field(max_length=128, pattern=PLAIN)] = ""
    dry_run: StrictBool = False


class ChangedOut(Document):
    """What became of a job: its state now, and the line that people are told."""

    job: str
    state: State
    text: str


class FileOut(Document):
    """One published file; ``GET /api/files/ID`` answers with its content."""

    id: str
    name: str
    representation: str
    frame: int | None
    size: int
    checksum: str


class FilesOut(Document):
    """Files of a version: ``total`` there are."""

    version: VersionOut
    total: int
    offset: int
    files: tuple[FileOut, ...]

"""What a job is: its type, its steps, what they need, and what they promise to write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NamedTuple, Self, TypeVar

from pydantic import AfterValidator, Field

from .base import Document
from .frames import FrameSet
from .hooks import HookRef, PluginRef
from .media import Clip, EntityRef, as_value_error
from .names import MAX_JOB_NAME, check_media_path, check_name, check_text

if TYPE_CHECKING:
    from .colour import Grade

JOB_VERSION = 1
MAX_USER = 128  # width of the database's column
PUBLISH_TASK = "publish"  # the task name that every job type has without defining it
PUBLISH_STEP = "publish"
PUBLISH_S = 86_400  # a day: 8 TB at 100 MB/s, as a share delivers on a bad day; nobody wants a long copy thrown away

StepName = Annotated[str, AfterValidator(lambda value: as_value_error(check_name, value, field="step name"))]


class Priority(StrEnum):
    """Three words that every engine maps to its own scale."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Needs(Document):
    """What one task needs of its host.

    Attributes:
        cpu: cores.
        memory_mib: MiB of memory.
        gpu: whole GPUs.
        gpu_memory_mib: MiB of memory on each GPU.
    """

    cpu: int = Field(default=1, ge=1, le=512)
    memory_mib: int = Field(default=512, ge=16, le=4_194_304)
    gpu: int = Field(default=0, ge=0, le=64)
    gpu_memory_mib: int = Field(default=0, ge=0, le=1_048_576)


class OutputSpec(Document):
    """What a step promises to write for one representation of one product.

    Attributes:
        product: key that receipts repeat; unique for an entity and product name in a job.
        entity: whom the product belongs to.
        name: product name in the database, such as ``thumbnail``.
        kind: product type, such as ``image``, ``movie``, ``document``, ``matte``.
        representation: such as ``jpg``; its files end in ``extension``.
        frames: frames that must all be there; None for a single file.
    """

    product: str
    entity: EntityRef
    name: Annotated[str, AfterValidator(lambda value: as_value_error(check_name, value, field="product name"))]
    kind: str = "image"
    representation: StepName
    extension: StepName
    frames: FrameSet | None = None


class Step(Document):
    """One kind of work in a job, split into tasks by frames.

    Attributes:
        task: name of the function in the job type's ``tasks`` module that does it, or ``publish``.
        frames: the numbers the tasks run over: frames of a plate, or 1-based indices of clips.
        chunk: frames in one task at most.
        contiguous: whether a chunk may not cross a gap.
        after: steps that must have succeeded.
        outputs: what the publish step may expect from this one.
        retries: attempts after the first.
        timeout_s: seconds that one task may run.
        warm: whether a running worker may do it; False starts a process for each task.
        model: name of what its tasks load once and keep, see ``Tools.kept``; empty: nothing. A farm's hosts keep a
            process for it from task to task.
    """

    name: StepName
    task: str
    frames: FrameSet = FrameSet((1,))
    chunk: int = Field(default=1, ge=1, le=100_000)
    contiguous: bool = False
    needs: Needs = Needs()
    after: tuple[str, ...] = ()
    outputs: tuple[OutputSpec, ...] = ()
    retries: int = Field(default=2, ge=0, le=20)
    timeout_s: int = Field(default=3600, ge=1, le=604_800)
    warm: bool = True
    model: StepName | Literal[""] = ""

    def chunks(self) -> list[FrameSet]:
        """The frames of each task, in order."""
        return self.frames.chunks(self.chunk, contiguous=self.contiguous)


def publish_step(*after: str) -> Step:
    """The last step that any job may have: publish what these steps wrote; it may take a day."""
    return Step(
        name=PUBLISH_STEP,
        task=PUBLISH_TASK,
        needs=Needs(cpu=1, memory_mib=512),
        after=after,
        timeout_s=PUBLISH_S,
        warm=False,  # pyblish keeps its state in module globals: one publish, one process
    )


def clip_owner(clip: Clip) -> EntityRef:
    """Whom a clip's results belong to; the submitter has seen to it that there is somebody.

    Raises:
        ValueError: nobody was named.
    """
    if clip.entity is None:
        raise ValueError(f"clip {clip.name!r} belongs to no shot or asset; name one with --shot or --asset")
    return clip.entity


class Params(Document):
    """The base of every job type's parameters: what an artist fills in."""

    def with_marks(self, mark: Callable[[str], str]) -> Self:
        """The same with the checksum of each file that they name beside clips, given by ``mark``.

        A file that ``mark`` was asked for travels with the job where hosts share no disk.
        """
        del mark
        return self


def examples_of(params: type[Params]) -> dict[str, Any]:
    """What a job type that can do nothing with its defaults gives as examples: field -> value, for whoever tries it."""
    properties = params.model_json_schema().get("properties", {})
    return {name: entry["example"] for name, entry in properties.items() if "example" in entry}


class ClipParams(Params):
    """Parameters of a job that reads clips: a plate given by path, or every shot of a cut.

    Attributes:
        clips: filled in by the submitter from ``PLATE`` or ``--cut``.
    """

    clips: tuple[Clip, ...] = Field(
        min_length=1,
        description="The media to work on: plates by path, or every shot of a cut",
        json_schema_extra={"source": "clips"},
    )

    def shown(self, clip: Clip) -> Clip:
        """A clip with those of its frames that the job shows; where they are others, which are there is left open."""
        return clip


P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class JobType(Generic[P]):
    """The face of a job type: ``JOB`` in ``jobs/<name>/__init__.py`` or behind an entry point.

    Attributes:
        name: as typed after ``shotmill submit``.
        summary: one line for lists and forms.
        params: pydantic model of what the artist fills in.
        steps: params -> steps; pure and deterministic.
        tasks: dotted module whose ``TASKS`` maps task names to functions; imported where the work runs.
        version: raised when the same params would give other results; part of the job's key.
        shows_offline: whether it is given clips whose media is missing; others are spared them, with a warning.
        counts_movies: whether movies are opened at submission, so that clips of them say their frames.
        reads_pixels: whether the OCIO config, display and view are part of the job's key.
        weights: params -> names of the checkpoints that its backends need; settings say where they are.
        grades: params -> every grade that its tasks apply; pure. With it, params with clips are ``ColouredParams``, and
            the submitter fills in each clip's colour as its shot says; ``OwnerColouredParams`` have the owner's. See
            ``shot_colour``. None: it uses none.
        refine: a version's params and what was filled in, both as JSON -> params of a job that mends it, and what is
            new; None: it mends nothing. Its params have ``refine``, an address, and ``parent``, a ``Refined``.
        timings: representation of a JSON document -> those of its top fields that tell of one run, such as how long it
            took and where; a version that is made again is not held to them.
        check: given params and the tools of this machine, with the job's own OCIO config, refuses before a submit what
            its tasks would refuse; may return what the submitter should know.
        complete: given params and the tools of this machine, fills in what only a look into the files that they name
            tells, such as the frames of a scene; before anything is hashed.
        frame_by_frame: where each frame is made of the source frame of its number alone, the params that change nothing
            of it: frames of an earlier version are taken then, instead of made again. None: frames are made together.
        named_after: the param with the file that the job, and the asset of results without an owner, are named after,
            where there are no clips; empty: none.
    """

    name: str
    summary: str
    params: type[P]
    steps: Callable[[P], Sequence[Step]]
    tasks: str
    version: int = 1
    shows_offline: bool = False
    counts_movies: bool = False
    reads_pixels: bool = True
    weights: Callable[[P], Sequence[str]] | None = None
    grades: Callable[[P], Sequence[Grade]] | None = None
    refine: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[dict[str, Any], list[str]]] | None = None
    timings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    check: Callable[[P, Any], Sequence[str] | None] | None = None
    complete: Callable[[P, Any], P] | None = None
    frame_by_frame: Collection[str] | None = None
    named_after: str = ""


class Refined(Document):
    """The version that a job mends.

    Attributes:
        added: what was said beyond it, a few words each.
    """

    version_id: str
    address: str
    added: tuple[str, ...] = ()


class WeightsRef(Document):
    """A model's checkpoint: its file, and what must be in it.

    Attributes:
        path: absolute, on the machine that does the work; a file, or a folder of files.
        sha256: of its content, lower-case hex.
    """

    path: Annotated[str, AfterValidator(lambda value: as_value_error(check_media_path, value, field="path"))]
    sha256: Annotated[str, AfterValidator(str.lower)] = Field(pattern=r"^[0-9a-fA-F]{64}$")


class ColourFile(Document):
    """A file that a job's grades read through the OCIO config, such as a LUT, and what must be in it.

    Attributes:
        path: absolute, on the machine that does the work.
        sha256: of its content, lower-case hex.
        size: bytes.
    """

    path: Annotated[str, AfterValidator(lambda value: as_value_error(check_media_path, value, field="path"))]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class Taken(Document):
    """Frames of a step that an earlier version has, as the job would make them.

    Attributes:
        step: that need not make them.
        address: of that version.
        folder: of its files and its manifest, as the submitter names it; a host that has no such folder makes them.
        representation: of the version.
    """

    step: StepName
    address: str
    folder: str
    representation: StepName
    frames: FrameSet


class InputMark(Document):
    """What an input was when the job was made.

    Attributes:
        path: as in the clip.
        files: how many files.
        size: bytes of all of them.
        fingerprint: xxh128 over what ``method`` says.
        method: ``content`` (names and bytes) or ``stat`` (names, sizes, modification times: large plates).
        newest_ns: when the youngest of the files was modified, in ns since 1970; 0: not known.
    """

    path: str
    files: int
    size: int
    fingerprint: str
    method: str
    newest_ns: int = 0


class Destination(Document):
    """Where a job's results are published, as the settings of whoever submitted it said.

    Attributes:
        projects: folder of all projects.
        templates: path templates, by section and name; see ``pipeline.paths``.
        targets: deliveries to write for each version.
    """

    projects: str
    templates: dict[str, dict[str, str]]
    targets: tuple[str, ...] = ()


def _check_job_name(value: str, *, field: str) -> str:
    return check_name(value, field=field, max_length=MAX_JOB_NAME)


def _check_user(value: str, *, field: str) -> str:
    return check_text(value, field=field, max_length=MAX_USER)


class JobSpec(Document):
    """A job, checked and complete: what is compiled, stored and run. No secrets, no endpoints.

    What its results depend on is in here, so that any host makes the same of it, whatever its own settings are.

    Attributes:
        id: UUID of the job; also the client token that makes submission repeatable.
        key: hash of job type, version, params, inputs and colour config: same inputs, same job.
        params: the job type's params as JSON.
        colour_config: path or ``ocio://`` name of the OCIO config, or None when no step reads pixels.
        colour_config_hash: of its content; a host where it is another refuses the work.
        colour_files: what its grades read beside the config; a host where one is another refuses the work.
        display, view: what pictures are made for where the params leave it open; None: as the host's settings say.
        destination: where it is published; None (jobs of earlier versions): as the host's settings say.
        allow_holes: whether a publish may lack frames that the source does not have, or that were eaten on a farm.
        plugins, hooks: of the studio's own, that the publish runs.
        weights: checkpoints by name; a host where one holds something else refuses the work.
        files: checksums of the files that params name beside clips, such as masks, by their path.
        sources: ids of versions that it was made from, beside those that its inputs lie in.
        taken: frames that need not be made; no result depends on it.
    """

    job_version: int = JOB_VERSION
    id: str
    key: str
    type: str
    type_version: int
    name: Annotated[str, AfterValidator(lambda v: as_value_error(_check_job_name, v, field="job name"))]
    project: Annotated[str, AfterValidator(lambda v: as_value_error(check_name, v, field="project"))]
    user: Annotated[str, AfterValidator(lambda v: as_value_error(_check_user, v, field="user"))]
    comment: Annotated[str, AfterValidator(lambda v: as_value_error(check_text, v, field="comment"))] = ""
    priority: Priority = Priority.NORMAL
    params: dict[str, Any]
    steps: tuple[Step, ...]
    inputs: tuple[InputMark, ...] = ()
    colour_config: str | None = None
    colour_config_hash: str | None = None
    colour_files: tuple[ColourFile, ...] = ()
    display: str | None = None
    view: str | None = None
    destination: Destination | None = None
    allow_holes: bool = False
    plugins: tuple[PluginRef, ...] = ()
    hooks: tuple[HookRef, ...] = ()
    weights: dict[str, WeightsRef] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    sources: tuple[str, ...] = ()
    taken: tuple[Taken, ...] = ()

    def step(self, name: str) -> Step:
        """The step of this name.

        Raises:
            KeyError: there is none.
        """
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def is_published(self, step: Step) -> bool:
        """Whether a publish step waits for this one."""
        return any(step.name in other.after for other in self.steps if other.task == PUBLISH_TASK)

    def outputs_before(self, name: str) -> tuple[OutputSpec, ...]:
        """What the steps that the named one waits for promise to write."""
        return tuple(spec for before in self.step(name).after for spec in self.step(before).outputs)


class Plan(NamedTuple):
    """What a job would do, before anything is submitted."""

    spec: JobSpec
    tasks: int
    warnings: tuple[str, ...] = field(default=())

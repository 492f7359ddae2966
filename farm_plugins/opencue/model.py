"""What Cuebot can be asked to launch, as values that hold all its rules.

Whatever breaks a rule raises at once, before any call: a BadRequestError that names the field, the rule and the fix.
Names are kept as Cuebot will keep them.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from ...schema.base import Document
from ...schema.errors import BadRequestError, EngineError, GraphError, NameRuleError
from ...schema.frames import FrameSet
from . import rules
from .rules import MAX_INT

SECONDS_PER_MINUTE = 60


class UnknownError(EngineError):
    """Cuebot does not know what was asked for; never leaves this folder."""


class LayerType(StrEnum):
    """What a layer is. Cuebot starts Post layers when a job ends in any way, also killed: never publish in one."""

    RENDER = "Render"
    UTIL = "Util"
    POST = "Post"


class DependType(StrEnum):
    """What may wait for what. LAYER_ON_FRAME is missing: Cuebot looks its frame up in a wrong place."""

    JOB_ON_JOB = "JOB_ON_JOB"
    JOB_ON_LAYER = "JOB_ON_LAYER"
    JOB_ON_FRAME = "JOB_ON_FRAME"
    LAYER_ON_JOB = "LAYER_ON_JOB"
    LAYER_ON_LAYER = "LAYER_ON_LAYER"
    LAYER_ON_SIM_FRAME = "LAYER_ON_SIM_FRAME"
    FRAME_ON_JOB = "FRAME_ON_JOB"
    FRAME_ON_LAYER = "FRAME_ON_LAYER"
    FRAME_ON_FRAME = "FRAME_ON_FRAME"
    FRAME_BY_FRAME = "FRAME_BY_FRAME"
    PREVIOUS_FRAME = "PREVIOUS_FRAME"


# What each kind of depend has to name besides the two jobs.
_NAMED: dict[DependType, frozenset[str]] = {
    DependType.JOB_ON_JOB: frozenset(),
    DependType.JOB_ON_LAYER: frozenset({"onlayer"}),
    DependType.JOB_ON_FRAME: frozenset({"onframe"}),
    DependType.LAYER_ON_JOB: frozenset({"deplayer"}),
    DependType.LAYER_ON_LAYER: frozenset({"deplayer", "onlayer"}),
    DependType.LAYER_ON_SIM_FRAME: frozenset({"deplayer", "onframe"}),
    DependType.FRAME_ON_JOB: frozenset({"depframe"}),
    DependType.FRAME_ON_LAYER: frozenset({"depframe", "onlayer"}),
    DependType.FRAME_ON_FRAME: frozenset({"depframe", "onframe"}),
    DependType.FRAME_BY_FRAME: frozenset({"deplayer", "onlayer"}),
    DependType.PREVIOUS_FRAME: frozenset({"deplayer", "onlayer"}),
}


def minutes(seconds: int) -> int:
    """Cuebot's unit of time limits, rounded up: a limit is never shorter than what was asked for."""
    return math.ceil(seconds / SECONDS_PER_MINUTE)


class CueOutput(Document):
    """A file that CueGUI offers to open."""

    name: str
    path: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        rules.check_token(self.name, field="output name")
        rules.check_plain(self.path, field=f"output {self.name!r}", most=rules.MAX_OUTPUT)
        return self


class CueLayer(Document):
    """One kind of work in a job.

    Attributes:
        name: kept as Cuebot keeps it, lower case and with ``_`` for ``-``.
        cmd: shell text; Cuebot replaces tokens such as ``#FRAMESPEC#`` in it.
        frames: that it runs over.
        chunk: frames that one booking gets.
        cores: at least; tenths of a core are possible.
        threadable: whether a frame may be given more cores.
        memory_mib: MiB of memory.
        gpus, gpu_memory_mib: GPUs, and MiB of memory on all of them together; both or neither.
        timeout_s: seconds after which a frame is ended and not tried again; Cuebot counts begun minutes.
        timeout_llu_s: seconds without a word in the log after which it is ended.
        tags: of hosts that may run it; empty: those of its service.
        services: the first that Cuebot has decides what is left open here.
    """

    name: str
    type: LayerType = LayerType.RENDER
    cmd: str
    frames: FrameSet
    chunk: int = 1
    cores: float = 1.0
    threadable: bool = False
    memory_mib: int
    gpus: int = 0
    gpu_memory_mib: int = 0
    timeout_s: int | None = None
    timeout_llu_s: int | None = None
    tags: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    services: tuple[str, ...] = ("default",)
    outputs: tuple[CueOutput, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        kept = rules.check_conformed(self.name, field="layer name", most=rules.MAX_LAYER_NAME)
        place = f"layers.{kept}"
        rules.check_command(self.cmd, field=f"{place}.cmd")
        rules.check_frames(self.frames, field=f"{place}.range")
        rules.check_cores(self.cores, field=f"{place}.cores")
        self._check_numbers(place)
        self._check_gpus(place)
        _check_outputs(self.outputs, place)
        self._keep(
            name=kept,
            tags=rules.check_tags(self.tags, field=f"{place}.tags"),
            limits=rules.check_limits(self.limits, field=f"{place}.limits"),
            services=rules.check_services(self.services, field=f"{place}.services"),
            env=rules.check_environment(self.env, field=f"{place}.env"),
        )
        return self

    def _keep(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)  # frozen for everybody else

    def _check_numbers(self, place: str) -> None:
        rules.check_between(
            self.chunk, field=f"{place}.chunk", least=1, most=MAX_INT, why="a chunk holds", fix="give frames per task"
        )
        rules.check_between(
            self.memory_mib,
            field=f"{place}.memory",
            least=rules.MIN_MEMORY_MIB,
            most=MAX_INT,
            why="OpenCue raises less without saying so; MiB are",
            fix="ask for more",
        )
        for name, value in (("timeout", self.timeout_s), ("timeout_llu", self.timeout_llu_s)):
            if value is not None:
                rules.check_between(
                    value,
                    field=f"{place}.{name}",
                    least=1,
                    most=MAX_INT,
                    why="seconds are",
                    fix="leave it out for none",
                )

    def _check_gpus(self, place: str) -> None:
        if bool(self.gpus) != bool(self.gpu_memory_mib):
            raise BadRequestError(
                f"{place} asks for {self.gpus} GPUs and {self.gpu_memory_mib} MiB on them; OpenCue books GPUs only "
                "where both are given; give both or neither",
                field=f"{place}.gpus",
            )
        rules.check_between(
            self.gpus, field=f"{place}.gpus", least=0, most=MAX_INT, why="GPUs are whole,", fix="give 0 for none"
        )
        rules.check_between(
            self.gpu_memory_mib,
            field=f"{place}.gpu_memory",
            least=0,
            most=rules.MAX_GPU_MEMORY_MIB,
            why="OpenCue takes more for none at all, without saying so; MiB on all GPUs together are",
            fix="ask for less memory or fewer GPUs",
        )

    @property
    def bookings(self) -> int:
        """How many frames Cuebot makes of it: one a chunk."""
        return -(-len(self.frames) // self.chunk)


def _check_outputs(outputs: tuple[CueOutput, ...], place: str) -> None:
    names = [output.name for output in outputs]
    if len(set(names)) < len(names):
        raise NameRuleError(f"{place}.outputs: two of {', '.join(names)} are one name; rename one", field=place)


class CueJob(Document):
    """One job of a spec.

    Attributes:
        name: the last part of the job's name on the farm, see ``CueSpec.full_name``.
        retries: attempts after the first; a spec can ask for one, see ``retries_after_launch``.
        autoeat: whether frames that fail count as done: never for a job that publishes.
        os: name of the operating system that hosts must have; empty: any.
    """

    name: str
    paused: bool = True
    priority: int = 1
    retries: int = 1
    autoeat: bool = False
    os: str = ""
    env: dict[str, str] = Field(default_factory=dict)
    layers: tuple[CueLayer, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        object.__setattr__(self, "name", rules.check_job_name(self.name))
        object.__setattr__(self, "env", rules.check_environment(self.env, field="env"))
        if self.os:
            rules.check_plain(self.os, field="os", most=rules.MAX_OS)
        rules.check_between(
            self.priority, field="priority", least=0, most=MAX_INT, why="priorities are", fix="give a small number"
        )
        rules.check_between(
            self.retries, field="retries", least=0, most=MAX_INT, why="retries are", fix="give 0 for none"
        )
        if not 1 <= len(self.layers) <= rules.MAX_LAYERS:
            raise BadRequestError(
                f"job {self.name!r} has {len(self.layers)} layers; Cuebot takes 1 to {rules.MAX_LAYERS}; split the job",
                field="layers",
            )
        self._check_layer_names()
        return self

    def _check_layer_names(self) -> None:
        seen: set[str] = set()
        for layer in self.layers:
            if layer.name in seen:
                raise NameRuleError(
                    f"two layers of job {self.name!r} are {layer.name!r} to OpenCue, which keeps neither capitals nor "
                    "'-' nor doubled '_'; rename one",
                    field=f"layers.{layer.name}",
                )
            seen.add(layer.name)

    @property
    def spec_retries(self) -> int:
        """What the spec may ask for; Cuebot cuts more without saying so."""
        return min(self.retries, rules.MAX_SPEC_RETRIES)

    @property
    def retries_after_launch(self) -> int | None:
        """What to set by SetMaxRetries once the job is there, still paused; None: the spec says it all."""
        return self.retries if self.retries > rules.MAX_SPEC_RETRIES else None

    def layer(self, name: str) -> CueLayer | None:
        """The layer of this name, as Cuebot keeps it."""
        return next((layer for layer in self.layers if layer.name == rules.conformed(name)), None)


class CueDepend(Document):
    """One thing that waits for another; jobs are named by the last part of their name."""

    type: DependType
    depjob: str
    deplayer: str | None = None
    depframe: str | None = None
    onjob: str
    onlayer: str | None = None
    onframe: str | None = None
    anyframe: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("depjob", "onjob"):
            object.__setattr__(self, name, rules.check_job_name(getattr(self, name)))
        for name in ("deplayer", "onlayer"):
            if (layer := getattr(self, name)) is not None:
                kept = rules.check_conformed(layer, field=f"depends.{name}", most=rules.MAX_LAYER_NAME)
                object.__setattr__(self, name, kept)
        for name in ("depframe", "onframe"):
            if (frame := getattr(self, name)) is not None:
                rules.check_frame_name(frame, field=f"depends.{name}")
        self._check_names()
        return self

    def _check_names(self) -> None:
        optional = ("deplayer", "depframe", "onlayer", "onframe")
        given = {name for name in optional if getattr(self, name) is not None}
        if given != _NAMED[self.type]:
            raise BadRequestError(
                f"a {self.type} depend names {', '.join(sorted(_NAMED[self.type])) or 'jobs only'}, here: "
                f"{', '.join(sorted(given)) or 'jobs only'}; give those and no others",
                field="depends",
            )
        if self.anyframe and self.type is not DependType.LAYER_ON_LAYER:
            raise BadRequestError(
                f"anyframe is set on a {self.type} depend, where Cuebot forgets it; use LAYER_ON_LAYER", field="depends"
            )
        dependent = (self.depjob, self.deplayer, self.depframe)
        if dependent == (self.onjob, self.onlayer, self.onframe) and self.type is not DependType.PREVIOUS_FRAME:
            raise GraphError(f"{self.deplayer or self.depjob} waits for itself; remove the depend", field="depends")


class CueSpec(Document):
    """All that one launch sends: where, as whom, jobs, and what waits for what.

    Attributes:
        facility: where it runs; empty: Cuebot's default.
        email: whom Cuebot writes when the job ends; empty: nobody.
        uid: whom RQD runs frames as; never root.
    """

    facility: str = ""
    show: str
    shot: str
    user: str
    email: str = ""
    uid: int | None = None
    jobs: tuple[CueJob, ...]
    depends: tuple[CueDepend, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        rules.check_show(self.show)
        object.__setattr__(self, "shot", rules.check_conformed(self.shot, field="shot", most=rules.MAX_SHOT))
        rules.check_user(self.user)
        rules.check_uid(self.uid)
        if self.facility:
            facility = rules.check_plain(self.facility, field="facility", most=rules.MAX_FACILITY).lower()
            object.__setattr__(self, "facility", facility)
        if self.email:
            rules.check_plain(self.email, field="email", most=rules.MAX_EMAIL)
        self._check_jobs()
        for depend in self.depends:
            self._check_depend(depend)
        return self

    def _check_jobs(self) -> None:
        names = [self.full_name(job) for job in self.jobs]
        if not names:
            raise BadRequestError("the spec holds no job; add one", field="jobs")
        for name in names:
            if len(name) > rules.MAX_JOB_NAME:
                raise NameRuleError(
                    f"job name {name[:60]!r}... has {len(name)} characters with show, shot and user, Cuebot keeps "
                    f"{rules.MAX_JOB_NAME}; shorten it",
                    field="job name",
                )
            if names.count(name) > 1:
                raise NameRuleError(f"two jobs are {name!r} to OpenCue; rename one", field="job name")
        bookings = sum(layer.bookings for job in self.jobs for layer in job.layers)
        if bookings > rules.MAX_FRAMES:
            raise BadRequestError(
                f"the spec has {bookings} frames, counted as chunks; Cuebot takes {rules.MAX_FRAMES}; raise 'chunk', "
                "or split the job",
                field="layers",
            )

    def _check_depend(self, depend: CueDepend) -> None:
        jobs = {job.name: job for job in self.jobs}
        if depend.depjob not in jobs:
            raise GraphError(f"depend of job {depend.depjob!r}, which is not in the spec; remove it", field="depends")
        for job_name, layer_name in ((depend.depjob, depend.deplayer), (depend.onjob, depend.onlayer)):
            job = jobs.get(job_name)
            if job is None or layer_name is None:  # another job, already on the farm
                continue
            layer = job.layer(layer_name)
            if layer is None:
                known = ", ".join(layer.name for layer in job.layers[:20])
                raise GraphError(
                    f"a depend names layer {layer_name!r}, which job {job_name!r} lacks; it has: {known}",
                    field="depends",
                )
            if layer.type is LayerType.POST:
                raise GraphError(
                    f"a depend names Post layer {layer_name!r}, which Cuebot puts into a job of its own; make it a "
                    "Util layer",
                    field="depends",
                )

    def full_name(self, job: CueJob) -> str:
        """The name that a job has on the farm."""
        return f"{self.show}-{self.shot}-{self.user}".rstrip("_").lower() + f"_{job.name}"

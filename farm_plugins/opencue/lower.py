"""A job as what Cuebot launches: a step is a layer, its tasks are chunks of the layer's frames.

A step becomes more than one layer only where Cuebot would cut its chunks in other places: it cuts by count and knows no
gaps. The layers of a step are its name as Cuebot keeps it, then that name with ``.2``, ``.3``; ``step_of_layer`` leads
back.
"""

from __future__ import annotations

import re
import shlex
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from ...schema.errors import BadRequestError, NameRuleError, NotFoundError
from ...schema.frames import FrameSet
from ...schema.ids import job_handle
from ...schema.job import PUBLISH_TASK, JobSpec, Priority, Step
from ..openjd import task_argv
from .model import CueDepend, CueJob, CueLayer, CueSpec, DependType, LayerType
from .rules import MIN_MEMORY_MIB, MIN_NAME, conformed

FRAME_TOKEN = "#FRAMESPEC#"  # noqa: S105 - Cuebot puts the frames of a chunk here; right for gaps and steps too
JOB_VARIABLE = "SHOTMILL_JOB"
GPU_MEMORY_MIB = 1024  # where a step asks for a GPU and leaves its memory open: OpenCue books none without
MAX_JOB_WORD = 64
_TOKEN = re.compile(r"#[A-Z_]+#")
_SECRET = re.compile(r"pass(word|wd|phrase)?$|secret|token|api_?key|credential", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@")


@dataclass(frozen=True)
class CueSite:
    """What a job does not say, and Cuebot wants to know.

    Attributes:
        show: one that Cuebot has, and that is active.
        facility: empty: Cuebot's default.
        shot: that the jobs are listed under.
        user, uid: whom frames run as; empty: who submitted the job, None: as RQD finds it.
        service: decides on Cuebot what layers leave open; the publish layer has one of its own.
        tags: of hosts that may run the work; empty: those of the service.
        limits: that all work layers count against, such as licences.
        command: how hosts call Shotmill; RQD's own PATH is short.
        environment: what tasks see besides; no secrets.
        priorities: what our three words mean on this farm; OpenCue's own default is 1.
    """

    show: str
    facility: str = ""
    shot: str = "default"
    user: str = ""
    uid: int | None = None
    email: str = ""
    service: str = "default"
    publish_service: str = "shell"
    tags: tuple[str, ...] = ()
    publish_tags: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    os: str = ""
    command: tuple[str, ...] = ("shotmill",)
    environment: Mapping[str, str] = field(default_factory=dict)
    priorities: Mapping[Priority, int] = field(
        default_factory=lambda: {Priority.LOW: 1, Priority.NORMAL: 50, Priority.HIGH: 100}
    )


def lower_job(spec: JobSpec, bundle: Path, site: CueSite) -> CueSpec:
    """The job as a spec for Cuebot, to be launched paused.

    A job has one number of retries on OpenCue: the most that any of its steps asks for. No layer books less memory than
    OpenCue itself would book.

    Args:
        spec: the job.
        bundle: folder of template.json and job.json, under the path that the farm's hosts see.
        site: where it goes.

    Raises:
        BadRequestError: Cuebot would refuse it, or take it and do otherwise; names field, rule and fix.
    """
    name = job_suffix(spec)
    parts = _parts(spec)
    job = CueJob(
        name=name,
        priority=site.priorities[spec.priority],
        retries=max(step.retries for step in spec.steps),
        os=site.os,
        env=_environment(spec, site),
        layers=tuple(_layer(part, bundle, site) for part in parts),
    )
    return CueSpec(
        facility=site.facility,
        show=site.show,
        shot=site.shot,
        user=site.user or spec.user,
        email=site.email,
        uid=site.uid,
        jobs=(job,),
        depends=tuple(_depends(parts, name)),
    )


def job_suffix(spec: JobSpec) -> str:
    """The last part of the job's name on the farm: what it is, and the eight letters that people call it by.

    They are of the job's id, so that a submit whose reply was lost, when repeated, meets a job of that name.

    Raises:
        BadRequestError: the job's id is no UUID.
    """
    try:
        handle = job_handle(uuid.UUID(spec.id))
    except ValueError as error:
        raise BadRequestError(f"job id {spec.id[:80]!r} is no UUID; submit the job anew", field="id") from error
    return f"{conformed(spec.name)[:MAX_JOB_WORD].strip('_')}_{conformed(handle).removeprefix('j_')}"


def layer_names(spec: JobSpec) -> dict[str, str]:
    """The step of each layer, in the order of the layers.

    Raises:
        NameRuleError: two steps would be one layer.
    """
    return {part.layer: part.step.name for part in _parts(spec)}


def step_of_layer(spec: JobSpec, layer: str) -> str:
    """The name of the step that a layer belongs to.

    Raises:
        NotFoundError: the job has no such layer.
    """
    known = layer_names(spec)
    if layer not in known:
        raise NotFoundError(
            f"job {spec.name!r} has no layer {layer!r} on OpenCue; it has: {', '.join(known)}", field="layer"
        )
    return known[layer]


@dataclass(frozen=True)
class _Part:
    """A layer in the making: a step, or a part of one that Cuebot cuts as the step says."""

    layer: str
    step: Step
    frames: FrameSet
    chunk: int


def _parts(spec: JobSpec) -> list[_Part]:
    ordered = sorted(spec.steps, key=lambda step: step.task == PUBLISH_TASK)  # stable: only publishing goes to the end
    parts = [part for step in ordered for part in _parts_of(step)]
    taken: dict[str, str] = {}
    for part in parts:
        if part.layer in taken:
            raise NameRuleError(
                f"steps {taken[part.layer]!r} and {part.step.name!r} are both layer {part.layer!r} to OpenCue, which "
                "keeps neither capitals nor '-' nor doubled '_'; rename one",
                field="steps",
            )
        taken[part.layer] = part.step.name
    return parts


def _parts_of(step: Step) -> Iterator[_Part]:
    name = conformed(step.name)
    if len(name) < MIN_NAME:
        raise NameRuleError(
            f"step {step.name!r} is layer {name!r} to OpenCue, which wants {MIN_NAME} characters at least; rename it",
            field="steps",
        )
    if not step.contiguous or step.chunk == 1:  # cut by count alone, as Cuebot does
        yield _Part(name, step, step.frames, min(step.chunk, len(step.frames)))
        return
    for number, chunks in enumerate(_even(step.chunks()), 1):
        frames = FrameSet(tuple(frame for chunk in chunks for frame in chunk))
        yield _Part(name if number == 1 else f"{name}.{number}", step, frames, len(chunks[0]))


def _even(chunks: Sequence[FrameSet]) -> Iterator[list[FrameSet]]:
    """Runs of chunks of one size, each perhaps with a shorter one at its end: what a count can cut."""
    run: list[FrameSet] = []
    for chunk in chunks:
        if run and not len(run[0]) == len(run[-1]) >= len(chunk):
            yield run
            run = []
        run.append(chunk)
    yield run


def _layer(part: _Part, bundle: Path, site: CueSite) -> CueLayer:
    step, needs = part.step, part.step.needs
    publishes = step.task == PUBLISH_TASK
    memory_mib = needs.gpu_memory_mib or (GPU_MEMORY_MIB if needs.gpu else 0)
    return CueLayer(
        name=part.layer,
        type=LayerType.UTIL if publishes else LayerType.RENDER,
        cmd=_command(step, bundle, site),
        frames=part.frames,
        chunk=part.chunk,
        cores=float(needs.cpu),
        threadable=needs.cpu > 1,
        memory_mib=max(needs.memory_mib, MIN_MEMORY_MIB),
        gpus=needs.gpu,
        gpu_memory_mib=memory_mib * max(needs.gpu, 1),  # we count it for each GPU, OpenCue for all of a frame
        timeout_s=step.timeout_s,
        tags=site.publish_tags if publishes else site.tags,
        limits=() if publishes else site.limits,
        services=(site.publish_service if publishes else site.service,),
    )


def _command(step: Step, bundle: Path, site: CueSite) -> str:
    """The one argv as shell text, since a host's shell reads it: paths may hold anything but Cuebot's tokens."""
    if not bundle.is_absolute():
        raise BadRequestError(f"bundle {str(bundle)!r} is relative; farm hosts need its whole path", field="bundle")
    argv = task_argv(list(site.command), bundle=str(bundle), step=step.name, frames=FRAME_TOKEN)
    for word in argv[:-1]:
        if token := _TOKEN.search(word):
            raise BadRequestError(
                f"{word[:120]!r} holds {token[0]!r}, which Cuebot would put something else for; use another folder",
                field="bundle",
            )
    return " ".join([*(shlex.quote(word) for word in argv[:-1]), FRAME_TOKEN])


def _environment(spec: JobSpec, site: CueSite) -> dict[str, str]:
    for name, value in site.environment.items():
        if _SECRET.search(name) or _URL_PASSWORD.search(value):
            raise BadRequestError(
                f"environment variable {name!r} looks like a secret, and everybody can read a job on the farm; "
                "keep it on the hosts",
                field=f"environment.{name}",
            )
    return {**site.environment, JOB_VARIABLE: spec.id}


def _depends(parts: Sequence[_Part], job: str) -> Iterator[CueDepend]:
    layers = {name: [part.layer for part in group] for name, group in groupby(parts, key=lambda part: part.step.name)}
    for part in parts:
        for before in part.step.after:
            for layer in layers[before]:
                yield CueDepend(
                    type=DependType.LAYER_ON_LAYER, depjob=job, deplayer=part.layer, onjob=job, onlayer=layer
                )

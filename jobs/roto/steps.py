"""Roto: look at what was given, find the objects, follow them, make mattes and shapes, and publish one version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...pipeline.exports import find_export
from ...pipeline.roto.registry import find_backend
from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from ...schema.roto import Stage
from .params import RotoParams
from .walks import Walk, frames_of, fresh_prompts, walks_of

FRAMES_PER_MATTE_TASK = 10
SMALL = Needs(cpu=1, memory_mib=1024)
PREPARE = "prepare"
DETECT = "detect"
SEGMENT = "segment"
PROPAGATE = "propagate"
PROPAGATE_BACK = f"{PROPAGATE}-back"
MATTE = "matte"
SHAPES = "shapes"
EXPORT = "export"
QC = "qc"
QC_STEP = "quality"  # farms refuse names of two letters
OVERLAY = "overlay"
PREVIEW = "preview"
SIDECAR = "sidecar"
QC_S = 6 * 3600  # all frames are shown and encoded
PROPAGATE_S = 6 * 3600  # a thousand frames on a processor


def steps(params: RotoParams) -> list[Step]:
    """All steps; a walk that is cut into chunks is a chain of steps, each going on where the one before ended.

    Raises:
        ValueError: the plate, its frames, the objects or the exports do not fit together.
        ConfigError: a backend is not there, or does not do what it is asked for.
    """
    frames = frames_of(params)
    walks_of(params)
    prepare = Step(name=PREPARE, task="prepare", needs=SMALL)
    found = _finding(params)
    followed = _following(params, after=(PREPARE, SEGMENT))
    matte = Step(
        name=MATTE,
        task="matte",
        frames=frames,
        chunk=FRAMES_PER_MATTE_TASK,
        after=(PREPARE, *(step.name for step in followed)),
        outputs=(_output(params, "exr", "exr", kind="matte", frames=frames),),
        needs=_needs(Stage.MATTE, params.matte),
        model=_model(Stage.MATTE, params.matte),
    )
    before = [prepare, *found, *followed, matte, *_shaping(params)]
    told = tuple(step.name for step in before)
    every = [*before, _quality(params, told)]
    sidecar = Step(
        name=SIDECAR,
        task="sidecar",
        needs=SMALL,
        after=tuple(step.name for step in every),
        outputs=(_output(params, SIDECAR, f"{SIDECAR}.json"),),
    )
    every = [*every, sidecar]
    return [*every, publish_step(*(step.name for step in every if step.outputs))]


def _shaping(params: RotoParams) -> list[Step]:
    """Shapes, over the numbers of the objects, and their formats, over the numbers of these, all counted from 1."""
    names = exports_of(params)
    shapes = Step(
        name=SHAPES,
        task="shapes",
        frames=FrameSet.span(1, len(params.objects)),
        needs=Needs(cpu=1, memory_mib=2048),
        after=(PREPARE, MATTE),
        timeout_s=PROPAGATE_S,
    )
    export = Step(
        name=EXPORT,
        task="export",
        frames=FrameSet.span(1, len(names)),
        needs=SMALL,
        after=(PREPARE, SHAPES),
        outputs=tuple(_output(params, name, _extension(name)) for name in names),
    )
    return [shapes, export]


def exports_of(params: RotoParams) -> tuple[str, ...]:
    """The formats that are written: those that were asked for, and the document that all are made from.

    Raises:
        ParamsError: there is no such format; says which are near.
    """
    for name in params.exports:
        find_export(name)
    return tuple(dict.fromkeys((SHAPES, *params.exports)))


def export_of(params: RotoParams, number: int) -> str:
    """The format of a task of the export step."""
    return exports_of(params)[number - 1]


def _extension(name: str) -> str:
    """Files of one version are told apart by their extension, and several formats are JSON."""
    extension = find_export(name).extension
    return f"{name}.{extension}" if extension == "json" else extension


def _quality(params: RotoParams, after: Sequence[str]) -> Step:
    return Step(
        name=QC_STEP,
        task=QC,
        needs=Needs(cpu=1, memory_mib=2048),
        after=tuple(after),
        timeout_s=QC_S,
        outputs=(
            _output(params, QC, f"{QC}.json"),
            _output(params, OVERLAY, "jpg"),
            _output(params, PREVIEW, "mp4"),
        ),
    )


def _finding(params: RotoParams) -> list[Step]:
    """The steps that find objects on the frames with prompts."""
    prompts = fresh_prompts(params)
    named = [frame for frame, said in prompts.items() if any(prompt.text for _one, prompt in said)]
    if named and not params.detect:
        raise ValueError(
            f"the prompt on frame {named[0]} is a text, and no backend detects; name one with --detect, or give points"
        )
    before: tuple[str, ...] = (PREPARE,)
    found = []
    if named:
        step = Step(
            name=DETECT,
            task="detect",
            frames=FrameSet.of(named),
            after=before,
            needs=_needs(Stage.DETECT, params.detect),
            model=_model(Stage.DETECT, params.detect),
        )
        before = (PREPARE, DETECT)
        found.append(step)
    step = Step(
        name=SEGMENT,
        task="segment",
        frames=FrameSet.of(prompts),
        after=before,
        needs=_needs(Stage.SEGMENT, params.segment),
        model=_model(Stage.SEGMENT, params.segment),
    )
    return [*found, step]


def _following(params: RotoParams, *, after: Sequence[str]) -> list[Step]:
    """A step for each part of the walks, over the numbers of those that have it, counted from 1.

    Walks that go back from corrections begin when all others are done.
    """
    walks = dict(enumerate(walks_of(params), start=1))
    there = _parts(params, {number: walk for number, walk in walks.items() if not walk.goes_back}, after=after)
    told = (*after, *(step.name for step in there))
    return [*there, *_parts(params, {number: walk for number, walk in walks.items() if walk.goes_back}, after=told)]


def _parts(params: RotoParams, walks: Mapping[int, Walk], *, after: Sequence[str]) -> list[Step]:
    """A chain of steps for walks that all go back, or all do not."""
    parts = {number: walk.parts(params.chunk_frames) for number, walk in walks.items()}
    made: list[Step] = []
    for part in range(max(map(len, parts.values()), default=0)):
        step = Step(
            name=part_name(part, goes_back=any(walk.goes_back for walk in walks.values())),
            task="propagate",
            frames=FrameSet.of(number for number, mine in parts.items() if len(mine) > part),
            after=(*after, *(step.name for step in made[-1:])),
            timeout_s=PROPAGATE_S,
            needs=_needs(Stage.PROPAGATE, params.propagate),
            model=_model(Stage.PROPAGATE, params.propagate),
        )
        made.append(step)
    return made


def part_name(part: int, *, goes_back: bool = False) -> str:
    """The name of the step that does a part of the walks, counted from 0."""
    name = PROPAGATE_BACK if goes_back else PROPAGATE
    return f"{name}-{part + 1:03d}" if part else name


def part_of(step: str) -> int:
    """The part that a step does, counted from 0."""
    number = step.rpartition("-")[2]
    return int(number) - 1 if number.isdigit() else 0


def _needs(stage: Stage, name: str) -> Needs:
    """What a task of a backend needs."""
    return find_backend(name, stage).needs.get(stage, SMALL)


def _model(stage: Stage, name: str) -> str:
    """The model that a process keeps for the next task; empty where there is nothing to load."""
    backend = find_backend(name, stage)
    return backend.name if backend.weights else ""


def _output(
    params: RotoParams, representation: str, extension: str, *, kind: str = "matte", frames: FrameSet | None = None
) -> OutputSpec:
    clip = params.clips[0]
    return OutputSpec(
        product=clip.name,
        entity=clip_owner(clip),
        name=params.product,
        kind=kind,
        representation=representation,
        extension=extension,
        frames=frames,
    )

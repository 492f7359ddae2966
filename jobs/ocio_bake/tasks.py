"""The work of frame bakes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...pipeline.clips import naming
from ...pipeline.colour_tags import end_of
from ...pipeline.frame_bakes import FrameBake, bake_frames, refuse_unlike
from ...pipeline.images import check_original, other_channels
from ...pipeline.media import frame_path
from ...pipeline.taken import Earlier
from ...schema.frames import FrameSet
from ...schema.media import Clip
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .params import OcioBakeParams
from .steps import first_header, is_sequence

Way = tuple[int, Path, Path]  # a frame, what is read, what is written


def bake(task: TaskContext[OcioBakeParams]) -> Written:
    """Bake the frames of this chunk of the step's one clip.

    Frames known to be missing when the job was made become holes, which the publish refuses unless they were allowed.

    Raises:
        InputMissingError, InputCorruptError, BadRequestError: a frame cannot be baked; names clip and frame.
        ColourError: nothing says which colours it holds, or a name is not in the config.
    """
    product = task.step.outputs[0].product
    clip = next(clip for clip in task.params.clips if clip.name == product)
    there = task.frames.minus(clip.holes or ()) if is_sequence(clip) else task.frames.frames
    holes = task.frames.minus(there)
    notes = [f"{clip.name}: the source has no frames {FrameSet.of(holes)}"] if holes else []
    with naming(clip):
        outputs = [_baked(task, clip, there, notes)] if there else []
    return Written(
        outputs=outputs,
        done=FrameSet.of(there) if there else None,
        holes=FrameSet.of(holes) if holes else None,
        notes=notes,
    )


def _baked(task: TaskContext[OcioBakeParams], clip: Clip, frames: tuple[int, ...], notes: list[str]) -> OutputMade:
    params, colour = task.params, task.tools.colour
    promised = task.step.outputs[0]
    first = first_header(clip, task.tools)
    grade = params.grade_of(clip)
    grader, end = task.tools.grader(grade), end_of(colour, grade)
    ways = [
        (frame, source, task.staging / f"{source.stem}.{promised.extension}")
        for frame, source in ((frame, frame_path(clip.media, frame)) for frame in frames)
    ]
    how = FrameBake(grader, end, first, params.depth.sample, task.tools.limits)
    earlier = Earlier.of(task.job, task.step.name)
    taken = _taken(earlier, how, ways)
    bake_frames(how, [way for way in ways if way[0] not in taken], told=task.progress)
    if taken:
        notes.append(f"{clip.name}: frames {FrameSet.of(taken)} are those of {earlier.address}")
    return OutputMade(
        product=clip.name,
        representation=promised.representation,
        files=[FileMade(target.name, frame if is_sequence(clip) else None) for frame, _source, target in ways],
        colourspace=end.space,
        width=first.width,
        height=first.height,
        pixel_aspect=first.pixel_aspect,
        facts={
            "source": clip.media,
            "colourspace": grade.source,
            "made_for": end.shown,
            "config": colour.name,
            "grade": grade.model_dump(mode="json"),
            "lut_files": list(grader.files),
            "untouched": list(other_channels(first)) if promised.extension == "exr" else [],
            "rate": str(clip.rate) if clip.rate else None,
            "timecode": first.timecode,
        },
    )


def _taken(earlier: Earlier, bake: FrameBake, ways: Sequence[Way]) -> list[int]:
    """The frames that an earlier version has, put where they belong; their sources are looked at all the same."""
    frames = []
    for frame, source, target in ways:
        if earlier.take(frame, target):
            refuse_unlike(check_original(source, bake.limits), bake.first)
            frames.append(frame)
    return frames


TASKS: dict[str, TaskFunction] = {"bake": bake}

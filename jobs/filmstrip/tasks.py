"""The work of filmstrips."""

from __future__ import annotations

from ...pipeline.clips import look_of, naming
from ...pipeline.images import write_image
from ...pipeline.sheets import draw_strip
from ...schema.job import clip_owner
from ...schema.media import Clip
from ...schema.picks import evenly
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .params import FilmstripParams


def draw(task: TaskContext[FilmstripParams]) -> Written:
    """Draw the strip of each clip of this chunk; its frames are 1-based indices of clips.

    Raises:
        InputMissingError: a clip has no frame, or one went away since the job was made.
        InputCorruptError: a frame cannot be read whole; names clip and frame.
    """
    outputs = []
    for done, index in enumerate(task.frames):
        clip = task.params.clips[index - 1]
        task.progress(done / len(task.frames), clip.name)
        outputs.append(_draw_one(task, index, clip))
    return Written(outputs=outputs, done=task.frames)


def _draw_one(task: TaskContext[FilmstripParams], index: int, clip: Clip) -> OutputMade:
    params = task.params
    with naming(clip):
        frames = evenly(task.tools.frames(clip), params.count)
        stills = task.tools.stills(clip, frames, width=params.width, look=look_of(params))
    strip = draw_strip([still.pixels for still in stills], frames, gap=params.gap, labels=params.labels)
    name = f"{index:05d}_{clip_owner(clip).name}.{params.format}"
    write_image(task.staging / name, strip, quality=params.quality)
    shared = {key: value for key, value in stills[0].facts.items() if key != "frame"}
    return OutputMade(
        product=clip.name,
        representation=params.format.value,
        files=[FileMade(name)],
        colourspace=stills[0].facts["display"],
        width=strip.shape[1],
        height=strip.shape[0],
        pixel_aspect=1.0,
        facts={**shared, "frames": frames},
    )


TASKS: dict[str, TaskFunction] = {"draw": draw}

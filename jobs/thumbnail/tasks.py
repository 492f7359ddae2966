"""The work of thumbnails."""

from __future__ import annotations

from ...pipeline.clips import look_of, picked_still
from ...pipeline.images import write_image
from ...schema.job import clip_owner
from ...schema.media import Clip
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .params import ThumbnailParams


def render(task: TaskContext[ThumbnailParams]) -> Written:
    """Render the stills of this chunk's clips; its frames are 1-based indices of clips.

    Raises:
        InputMissingError: a frame that was asked for is not there; names clip and frame.
        InputCorruptError: it is there but cannot be read whole.
        ColourError: a colour space, display or view is not in the config.
    """
    outputs = []
    for done, index in enumerate(task.frames):
        clip = task.params.clips[index - 1]
        task.progress(done / len(task.frames), clip.name)
        outputs.append(_render_one(task, index, clip))
    return Written(outputs=outputs, done=task.frames)


def _render_one(task: TaskContext[ThumbnailParams], index: int, clip: Clip) -> OutputMade:
    params = task.params
    still = picked_still(clip, params.frame, width=params.width, look=look_of(params), tools=task.tools)
    name = f"{index:05d}_{clip_owner(clip).name}.{params.format}"
    write_image(task.staging / name, still.pixels, quality=params.quality)
    return OutputMade(
        product=clip.name,
        representation=params.format.value,
        files=[FileMade(name)],
        colourspace=still.facts["display"],
        width=still.pixels.shape[1],
        height=still.pixels.shape[0],
        pixel_aspect=1.0,
        facts=still.facts,
    )


TASKS: dict[str, TaskFunction] = {"render": render}

"""The work of thumbnails."""

from __future__ import annotations

from ...pipeline.images import write_image
from ...pipeline.tools import Look
from ...schema.picks import picked_frame
from ...schema.task import FileMade, OutputMade, TaskContext, Written
from .params import ThumbnailParams


def render(task: TaskContext[ThumbnailParams]) -> Written:
    """Render the stills of this chunk's clips; its frames are 1-based indices of clips."""
    params = task.params
    look = Look(display=params.display, view=params.view, colourspace=params.colourspace)
    outputs = []
    for done, index in enumerate(task.frames):
        clip = params.clips[index - 1]
        task.progress(done / len(task.frames), clip.name)
        frame = picked_frame(clip, params.frame, task.tools.frames(clip))
        still = task.tools.still(clip, frame, width=params.width, look=look)
        name = f"{index:05d}.{params.format}"
        write_image(task.staging / name, still.pixels, quality=params.quality)
        outputs.append(
            OutputMade(
                product=clip.name,
                representation=params.format,
                files=[FileMade(name)],
                colourspace=still.facts["display"],
                width=still.pixels.shape[1],
                height=still.pixels.shape[0],
                pixel_aspect=1.0,
                facts=still.facts,
            )
        )
    return Written(outputs=outputs, done=task.frames)


TASKS = {"render": render}

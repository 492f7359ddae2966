"""The work of filmstrips."""

from __future__ import annotations

import numpy as np

from ...pipeline.images import write_image
from ...pipeline.tools import Look
from ...schema.picks import evenly
from ...schema.task import FileMade, OutputMade, TaskContext, Written
from .params import FilmstripParams

GAP_VALUE = 18  # near black, in the display's encoding


def draw(task: TaskContext[FilmstripParams]) -> Written:
    """Draw the strip of each clip of this chunk; its frames are 1-based indices of clips."""
    params = task.params
    outputs = []
    for done, index in enumerate(task.frames):
        clip = params.clips[index - 1]
        task.progress(done / len(task.frames), clip.name)
        frames = evenly(task.tools.frames(clip), params.count)
        look = Look(colourspace=params.colourspace)
        stills = task.tools.stills(clip, frames, width=params.width, look=look)
        height = stills[0].pixels.shape[0]
        gap = np.full((height, params.gap, 3), GAP_VALUE, dtype=np.uint8)
        pieces = [piece for still in stills for piece in (gap, still.pixels)][1:]
        strip = np.concatenate(pieces, axis=1)
        name = f"{index:05d}.jpg"
        write_image(task.staging / name, strip, quality=params.quality)
        outputs.append(
            OutputMade(
                product=clip.name,
                representation="jpg",
                files=[FileMade(name)],
                colourspace=stills[0].facts["display"],
                width=strip.shape[1],
                height=height,
                pixel_aspect=1.0,
                facts={**stills[0].facts, "frame": None, "frames": frames},
            )
        )
    return Written(outputs=outputs, done=task.frames)


TASKS = {"draw": draw}

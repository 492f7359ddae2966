"""Thumbnails: render stills, publish them."""

from __future__ import annotations

from ...schema.frames import FrameSet
from ...schema.job import Needs, Step, publish_step
from ...schema.products import outputs_per_clip
from .params import ThumbnailParams

CLIPS_PER_TASK = 8  # a warm worker makes a still in tens of milliseconds


def steps(params: ThumbnailParams) -> list[Step]:
    """One step that renders, chunked over the clips, and one that publishes."""
    render = Step(
        name="render",
        task="render",
        frames=FrameSet.span(1, len(params.clips)),
        chunk=CLIPS_PER_TASK,
        needs=Needs(cpu=1, memory_mib=1024),
        outputs=outputs_per_clip(params.clips, name="thumbnail", kind="image", representation=params.format.value),
    )
    return [render, publish_step(render.name)]

"""Thumbnails: render stills, publish them."""

from __future__ import annotations

from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from .params import ThumbnailParams

CLIPS_PER_TASK = 8  # a warm worker makes a still in tens of milliseconds


def steps(params: ThumbnailParams) -> list[Step]:
    """One step that renders, chunked over the clips, and one that publishes."""
    outputs = tuple(
        OutputSpec(
            product=clip.name,
            entity=clip_owner(clip),
            name="thumbnail",
            kind="image",
            representation=params.format,
            extension=params.format,
        )
        for clip in params.clips
    )
    render = Step(
        name="render",
        task="render",
        frames=FrameSet.span(1, len(params.clips)),
        chunk=CLIPS_PER_TASK,
        needs=Needs(cpu=1, memory_mib=1024),
        outputs=outputs,
    )
    return [render, publish_step("render")]

"""Filmstrips: one task a clip, since a movie is walked once."""

from __future__ import annotations

from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from .params import FilmstripParams


def steps(params: FilmstripParams) -> list[Step]:
    """One step that draws the strips, and one that publishes them."""
    outputs = tuple(
        OutputSpec(product=clip.name, entity=clip_owner(clip), name="filmstrip", representation="jpg", extension="jpg")
        for clip in params.clips
    )
    draw = Step(
        name="draw",
        task="draw",
        frames=FrameSet.span(1, len(params.clips)),
        needs=Needs(cpu=1, memory_mib=1024),
        outputs=outputs,
    )
    return [draw, publish_step("draw")]

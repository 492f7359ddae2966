"""Filmstrips: one task a clip, since a movie is walked once."""

from __future__ import annotations

from ...schema.frames import FrameSet
from ...schema.job import Needs, Step, publish_step
from ...schema.products import outputs_per_clip
from .params import FilmstripParams


def steps(params: FilmstripParams) -> list[Step]:
    """One step that draws the strips, and one that publishes them."""
    draw = Step(
        name="draw",
        task="draw",
        frames=FrameSet.span(1, len(params.clips)),
        needs=Needs(cpu=1, memory_mib=1024),
        outputs=outputs_per_clip(params.clips, name="filmstrip", kind="image", representation=params.format.value),
    )
    return [draw, publish_step(draw.name)]

"""Probes: many clips a task, since a header is read in a millisecond."""

from __future__ import annotations

from ...schema.frames import FrameSet
from ...schema.job import Needs, Step, publish_step
from ...schema.products import outputs_per_clip
from .params import ProbeParams

CLIPS_PER_TASK = 50


def steps(params: ProbeParams) -> list[Step]:
    """One step that reads the headers and, if asked for, one that publishes what they say."""
    read = Step(
        name="read",
        task="read",
        frames=FrameSet.span(1, len(params.clips)),
        chunk=CLIPS_PER_TASK,
        needs=Needs(cpu=1, memory_mib=256),
        outputs=outputs_per_clip(params.clips, name="probe", kind="document", representation="json"),
    )
    return [read, publish_step(read.name)] if params.publish else [read]

"""Probes: many clips a task, since a header is read in a millisecond."""

from __future__ import annotations

from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from .params import ProbeParams

CLIPS_PER_TASK = 50


def steps(params: ProbeParams) -> list[Step]:
    """One step that reads the headers, and one that publishes what they say."""
    outputs = tuple(
        OutputSpec(
            product=clip.name,
            entity=clip_owner(clip),
            name="probe",
            kind="document",
            representation="json",
            extension="json",
        )
        for clip in params.clips
    )
    read = Step(
        name="read",
        task="read",
        frames=FrameSet.span(1, len(params.clips)),
        chunk=CLIPS_PER_TASK,
        needs=Needs(cpu=1, memory_mib=256),
        outputs=outputs,
    )
    return [read, publish_step("read")]

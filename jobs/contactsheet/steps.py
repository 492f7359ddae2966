"""Contact sheets: stills in parallel, then one sheet, then publish."""

from __future__ import annotations

from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from .params import ContactSheetParams

CLIPS_PER_TASK = 8


def steps(params: ContactSheetParams) -> list[Step]:
    """Stills, chunked over the clips; the sheet, which waits for all of them; the publish."""
    stills = Step(
        name="stills",
        task="stills",
        frames=FrameSet.span(1, len(params.clips)),
        chunk=CLIPS_PER_TASK,
        needs=Needs(cpu=1, memory_mib=1024),
    )
    sheet = Step(
        name="sheet",
        task="sheet",
        after=("stills",),
        needs=Needs(cpu=1, memory_mib=1024),
        outputs=(
            OutputSpec(
                product="contactsheet",
                entity=params.owner or clip_owner(params.clips[0]),
                name="contactsheet",
                representation="jpg",
                extension="jpg",
            ),
        ),
    )
    return [stills, sheet, publish_step("sheet")]

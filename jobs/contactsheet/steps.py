"""Contact sheets: stills in parallel, then one sheet, then publish."""

from __future__ import annotations

from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from ...schema.media import EntityKind, EntityRef
from .params import ContactSheetParams

CLIPS_PER_TASK = 8
PRODUCT = "contactsheet"


def steps(params: ContactSheetParams) -> list[Step]:
    """Stills, chunked over the clips; the sheet, which waits for all of them; the publish."""
    stills = Step(
        name="stills",
        task="stills",
        frames=FrameSet.span(1, len(params.clips)),
        chunk=CLIPS_PER_TASK,
        needs=Needs(cpu=1, memory_mib=1024),
    )
    output = OutputSpec(
        product=PRODUCT,
        entity=owner_of(params),
        name=PRODUCT,
        representation=params.format.value,
        extension=params.format.value,
    )
    sheet = Step(
        name="sheet",
        task="sheet",
        after=(stills.name,),
        needs=Needs(cpu=1, memory_mib=1024),
        outputs=(output,),
    )
    return [stills, sheet, publish_step(sheet.name)]


def owner_of(params: ContactSheetParams) -> EntityRef:
    """Whom the sheet belongs to: as given, else the sequence that all shots are of, else the first clip's owner."""
    if params.owner is not None:
        return params.owner
    owners = [clip_owner(clip) for clip in params.clips]
    first = owners[0]
    one_sequence = {(owner.project, owner.kind, owner.parent) for owner in owners} == {
        (first.project, EntityKind.SHOT, first.parent)
    }
    if one_sequence and len(set(owners)) > 1:
        return EntityRef(project=first.project, kind=EntityKind.SEQUENCE, name=first.parent)
    return first

"""Publishing files that exist: take them in, then publish."""

from __future__ import annotations

from pathlib import PurePosixPath

from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from ...schema.media import Clip
from .params import PublishParams


def extension_of(clip: Clip) -> str:
    """The suffix of a clip's files, lower case, without its dot."""
    return PurePosixPath(clip.media).suffix.lstrip(".").lower()


def steps(params: PublishParams) -> list[Step]:
    """One task a clip that takes its files in, and the publish."""
    outputs = tuple(
        OutputSpec(
            product=clip.name,
            entity=clip_owner(clip),
            name=params.product,
            kind=params.kind,
            representation=extension_of(clip),
            extension=extension_of(clip),
            frames=clip.frames if "#" in clip.media else None,
        )
        for clip in params.clips
    )
    collect = Step(
        name="collect",
        task="collect",
        frames=FrameSet.span(1, len(params.clips)),
        needs=Needs(cpu=1, memory_mib=1024),
        outputs=outputs,
        timeout_s=24 * 3600,
    )
    return [collect, publish_step("collect")]

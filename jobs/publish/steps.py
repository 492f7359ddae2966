"""Publishing files that exist: take them in, then publish."""

from __future__ import annotations

from pathlib import PurePosixPath

from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, clip_owner, publish_step
from ...schema.media import Clip
from .params import PublishParams

FRAMES_PER_TASK = 50  # a frame is read whole, and perhaps written again: some 0.2 s each
MEMORY_MIB = 2048  # an 8K frame of a few channels, decoded twice
TIMEOUT_S = 6 * 3600  # a movie of hundreds of GB is one file


def extension_of(clip: Clip) -> str:
    """The suffix of a clip's files, lower case, without its dot."""
    return PurePosixPath(clip.media).suffix.lstrip(".").lower()


def is_sequence(clip: Clip) -> bool:
    """Whether a clip is numbered files."""
    return "#" in PurePosixPath(clip.media).name


def steps(params: PublishParams) -> list[Step]:
    """A step for each clip that takes its files in, in chunks of frames, and the publish.

    Raises:
        ValueError: a clip belongs to nobody, or a sequence does not say its frames.
    """
    collect = [_collect(params, index) for index in range(len(params.clips))]
    return [*collect, publish_step(*(step.name for step in collect))]


def _collect(params: PublishParams, index: int) -> Step:
    clip = params.clips[index]
    if is_sequence(clip) and clip.frames is None:
        raise ValueError(f"clip {clip.name!r} does not say which frames it has; give its 'frames', such as 1001-1096")
    frames = clip.frames if is_sequence(clip) else None
    output = OutputSpec(
        product=clip.name,
        entity=clip_owner(clip),
        name=params.product,
        kind=params.kind,
        representation=extension_of(clip),
        extension=extension_of(clip),
        frames=frames,
    )
    return Step(
        name="collect" if len(params.clips) == 1 else f"collect-{index + 1:03d}",
        task="collect",
        frames=frames or FrameSet((1,)),
        chunk=FRAMES_PER_TASK,
        needs=Needs(cpu=1, memory_mib=MEMORY_MIB),
        outputs=(output,),
        timeout_s=TIMEOUT_S,
    )

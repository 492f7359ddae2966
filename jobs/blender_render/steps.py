"""Renders of scenes: look at the scene, render its frames in chunks, publish."""

from __future__ import annotations

from ...schema.job import Needs, OutputSpec, Step, publish_step
from .params import BlenderRenderParams

PREPARE, RENDER = "prepare", "render"
PREPARE_S = 3600
RENDER_S = 24 * 3600  # a chunk of heavy frames; what hangs for longer is lost
LEAST_MIB = 1024  # of Blender with an empty scene


def steps(params: BlenderRenderParams) -> list[Step]:
    """One step that refuses what cannot be rendered, one that renders, and one that publishes.

    Raises:
        ValueError: the frames are not known, or belong to nobody.
    """
    if params.owner is None:
        raise ValueError("the frames belong to nobody; name a shot or an asset with --shot or --asset")
    if params.frames is None:
        raise ValueError("nothing says which frames to render; name them with --frames, such as 1001-1096")
    output = OutputSpec(
        product=params.product,
        entity=params.owner,
        name=params.product,
        kind="image",
        representation=params.format.value,
        extension=params.format.value,
        frames=params.frames,
    )
    prepare = Step(
        name=PREPARE,
        task="prepare",
        needs=Needs(cpu=1, memory_mib=max(LEAST_MIB, params.memory_mib)),
        timeout_s=PREPARE_S,
        retries=1,
    )
    render = Step(
        name=RENDER,
        task="render",
        frames=params.frames,
        chunk=params.chunk_frames,
        needs=Needs(cpu=params.cpu, memory_mib=max(LEAST_MIB, params.memory_mib), gpu=int(params.gpu)),
        after=(PREPARE,),
        outputs=(output,),
        timeout_s=RENDER_S,
    )
    return [prepare, render, publish_step(RENDER)]

"""Frames with other colour: converted, graded or made for a display, exactly as OpenColorIO does."""

from __future__ import annotations

from ...schema.job import JobType
from .params import OcioBakeParams
from .steps import check, steps

JOB = JobType(
    name="ocio_bake",
    summary="Frames in another colour space, or as a display shows them, with CDL and looks",
    params=OcioBakeParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
    version=2,  # since whole numbers of many halves are made as those of a few are
    grades=lambda params: params.grades,
    check=check,
    frame_by_frame=("chunk_frames",),
)

__all__ = ["JOB"]

"""One still for each clip, or for each shot of a cut."""

from __future__ import annotations

from ...schema.job import JobType
from .params import ThumbnailParams
from .steps import steps

JOB = JobType(
    name="thumbnail",
    summary="One still for each clip, or for each shot of a cut",
    params=ThumbnailParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
)

__all__ = ["JOB"]

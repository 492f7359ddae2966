"""One still per clip: the right frame, in the right colour, in square pixels."""

from __future__ import annotations

from ...schema.job import JobType
from .params import ThumbnailParams
from .steps import steps

JOB = JobType(
    name="thumbnail",
    summary="One still per clip, or per shot of a cut",
    params=ThumbnailParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
)

__all__ = ["JOB"]

"""Technical check of plates, renders and movies: what is wrong with which frames, as a report and a sheet."""

from __future__ import annotations

from ...schema.job import JobType
from .params import QcParams
from .steps import steps

JOB = JobType(
    name="qc",
    summary="Check plates, renders and movies frame by frame, and publish what was found",
    params=QcParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
)

__all__ = ["JOB"]

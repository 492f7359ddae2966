"""What is in each clip, as validated JSON."""

from __future__ import annotations

from ...schema.job import JobType
from .params import ProbeParams
from .steps import steps

JOB = JobType(
    name="probe",
    summary="What is in each clip, as validated JSON",
    params=ProbeParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
)

__all__ = ["JOB"]

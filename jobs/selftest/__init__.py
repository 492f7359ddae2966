"""What a farm makes of a small job: each task tells what it was given and what it sees; no media is read."""

from __future__ import annotations

from ...schema.job import JobType
from .params import SelftestParams
from .steps import steps

JOB = JobType(
    name="selftest",
    summary="What a farm makes of a small job, told by its own tasks; reads no media",
    params=SelftestParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
    reads_pixels=False,
)

__all__ = ["JOB"]

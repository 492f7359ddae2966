"""Publish files that exist as a new version."""

from __future__ import annotations

from ...schema.job import JobType
from .params import PublishParams
from .steps import steps

JOB = JobType(
    name="publish",
    summary="Publish files that exist as a new version",
    params=PublishParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
)

__all__ = ["JOB"]

"""Evenly spaced frames of each clip in one strip."""

from __future__ import annotations

from ...schema.job import JobType
from .params import FilmstripParams
from .steps import steps

JOB = JobType(
    name="filmstrip",
    summary="Evenly spaced frames of each clip in one strip",
    params=FilmstripParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
)

__all__ = ["JOB"]

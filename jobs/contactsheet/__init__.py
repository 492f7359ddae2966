"""One sheet with a labelled still of every clip."""

from __future__ import annotations

from ...schema.job import JobType
from .params import ContactSheetParams
from .steps import steps

JOB = JobType(
    name="contactsheet",
    summary="One sheet with a labelled still of every clip",
    params=ContactSheetParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
    shows_offline=True,
)

__all__ = ["JOB"]

"""A grade as LUT files, each with its measured error, ready for other programs."""

from __future__ import annotations

from ...schema.job import JobType
from .params import LutBakeParams
from .steps import check, steps

JOB = JobType(
    name="lut_bake",
    summary="A colour conversion, a view or a look as LUT files, each with its measured error",
    params=LutBakeParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
    version=3,  # since it follows the colour of its shot
    grades=lambda params: [params.grade],
    check=check,
)

__all__ = ["JOB"]

"""Small, plain movies for editing, and the reel of a cut."""

from __future__ import annotations

from ...schema.job import JobType
from ...schema.movies import movie_grades
from .params import ProxyParams
from .steps import check, steps

JOB = JobType(
    name="proxy",
    summary="Small, plain movies for editing, and the reel of a cut",
    params=ProxyParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
    version=2,  # since 8 bits are shown by a table
    shows_offline=True,
    grades=movie_grades,
    check=check,
)

__all__ = ["JOB"]

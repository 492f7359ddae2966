"""Movies for review: shown as the display does, with a slate, burn-in, sound and timecode, and a cut's reel."""

from __future__ import annotations

from ...schema.job import JobType
from ...schema.movies import movie_grades
from .params import DailiesParams
from .steps import check, complete, steps

JOB = JobType(
    name="dailies",
    summary="Movies for review, with slate and burn-in, and the reel of a cut",
    params=DailiesParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
    version=2,  # since 8 bits are shown by a table
    shows_offline=True,
    grades=movie_grades,
    check=check,
    complete=complete,
)

__all__ = ["JOB"]

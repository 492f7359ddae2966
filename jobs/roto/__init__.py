"""From a few clicks to mattes and shapes: objects are found, followed, cut out, and published as one version."""

from __future__ import annotations

from ...schema.job import JobType
from .params import RotoParams
from .refine import refined
from .steps import QC, SIDECAR, steps
from .walks import weights_of

JOB = JobType(
    name="roto",
    summary="Mattes and shapes of the things that prompts point at",
    params=RotoParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
    weights=weights_of,
    refine=refined,
    timings={SIDECAR: ("timings",), QC: ("speed", "targets")},
    version=2,
    counts_movies=True,
)

__all__ = ["JOB"]

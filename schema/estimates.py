"""What ``shotmill plan --json`` says a job will take: part of its document in ``output``."""

from __future__ import annotations

from .base import Document


class RangeOut(Document):
    """What half of the past stayed below, and nine tenths of it."""

    p50: float
    p90: float


class StepEstimateOut(Document):
    """What one step would take: seconds of its tasks, added up.

    ``scaled_by`` is ``frames`` or ``size`` (of the inputs); empty: nothing is known of it.
    """

    name: str
    seconds: RangeOut
    scaled_by: str
    jobs: int
    tasks: int


class PastErrorsOut(Document):
    """How far estimates of past jobs were off, as a share of what they took; ``within``: jobs that kept their p90."""

    jobs: int
    error: RangeOut
    within: int


class EstimateOut(Document):
    """What a job would take, from jobs of its type here; ``cost`` is null while no rates are set.

    ``unknown`` are steps of which nothing is known: they are in no figure.
    """

    jobs: int
    tasks: int
    cpu_hours: RangeOut
    gpu_hours: RangeOut
    cost: RangeOut | None
    currency: str
    steps: tuple[StepEstimateOut, ...]
    unknown: tuple[str, ...]
    past: PastErrorsOut | None

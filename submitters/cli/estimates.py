"""What ``plan`` says a job will take and cost."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ...schema.errors import StorageError
from ...schema.names import counted
from .output import listed

if TYPE_CHECKING:
    from ...pipeline.settings import Settings
    from ...schema.estimates import EstimateOut, RangeOut
    from ...schema.job import JobSpec
    from .studio import Studio

CENTS = 2  # digits that prices have


def estimate_of(where: Studio, spec: JobSpec) -> EstimateOut | None:
    """What a job will take, from this studio's own past; None where no such job was done. Writes nothing."""
    from ...farm_plugins.estimate import Rates, estimate
    from ...schema.estimates import EstimateOut

    try:
        database = where.known_database
        if database is None:
            return None
        from ...pipeline.store.history import past_jobs

        past = past_jobs(database, spec.type)
    except StorageError as error:  # a plan is worth having without it
        click.echo(f"note: no estimate: {error.message}", err=True)
        return None
    settings = where.settings
    found = estimate(spec, past, Rates(settings.cost_per_cpu_hour, settings.cost_per_gpu_hour))
    if not found.jobs:
        return None
    made = EstimateOut.model_validate({**asdict(found), "currency": settings.currency})
    return made if _has_rates(settings) else made.model_copy(update={"cost": None})


def _has_rates(settings: Settings) -> bool:
    return settings.cost_per_cpu_hour > 0 or settings.cost_per_gpu_hour > 0


def show_estimate(settings: Settings, spec: JobSpec, found: EstimateOut | None) -> None:
    """Say it in a few lines."""
    if found is None:
        print(f"no estimate: no {spec.type} job has been done here yet")
        return
    amounts = [f"{_hours(found.cpu_hours)} CPU hours"]
    if found.gpu_hours.p90 > 0:
        amounts.append(f"{_hours(found.gpu_hours)} GPU hours")
    if found.cost is not None:
        amounts.append(f"cost {_span(found.cost, CENTS)} {settings.currency}".rstrip())
    print(f"takes {', '.join(amounts)} (p50 to p90 of {counted(found.jobs, 'job')}, {counted(found.tasks, 'task')})")
    if found.unknown:
        print(f"not in it: {listed(found.unknown)}, of which nothing is known")
    if found.past is None:
        print("how good such estimates are is not known yet: no job was done here before another began")
    else:
        past = found.past
        print(
            f"past estimates were off by {past.error.p50:.0%} (p50) and {past.error.p90:.0%} (p90); "
            f"{past.within} of {counted(past.jobs, 'job')} took no more than their p90"
        )


def _hours(found: RangeOut) -> str:
    return _span(found, 0)


def _span(found: RangeOut, least_digits: int) -> str:
    low, high = (_figure(value, least_digits) for value in (found.p50, found.p90))
    return low if low == high else f"{low} to {high}"


def _figure(value: float, least_digits: int) -> str:
    """Two figures that count, and as many digits behind the point as that takes."""
    digits = 1 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{value:.{max(least_digits, digits)}f}"

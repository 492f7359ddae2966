"""What a job will take and cost, from what jobs of its type took here; and how far such estimates were off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..schema.job import JobSpec

if TYPE_CHECKING:
    from ..pipeline.store.history import PastJob

MIDDLE, HIGH = 0.5, 0.9
LEAST_FOR_SIZE = 5  # jobs before the size of the inputs is believed to matter
HOUR_S = 3600.0


@dataclass(frozen=True)
class Rates:
    """What an hour of a core and of a GPU costs."""

    cpu_hour: float = 0.0
    gpu_hour: float = 0.0


@dataclass(frozen=True)
class Range:
    """A p50 and a p90."""

    p50: float = 0.0
    p90: float = 0.0

    def __add__(self, other: Range) -> Range:
        return Range(self.p50 + other.p50, self.p90 + other.p90)

    def __mul__(self, factor: float) -> Range:
        return Range(self.p50 * factor, self.p90 * factor)


@dataclass(frozen=True)
class StepEstimate:
    """One step: seconds that its tasks run, added up.

    Attributes:
        scaled_by: ``frames`` or ``size`` (bytes of the inputs), whichever fits the past better; empty: no history.
        jobs, tasks: how many it rests on.
    """

    name: str
    seconds: Range
    scaled_by: str = ""
    jobs: int = 0
    tasks: int = 0


@dataclass(frozen=True)
class PastErrors:
    """How far estimates were off: each job of the past, estimated from those that were done before it began.

    Attributes:
        jobs: how many could be estimated.
        error: share of what it took by which the p50 was off, in the middle and for nine of ten.
        within: how many took no more than their p90.
    """

    jobs: int
    error: Range
    within: int


@dataclass(frozen=True)
class Estimate:
    """A job: cores and GPUs are those that its steps hold while they run.

    ``unknown`` are steps that nothing is known of; they are in none of the figures.
    """

    steps: tuple[StepEstimate, ...]
    cpu_hours: Range
    gpu_hours: Range
    cost: Range
    jobs: int
    tasks: int
    unknown: tuple[str, ...]
    past: PastErrors | None


def estimate(spec: JobSpec, past: Sequence[PastJob], rates: Rates) -> Estimate:
    """Estimate a job from the past of its type."""
    wanted = {step.name: len(step.frames) for step in spec.steps}
    steps = _forecast(wanted, sum(mark.size for mark in spec.inputs), past)
    cpu_hours, gpu_hours = Range(), Range()
    for step, found in zip(spec.steps, steps, strict=True):
        cpu_hours += found.seconds * (step.needs.cpu / HOUR_S)
        gpu_hours += found.seconds * (step.needs.gpu / HOUR_S)
    return Estimate(
        steps=steps,
        cpu_hours=cpu_hours,
        gpu_hours=gpu_hours,
        cost=cpu_hours * rates.cpu_hour + gpu_hours * rates.gpu_hour,
        jobs=max((step.jobs for step in steps), default=0),
        tasks=sum(step.tasks for step in steps),
        unknown=tuple(step.name for step in steps if not step.jobs),
        past=past_errors(past),
    )


def _forecast(wanted: Mapping[str, int], size: int, past: Sequence[PastJob]) -> tuple[StepEstimate, ...]:
    return tuple(_step(name, frames, size, past) for name, frames in wanted.items())


def _step(name: str, frames: int, size: int, past: Sequence[PastJob]) -> StepEstimate:
    done = [(job.size, job.steps[name]) for job in past if name in job.steps and job.steps[name].frames]
    if not done:
        return StepEstimate(name, Range())
    tasks = sum(step.tasks for _size, step in done)
    of_frame = _range([step.seconds / step.frames for _size, step in done])
    sizes = [one for one, _step in done]
    if size and all(sizes) and len(done) >= LEAST_FOR_SIZE and len(set(sizes)) > 1:
        of_byte = _range([step.seconds / one for one, step in done])
        if _spread(of_byte) < _spread(of_frame):
            return StepEstimate(name, of_byte * size, "size", len(done), tasks)
    return StepEstimate(name, of_frame * frames, "frames", len(done), tasks)


def past_errors(past: Sequence[PastJob]) -> PastErrors | None:
    """Estimate each job of the past from those before it, and compare; None when none has one before it."""
    errors, within = [], 0
    for job in past:
        before = [one for one in past if one.finished <= job.created]
        wanted = {name: step.frames for name, step in job.steps.items()}
        known = [one for one in _forecast(wanted, job.size, before) if one.jobs]
        took = sum(job.steps[one.name].seconds for one in known)
        if took <= 0:
            continue
        guess = sum((one.seconds for one in known), Range())
        errors.append(abs(guess.p50 - took) / took)
        within += took <= guess.p90
    return PastErrors(len(errors), _range(errors), within) if errors else None


def _range(values: Sequence[float]) -> Range:
    return Range(quantile(values, MIDDLE), quantile(values, HIGH))


def _spread(found: Range) -> float:
    return found.p90 / found.p50 if found.p50 > 0 else float("inf")


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of the values does not exceed, between two of them where it falls there."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

"""Estimates from the past, worked out by hand."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from specs import spec, step

from shotmill.farm_plugins.estimate import Range, Rates, estimate, past_errors, quantile
from shotmill.pipeline.store.history import PastJob, PastStep
from shotmill.schema.job import InputMark, JobSpec, Needs


def past(*seconds_a_frame: float, frames: int = 10, sizes: tuple[int, ...] = ()) -> list[PastJob]:
    """Jobs done one a day, oldest first."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        PastJob(
            uuid.UUID(int=day),
            began + timedelta(days=day),
            began + timedelta(days=day, hours=1),
            sizes[day] if sizes else 0,
            {"render": PastStep(frames, seconds * frames, tasks=2)},
        )
        for day, seconds in enumerate(seconds_a_frame)
    ]


def job(*, frames: str = "1-100", size: int = 0, **needs: int) -> JobSpec:
    mark = InputMark(path="/a", files=1, size=size, fingerprint="0" * 32, method="stat")
    return spec(step("render", frames, needs=Needs(**needs)), inputs=(mark,) if size else ())


def test_frames_scale_what_half_and_nine_tenths_of_the_jobs_took() -> None:
    # 100 frames at 1, 2 ... 11 s: p50 is 6 s, p90 is 10 s a frame; two cores, one GPU
    found = estimate(job(cpu=2, gpu=1), past(*range(1, 12)), Rates(cpu_hour=0.36, gpu_hour=3.6))
    assert found.steps[0].seconds == Range(600, 1000)
    assert found.cpu_hours.p50 == pytest.approx(1200 / 3600)
    assert found.gpu_hours.p90 == pytest.approx(1000 / 3600)
    assert found.cost.p50 == pytest.approx(0.12 + 0.6)
    assert (found.jobs, found.tasks, found.steps[0].scaled_by) == (11, 22, "frames")


def test_the_size_of_the_inputs_scales_where_it_fits_better() -> None:
    # a second for each 100 bytes, whatever the number of frames
    found = estimate(job(size=5000), past(1, 2, 3, 4, 5, sizes=(1000, 2000, 3000, 4000, 5000)), Rates())
    assert found.steps[0].scaled_by == "size"
    assert found.steps[0].seconds.p50 == pytest.approx(50)


@pytest.mark.parametrize(
    ("sizes", "size"),
    [
        pytest.param((9000, 10, 500, 7, 800), 5000, id="sizes that mean nothing"),
        pytest.param((0, 2000, 3000, 4000, 5000), 5000, id="a job of unknown size"),
        pytest.param((1000, 2000, 3000, 4000, 5000), 0, id="a plan of unknown size"),
    ],
)
def test_else_frames_scale(sizes: tuple[int, ...], size: int) -> None:
    assert estimate(job(size=size), past(1, 2, 3, 4, 5, sizes=sizes), Rates()).steps[0].scaled_by == "frames"


def test_few_jobs_do_not_prove_that_size_matters() -> None:
    found = estimate(job(size=5000), past(1, 2, 3, 4, sizes=(1000, 2000, 3000, 4000)), Rates())
    assert found.steps[0].scaled_by == "frames"


def test_a_step_without_a_past_is_named_and_not_guessed() -> None:
    both = spec(step("render", "1-10"), step("denoise", "1-10"))
    found = estimate(both, past(1.0), Rates())
    assert found.unknown == ("denoise",)
    assert found.cpu_hours.p50 == pytest.approx(10 / 3600)


def test_without_a_past_nothing_is_known() -> None:
    found = estimate(job(), [], Rates(1, 1))
    assert (found.jobs, found.unknown, found.past) == (0, ("render",), None)


def test_each_past_job_is_estimated_from_those_before_it() -> None:
    # 2 s a frame is said for a job that took 4 (half off), then p50 3 for one that took 3; nothing for the first
    found = past_errors(past(2, 4, 3))
    assert found is not None
    assert (found.jobs, found.within, found.error.p50) == (2, 1, 0.25)
    assert found.error.p90 == pytest.approx(0.45)


def test_a_job_that_ran_at_the_same_time_is_no_past() -> None:
    twins = past(2, 4)
    together = [twins[0], PastJob(uuid.UUID(int=9), twins[0].created, twins[0].finished, 0, twins[1].steps)]
    assert past_errors(together) is None


@pytest.mark.parametrize(("share", "value"), [(0.0, 10), (0.5, 25), (1.0, 40), (0.9, 37)])
def test_a_quantile_lies_between_values(share: float, value: float) -> None:
    assert quantile([40, 10, 30, 20], share) == pytest.approx(value)

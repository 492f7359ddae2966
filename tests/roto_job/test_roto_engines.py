"""What engines are told of a roto: how soon it is wanted, and what each of its stages needs."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from specs import clip, spec

from shotmill.farm_plugins.deadline_cloud.bundle import create_request
from shotmill.farm_plugins.opencue.lower import CueSite, lower_job
from shotmill.jobs.roto.params import RotoParams
from shotmill.jobs.roto.steps import steps
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import put_job, set_engine_job
from shotmill.pipeline.store.queue import ready_steps
from shotmill.schema.job import JobSpec, Priority

BUNDLE = Path("/shows/jobs/J-22222222/bundle")


def roto(priority: Priority = Priority.NORMAL, **backends: str) -> JobSpec:
    params = RotoParams.model_validate(
        {"clips": [clip(1)], "objects": ["hero @1001 +5,5"], "exports": "nuke,lottie", **backends}
    )
    number = list(Priority).index(priority)
    return spec(
        *steps(params),
        id=str(UUID(int=number + 1)),
        key=f"{number:064x}",
        type="roto",
        priority=priority,
        params=params.model_dump(mode="json"),
    )


@pytest.mark.parametrize(("word", "cue", "cloud"), [("low", 1, 25), ("normal", 50, 50), ("high", 100, 75)])
def test_a_farm_gets_the_priority_as_its_own_number(word: str, cue: int, cloud: int) -> None:
    job = roto(Priority(word))
    site = CueSite(show="testing", uid=1000)
    assert lower_job(job, BUNDLE, site).jobs[0].priority == cue
    assert create_request(job, BUNDLE)["priority"] == cloud


def test_the_local_engine_takes_up_the_rotos_of_a_higher_priority_first(sqlite_database: Database) -> None:
    asked = [Priority.LOW, Priority.NORMAL, Priority.HIGH]
    for priority in asked:
        job, _ = put_job(sqlite_database, roto(priority), engine="local", folder=f"/{priority}")
        set_engine_job(sqlite_database, job.id, "taken")
    taken = [step.folder for step in ready_steps(sqlite_database) if step.name == "prepare"]
    assert taken == [f"/{priority}" for priority in reversed(asked)]


def test_stages_of_neural_backends_book_what_their_models_fill() -> None:
    """The card's table, in GiB: segmentation 8 to 16, propagation 8 to 12, matting 6 to 10; the rest is for a CPU."""
    made = roto(segment="sam2", propagate="sam2", matte="vitmatte")
    booked = {step.name: step.needs.gpu_memory_mib / 1024 for step in made.steps if step.needs.gpu}
    assert booked == {"segment": 8.0, "propagate": 8.0, "matte": 6.0}


def test_a_model_that_only_follows_books_a_gpu_for_that_alone() -> None:
    made = roto(propagate="cutie")
    assert {step.name: step.needs.gpu_memory_mib for step in made.steps if step.needs.gpu} == {"propagate": 8192}


def test_a_roto_without_models_books_no_gpu_on_any_farm() -> None:
    made = roto(matte="pymatting")
    assert {step.needs.gpu for step in made.steps} == {0}
    layers = lower_job(made, BUNDLE, CueSite(show="testing", uid=1000)).jobs[0].layers
    assert {layer.gpus for layer in layers} == {0}

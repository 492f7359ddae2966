"""A job whose plate or OCIO config changed: a retry submits it again, as it was and with what is there now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import write_frames
from studio_colour import write_config

from shotmill.farm_plugins.again import submit_anew, why_anew
from shotmill.farm_plugins.memory import MemoryEngine
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import JobRow, job_spec
from shotmill.schema.job import Priority
from shotmill.schema.states import State


class Shop:
    """Somebody with settings of their own who submits; somebody else looks after the jobs."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.settings, self.database, self.folder = settings, database, folder
        self.engine = MemoryEngine(settings)
        self.plate = write_frames(folder / "plate", 1)
        self.config = write_config(folder / "show.ocio", red=64)

    def submit(self, **more: Any) -> Submitted:
        return self.submit_to(self.folder / "shows", **more)

    def submit_to(self, projects: Path, **more: Any) -> Submitted:
        mine = {"ocio": str(self.config), "user": "ada", "view": "Seen", "projects_root": str(projects)}
        settings = self.settings.model_copy(update=mine)
        request = SubmitRequest("thumbnail", plates=[str(self.plate)], project="demo", **more)
        return submit(request, settings=settings, database=self.database, engine=self.engine)

    def run(self, made: Submitted) -> JobRow:
        """The job as the local engine would have stored it."""
        status = self.engine.run(made.job.id)
        return made.job._replace(state=status.state, failure=status.failure)

    def anew(self, job: JobRow) -> Submitted:
        return submit_anew(self.database, job, settings=self.settings, engine=self.engine)


@pytest.fixture
def shop(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Shop:
    return Shop(settings, sqlite_database, tmp_path)


def test_a_job_whose_config_changed_is_submitted_with_the_config_of_now(shop: Shop) -> None:
    made = shop.submit()
    write_config(shop.config, red=192)
    job = shop.run(made)
    assert why_anew(shop.database, job) == f"OCIO config {shop.config} changed after it was submitted"
    again = shop.anew(job)
    assert (again.is_new, shop.run(again).state) == (True, State.SUCCEEDED)
    assert (shop.folder / "shows/demo/assets/plate/plate/publish/thumbnail/v001").is_dir()


def test_it_is_submitted_for_whom_and_as_it_was_before(shop: Shop) -> None:
    made = shop.submit(comment="for the client", priority=Priority.HIGH, allow_holes=True, params={"width": 99})
    job = shop.run(made)
    write_frames(shop.plate.parent, 2).with_name("plate.0002.png").replace(shop.plate.with_name("plate.0001.png"))
    again = shop.anew(job)
    before, after = job_spec(shop.database, made.job.id), job_spec(shop.database, again.job.id)
    anew = {"id", "key", "inputs"}
    assert after.model_dump(exclude=anew) == before.model_dump(exclude=anew)
    assert all(getattr(after, name) != getattr(before, name) for name in anew)


def test_a_job_whose_inputs_are_the_same_can_go_on(shop: Shop) -> None:
    assert why_anew(shop.database, shop.run(shop.submit())) == ""


def test_a_job_that_has_not_ended_is_left_alone(shop: Shop) -> None:
    made = shop.submit()
    write_frames(shop.plate.parent, 1, 2)
    assert why_anew(shop.database, made.job) == ""


def test_a_config_that_is_not_there_is_no_reason_to_submit_again(shop: Shop) -> None:
    made = shop.submit()
    shop.config.unlink()
    job = shop.run(made)
    assert "E207" in (job.failure or "")
    assert why_anew(shop.database, job) == ""


def test_who_finds_a_job_that_publishes_elsewhere_is_told(shop: Shop, tmp_path: Path) -> None:
    first = shop.submit()
    assert (first.warnings, shop.submit().warnings) == ((), ())
    second = shop.submit_to(tmp_path / "other")
    assert (second.is_new, second.job.id) == (False, first.job.id)
    assert f"publishes to {tmp_path / 'shows'}, not to {tmp_path / 'other'}; --force" in second.warnings[0]

"""Frames that a farm was told to leave out: when they are holes, when they are not, and when they cease to be."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from done_jobs import visible
from engine_studio import Studio
from sim_farm import SimFarm

from shotmill.farm_plugins.farm_engine import FarmEngine
from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.holes import read_holes
from shotmill.pipeline.store.catalog import versions_of_job
from shotmill.schema.ids import job_handle
from shotmill.schema.states import State


class Farmed:
    """One job of two frames on a farm, and whoever looks at it."""

    def __init__(self, studio: Studio, *, blocks: bool = True, allow_holes: bool = True, **params: object) -> None:
        self.studio = studio
        self.farm = SimFarm(studio.settings, blocks=blocks)
        self.engine = FarmEngine(self.farm, studio.settings, studio.database)
        given = {"frames": "1-2", "publish": True, **params}
        request = SubmitRequest("trial", params=given, project="demo", allow_holes=allow_holes)
        made = submit(request, settings=studio.settings, database=studio.database, engine=self.engine)
        self.id: uuid.UUID = made.job.id
        self.folder = JobFolder(studio.settings.jobs_folder / job_handle(self.id))
        self.work = self.farm.jobs[f"sim-{self.id}"].steps["work"]
        self.publish = self.farm.jobs[f"sim-{self.id}"].steps["publish"][0]

    def eat(self, frame: int) -> None:
        self.work[frame - 1].change(state=State.SUCCEEDED, holes=True, message="eaten")

    def turns(self) -> None:
        while self.farm.turn(f"sim-{self.id}"):
            pass

    def look(self) -> State:
        self.engine.reconcile(self.id, at_once=True)
        return self.engine.status(self.id).state

    def marks(self) -> list[str]:
        return [str(mark.frames) for mark in read_holes(self.folder, "work", job=str(self.id))]

    def holes(self) -> list[str | None]:
        return [version.holes for version in versions_of_job(self.studio.database, self.id)]


@pytest.mark.parametrize("blocks", [True, False], ids=["publish blocked", "publish failed"])
def test_a_publish_that_had_refused_is_tried_again_once_the_farms_word_is_known(
    embedded: Studio, *, blocks: bool
) -> None:
    job = Farmed(embedded, blocks=blocks)
    job.eat(2)
    job.turns()
    assert visible(embedded.settings.projects_folder) == []
    assert job.look() is not State.BLOCKED
    job.turns()
    assert (job.look(), job.holes()) == (State.SUCCEEDED, ["2"])


def test_the_mark_says_who_heard_what_of_which_farm(embedded: Studio) -> None:
    job = Farmed(embedded)
    job.eat(1)
    job.look()
    [mark] = read_holes(job.folder, "work", job=str(job.id))
    assert (mark.farm, mark.task, mark.said, mark.user) == ("sim", "work-0", "eaten", embedded.settings.login)


def test_without_leave_an_eaten_frame_is_no_hole(embedded: Studio) -> None:
    job = Farmed(embedded, allow_holes=False)
    job.eat(2)
    job.turns()
    assert (job.look(), job.marks(), job.holes()) == (State.BLOCKED, [], [])
    assert "was eaten" in (job.engine.tasks(job.id)[1].failure or "")


def test_a_frame_that_the_farm_merely_calls_done_is_no_hole(embedded: Studio) -> None:
    job = Farmed(embedded)
    job.work[1].change(state=State.SUCCEEDED)
    job.turns()
    assert (job.look(), job.marks(), job.holes()) == (State.BLOCKED, [], [])


def test_a_publish_that_was_refused_for_another_frame_too_is_not_tried_again(embedded: Studio) -> None:
    job = Farmed(embedded, frames="1-3")
    job.eat(2)
    job.work[2].change(state=State.SUCCEEDED)
    job.turns()
    assert (job.look(), job.marks(), job.publish.facts.state) == (State.BLOCKED, ["2"], State.BLOCKED)


def test_a_hole_that_is_tried_again_on_the_farm_is_none_any_more(embedded: Studio) -> None:
    job = Farmed(embedded)
    job.publish.change(state=State.RUNNING)  # it shall not be over before
    job.eat(2)
    job.look()
    assert [task.state for task in job.engine.tasks(job.id)][:1] == [State.QUEUED]
    assert job.engine.tasks(job.id)[1].state is State.SUCCEEDED
    job.work[1].change(state=State.QUEUED, holes=False)
    job.look()
    assert (job.marks(), job.engine.tasks(job.id)[1].state) == ([], State.QUEUED)
    job.publish.change(state=State.QUEUED)
    job.turns()
    assert (job.look(), job.holes()) == (State.SUCCEEDED, [None])


def test_an_attempt_takes_the_mark_away_before_anybody_looks(embedded: Studio) -> None:
    job = Farmed(embedded, action="fail", on=2, retries=0)
    job.eat(2)
    job.look()
    assert job.marks() == ["2"]
    job.work[1].change(state=State.QUEUED, holes=False)
    job.turns()
    assert (job.marks(), visible(embedded.settings.projects_folder)) == ([], [])


def test_a_retry_leaves_holes_alone_as_people_wanted_them(embedded: Studio) -> None:
    job = Farmed(
        embedded, frames="1-3", action="fail-once", on=3, retries=0, trace=str(embedded.settings.home / "trace")
    )
    job.eat(2)
    job.turns()
    assert (job.look(), job.marks()) == (State.BLOCKED, ["2"])
    assert job.engine.retry(job.id) == 1
    job.turns()
    assert (job.look(), job.holes()) == (State.SUCCEEDED, ["2"])


def test_a_hole_that_is_named_for_a_retry_is_none_any_more(embedded: Studio) -> None:
    job = Farmed(embedded)
    job.eat(2)
    job.look()
    assert job.engine.retry(job.id, tasks=[job.engine.tasks(job.id)[1].task_id]) == 1
    assert job.marks() == []
    job.turns()
    assert (job.look(), job.holes()) == (State.SUCCEEDED, [None])


def test_a_published_hole_stays_one_whatever_is_done_on_the_farm_later(embedded: Studio) -> None:
    job = Farmed(embedded)
    job.eat(2)
    job.look()
    job.turns()
    assert job.look() is State.SUCCEEDED
    job.work[1].change(state=State.QUEUED, holes=False)
    assert (job.look(), job.marks(), job.holes()) == (State.SUCCEEDED, ["2"], ["2"])


def test_a_publish_is_let_go_a_few_times_and_then_left_to_people(embedded: Studio) -> None:
    job = Farmed(embedded)
    job.eat(2)
    job.look()
    for _ in range(6):
        for mark in (job.folder.root / "holes/work").iterdir():
            mark.write_text("spoiled")  # what a host sees whose disk is late
        job.turns()
        job.look()
    assert len(list((job.folder.root / "publish").glob("report-*.json"))) == 4
    assert job.look() is State.BLOCKED


def test_a_publish_is_let_go_again_after_a_hole_was_none_for_a_while(embedded: Studio) -> None:
    job = Farmed(embedded)
    for times in (1, 2):
        job.eat(2)
        job.work[0].change(state=State.SUCCEEDED, holes=True, message="eaten")
        job.look()
        job.look()
        assert job.farm.let_goes == times
        job.work[1].change(state=State.QUEUED, holes=False)
        job.look()


def test_a_folder_that_cannot_be_written_leaves_the_frame_to_people(embedded: Studio) -> None:
    job = Farmed(embedded)
    Path(job.folder.root / "holes").write_text("in the way")
    job.eat(2)
    job.turns()
    assert job.look() is State.BLOCKED
    assert "was eaten" in (job.engine.tasks(job.id)[1].failure or "")

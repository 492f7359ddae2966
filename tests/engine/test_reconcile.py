"""What is believed of a farm's tasks: receipts and records first, then the farm; and how that is stored."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shotmill.farm_plugins.farm import FarmJob, FarmTask
from shotmill.farm_plugins.reconcile import Known, Situation, became_of, look_into
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.records import keep_record, read_records
from shotmill.pipeline.store.farmed import FarmedTask, Seen, way
from shotmill.schema.attempts import AttemptRecord
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import Step, publish_step
from shotmill.schema.states import State, can_move

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
WORK = Step(name="work", task="work", frames=FrameSet.parse("1-4"), chunk=2)
FAILURE = 'SHOTMILL E204 input-missing frame=1 cause="plate is gone"'


def stored(state: State = State.QUEUED, *, step: str = "work", frames: str = "1-2") -> FarmedTask:
    return FarmedTask(uuid.uuid4(), step, frames, state, 0, None, None, None, frozenset())


def on_farm(state: State, *, frames: str = "1-2", step: str = "work", **more: object) -> FarmTask:
    return FarmTask("f1", step, FrameSet.parse(frames), state, finished=LONG_AGO, **more)  # type: ignore[arg-type]


def record(exit_code: int = 0, **more: object) -> AttemptRecord:
    facts = {"failure_code": "E204", "failure": FAILURE} if exit_code else {"message": "done it"}
    values = {"job": "j", "step": "work", "frames": "1-2", "attempt": "001-a", "number": 1, "host": "h1", **facts}
    return AttemptRecord.model_validate(
        {**values, "exit_code": exit_code, "started": LONG_AGO, "finished": NOW, **more}
    )


def seen(
    task: FarmedTask,
    *farm: FarmTask,
    done: str = "",
    records: tuple[AttemptRecord, ...] = (),
    step: Step = WORK,
    **how: bool,
) -> Seen:
    job = FarmJob(tuple(farm), ended=how.pop("ended", False), cancelled=how.pop("cancelled", False))
    if not (how.pop("known", True) and how.get("heard", True)):
        job = None  # type: ignore[assignment]
    situation = Situation(job, cancelling=how.pop("cancelling", False), launched=LONG_AGO, moment=NOW, **how)
    lies = Known(step, FrameSet.parse(done) if done else None, records)
    [found] = became_of([task], {task.step: lies}, situation)
    return found


@pytest.mark.parametrize("farm", list(State))
def test_a_receipt_counts_whatever_the_farm_says(farm: State) -> None:
    assert seen(stored(), on_farm(farm), done="1-2").state is State.SUCCEEDED
    assert seen(stored(), on_farm(farm), records=(record(),)).state is State.SUCCEEDED


def test_a_task_is_done_when_receipts_of_other_chunks_cover_it() -> None:
    assert seen(stored(), on_farm(State.RUNNING, frames="1-4"), done="1-3").state is State.SUCCEEDED
    assert seen(stored(), on_farm(State.RUNNING, frames="2-3"), done="2-3").state is State.RUNNING


@pytest.mark.parametrize("state", [State.BLOCKED, State.FAILED])
def test_a_failure_is_told_in_the_tasks_own_words(state: State) -> None:
    found = seen(stored(), on_farm(state, exit_code=65), records=(record(65),))
    assert (found.state, found.failure_code, found.failure) == (state, "E204", FAILURE)


def test_a_failure_recorded_before_the_farm_told_of_it_is_still_told_in_the_tasks_own_words() -> None:
    running = replace(stored(State.RUNNING), known=frozenset({"001-a"}), last=("E204", FAILURE))
    assert seen(running, on_farm(State.BLOCKED, exit_code=65)).failure == FAILURE


def test_what_nobody_wrote_down_is_told_in_the_farms_words() -> None:
    found = seen(stored(), on_farm(State.FAILED, exit_code=9, message="killed", host="h7"))
    assert found.failure_code == "E310"
    assert "host=h7" in (found.failure or "")
    assert "the farm ended it with code 9: killed" in (found.failure or "")


@pytest.mark.parametrize(("holes", "how"), [(True, "was eaten"), (False, "counts as done")])
def test_done_on_the_farm_without_a_receipt_waits_for_a_person(*, holes: bool, how: str) -> None:
    found = seen(stored(), on_farm(State.SUCCEEDED, holes=holes))
    assert (found.state, found.failure_code) == (State.BLOCKED, "E501")
    assert how in (found.failure or "")


def test_a_receipt_may_be_late_on_a_shared_disk() -> None:
    task = FarmTask("f1", "work", FrameSet.parse("1-2"), State.SUCCEEDED, finished=NOW - timedelta(seconds=5))
    assert seen(stored(), task).state is State.RUNNING


def test_a_publish_counts_by_its_record_alone() -> None:
    publish, task = publish_step("work"), stored(step="publish", frames="1")
    farm = on_farm(State.SUCCEEDED, step="publish", frames="1")
    assert seen(task, farm, step=publish, done="1").state is State.BLOCKED
    done = record(step="publish", frames="1")
    assert seen(task, farm, step=publish, records=(done,)).state is State.SUCCEEDED


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.BLOCKED])
def test_what_a_killed_job_left_is_cancelled(state: State) -> None:
    assert seen(stored(), on_farm(state), ended=True, cancelled=True).state is State.CANCELLED
    assert seen(stored(), on_farm(state), ended=True, cancelling=True).state is State.CANCELLED


def test_a_job_that_the_farm_forgot_failed_unless_it_was_cancelled() -> None:
    found = seen(stored(State.RUNNING), known=False)
    assert (found.state, found.failure_code) == (State.FAILED, "E313")
    assert seen(stored(State.RUNNING), known=False, cancelling=True).state is State.CANCELLED


def test_a_silent_farm_changes_nothing_but_what_receipts_tell() -> None:
    assert seen(stored(State.RUNNING), heard=False).state is State.RUNNING
    assert seen(stored(State.RUNNING), heard=False, done="1-2").state is State.SUCCEEDED


def test_success_is_never_taken_back() -> None:
    assert seen(stored(State.SUCCEEDED), on_farm(State.FAILED)).state is State.SUCCEEDED


def test_of_several_farm_tasks_the_one_that_matters_tells() -> None:
    farm = (on_farm(State.SUCCEEDED, frames="1"), on_farm(State.RUNNING, frames="2"))
    assert seen(stored(), *farm).state is State.RUNNING
    assert seen(stored(), farm[0], on_farm(State.BLOCKED, frames="2")).state is State.BLOCKED


@pytest.mark.parametrize(("old", "new"), list(itertools.product(State, State)))
def test_states_between_are_legal_moves(old: State, new: State) -> None:
    states = way(old, new)
    assert all(can_move(a, b) for a, b in itertools.pairwise([old, *states]))
    assert states == [] if old in {new, State.SUCCEEDED} else states[-1] is new


def test_records_are_read_once_and_half_written_ones_later(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    keep_record(folder, record(65))
    keep_record(folder, record(attempt="002-b", started=NOW))
    (folder.records("work") / "1-2.003-c.json").write_text('{"job":')
    assert [one.attempt for one in read_records(folder, "work")] == ["001-a", "002-b"]
    assert [one.attempt for one in read_records(folder, "work", known={"001-a"})] == ["002-b"]
    assert look_into(folder, WORK, known=["001-a", "002-b"]).records == ()

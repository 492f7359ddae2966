"""What every engine keeps: the same tests for the engine in memory, the local one, and one over a farm."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from engine_studio import Studio
from sim_farm import SimFarm

from shotmill.farm_plugins.engine import Engine, JobStatus
from shotmill.farm_plugins.farm_engine import FarmEngine
from shotmill.farm_plugins.memory import MemoryEngine
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.farm_plugins.task import host_name
from shotmill.schema.errors import EngineRefusedError, InputMissingError, NotFoundError
from shotmill.schema.ids import job_handle, uuid7
from shotmill.schema.states import State


@dataclass
class Farm:
    """An engine, and what lets it work until a job rests."""

    studio: Studio
    engine: Engine
    run: Callable[[uuid.UUID], JobStatus]

    def submit(self, *, token: str = "", **params: Any) -> Submitted:
        request = SubmitRequest("trial", params=params, project="demo", token=token)
        return submit(request, settings=self.studio.settings, database=self.studio.database, engine=self.engine)

    def finished(self, **params: Any) -> uuid.UUID:
        made = self.submit(**params)
        self.run(made.job.id)
        return made.job.id

    def states(self, job_id: uuid.UUID) -> list[State]:
        return [task.state for task in self.engine.tasks(job_id)]


@pytest.fixture
def memory(embedded: Studio) -> MemoryEngine:
    return MemoryEngine(embedded.settings)


def run_farm(sim: SimFarm, engine: FarmEngine, job_id: uuid.UUID) -> JobStatus:
    while sim.turn(f"sim-{job_id}"):
        continue
    engine.reconcile(job_id, at_once=True)
    return engine.status(job_id)


@pytest.fixture(params=["memory", "farm", "balanced-farm", pytest.param("local", marks=pytest.mark.slow)])
def farm(request: pytest.FixtureRequest, embedded: Studio, memory: MemoryEngine) -> Iterator[Farm]:
    def wait(job_id: uuid.UUID) -> JobStatus:
        embedded.until(lambda: embedded.engine.status(job_id).state.is_final)
        return embedded.engine.status(job_id)

    if request.param == "memory":
        yield Farm(embedded, memory, memory.run)
    elif request.param != "local":
        sim = SimFarm(embedded.settings, balanced=request.param == "balanced-farm")
        over = FarmEngine(sim, embedded.settings, embedded.database)
        yield Farm(embedded, over, partial(run_farm, sim, over))
    else:
        yield Farm(embedded, embedded.engine, wait)


def test_a_submitted_job_succeeds_and_tells_what_it_wrote(farm: Farm) -> None:
    job = farm.finished(frames="1-4", chunk=2)
    status = farm.engine.status(job)
    assert (status.job_id, status.state, status.failure) == (job, State.SUCCEEDED, None)
    assert [(step.name, step.tasks, step.done, step.failed, step.running) for step in status.steps] == [
        ("work", 2, 2, 0, 0)
    ]
    names = {path.name for folder in farm.engine.outputs(job) for path in folder.iterdir()}
    assert names == {"1.txt", "2.txt", "3.txt", "4.txt"}


def test_its_tasks_are_listed_in_order_with_what_they_said(farm: Farm) -> None:
    tasks = farm.engine.tasks(farm.finished(frames="1-4", chunk=2))
    assert [(task.step, task.frames, task.attempts) for task in tasks] == [("work", "1-2", 1), ("work", "3-4", 1)]
    assert [task.message for task in tasks] == ["frames 1-2, 2 files", "frames 3-4, 2 files"]
    assert all(task.started and task.finished and task.finished >= task.started for task in tasks)


def test_a_failed_task_fails_its_job_in_one_line_and_lets_the_others_work(farm: Farm) -> None:
    job = farm.finished(frames="1-3", action="missing", on=2)
    status = farm.engine.status(job)
    assert status.state is State.FAILED
    assert (status.failure or "").startswith("SHOTMILL E204 input-missing frame=2 ")
    assert farm.states(job) == [State.SUCCEEDED, State.FAILED, State.SUCCEEDED]


def test_a_publish_waits_for_the_work_and_never_runs_after_a_failure(farm: Farm) -> None:
    job = farm.finished(frames="1-2", action="missing", on=2, publish=True)
    assert farm.states(job) == [State.SUCCEEDED, State.FAILED, State.QUEUED]
    assert farm.engine.status(job).state is State.FAILED


def test_a_task_that_may_recover_is_tried_again(farm: Farm, tmp_path: Path) -> None:
    job = farm.finished(action="fail-once", trace=str(tmp_path / "trace"))
    assert [(task.state, task.attempts) for task in farm.engine.tasks(job)] == [(State.SUCCEEDED, 2)]


def test_retries_end(farm: Farm) -> None:
    job = farm.finished(action="fail", retries=1)
    assert [(task.state, task.attempts) for task in farm.engine.tasks(job)] == [(State.FAILED, 2)]


def test_retry_runs_what_failed_and_keeps_what_succeeded(farm: Farm, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    job = farm.finished(frames="1-3", action="fail-once", on=2, trace=str(trace), retries=0)
    assert farm.engine.retry(job) == 1
    assert farm.run(job).state is State.SUCCEEDED
    assert sorted(line.split()[0] for line in trace.read_text().splitlines()) == ["1", "2", "2", "3"]
    assert farm.engine.retry(job) == 0


def test_retry_runs_tasks_again_whose_files_or_receipts_were_lost(farm: Farm, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    job = farm.finished(frames="1-4", cpu=2, action="spoil", on=3, trace=str(trace), publish=True)
    assert farm.states(job) == [*[State.SUCCEEDED] * 4, State.FAILED]
    assert f'hint="shotmill retry {job_handle(job)}"' in (farm.engine.status(job).failure or "")
    assert farm.engine.retry(job) == 3
    assert farm.run(job).state is State.SUCCEEDED
    assert [line.split()[0] for line in trace.read_text().splitlines()] == ["1", "2", "3", "4", "1", "2"]


def test_retry_of_named_tasks_leaves_the_others(farm: Farm) -> None:
    job = farm.finished(frames="1-2", action="missing")
    chosen = farm.engine.tasks(job)[1]
    assert farm.engine.retry(job, tasks=[chosen.task_id]) == 1
    farm.run(job)
    assert [task.attempts for task in farm.engine.tasks(job)] == [1, 2]


def test_each_attempt_has_a_log(farm: Farm) -> None:
    job = farm.finished(action="raise", retries=1)
    for attempt in (1, 2, None):
        assert "RuntimeError: unexpected" in farm.engine.logs(job, step="work", frames="1", attempt=attempt)
    with pytest.raises(NotFoundError):
        farm.engine.logs(job, step="work", frames="1", attempt=3)


def test_cancelling_what_is_over_changes_nothing(farm: Farm) -> None:
    job = farm.finished()
    farm.engine.cancel(job)
    assert farm.engine.status(job).state is State.SUCCEEDED


def test_the_same_token_again_is_the_same_job(farm: Farm) -> None:
    token = str(uuid7())
    first, second = farm.submit(token=token), farm.submit(token=token)
    assert (first.job.id, first.is_new, second.is_new) == (second.job.id, True, False)
    assert len(farm.engine.tasks(first.job.id)) == 1


def test_an_unknown_job_is_not_found(farm: Farm) -> None:
    with pytest.raises(NotFoundError):
        farm.engine.status(uuid7())


def test_an_engine_in_memory_runs_nothing_before_it_is_told_to(embedded: Studio, memory: MemoryEngine) -> None:
    farm = Farm(embedded, memory, memory.run)
    job = farm.submit(frames="1-2").job.id
    assert (memory.status(job).state, memory.outputs(job)) == (State.QUEUED, [])
    assert embedded.processes() == []


def test_an_engine_in_memory_cancels_what_waits(embedded: Studio, memory: MemoryEngine) -> None:
    farm = Farm(embedded, memory, memory.run)
    job = farm.submit(frames="1-2").job.id
    memory.cancel(job)
    assert memory.run(job).state is State.CANCELLED
    assert memory.retry(job) == 2
    assert memory.run(job).state is State.SUCCEEDED


def test_an_engine_in_memory_fails_the_frames_it_is_told_to_until_they_heal(
    embedded: Studio, memory: MemoryEngine
) -> None:
    farm = Farm(embedded, memory, memory.run)
    job = farm.submit(frames="1-4", chunk=2).job.id
    memory.fail(job, frame=3, error=InputMissingError("plate is gone", frame=3))
    assert "plate is gone" in (memory.run(job).failure or "")
    assert farm.states(job) == [State.SUCCEEDED, State.FAILED]
    memory.heal(job)
    memory.retry(job)
    assert memory.run(job).state is State.SUCCEEDED


def test_a_task_whose_output_no_step_promises_fails_at_once(embedded: Studio, memory: MemoryEngine) -> None:
    farm = Farm(embedded, memory, memory.run)
    job = farm.finished(action="unpromised", publish=True)
    assert "wrote raw of 'trial', which it does not promise; promised: txt of 'trial'" in (
        memory.status(job).failure or ""
    )
    assert [task.attempts for task in memory.tasks(job)] == [1, 0]
    assert memory.status(farm.finished(action="unpromised")).state is State.SUCCEEDED  # nobody publishes it


@pytest.mark.parametrize(
    ("action", "text", "said"),
    [
        pytest.param("read", "/luts/show.cube", "E310 task-failed", id="a table that is not there"),
        pytest.param("call", "no-such-tool", "E310 task-failed", id="a program that is not there"),
        pytest.param("read", "/proc", "E310 task-failed", id="a file that cannot be read"),
        pytest.param("lock-out", "", "E300 storage", id="its own folder cannot be written"),
        pytest.param("worn-disk", "", "E300 storage", id="the disk fails"),
    ],
)
def test_only_the_disk_s_own_errors_are_called_so(
    action: str, text: str, said: str, embedded: Studio, memory: MemoryEngine
) -> None:
    farm = Farm(embedded, memory, memory.run)
    failure = memory.status(farm.finished(action=action, text=text)).failure or ""
    assert failure.startswith(f"SHOTMILL {said} ")
    assert text in failure
    assert ("cannot be written" in failure) == (said == "E300 storage")


def test_a_host_is_kept_off_where_the_engine_can(farm: Farm) -> None:
    job = farm.finished(frames="1-2", action="missing", on=2)
    if farm.engine.capabilities().exclude_host:
        assert farm.engine.retry(job, exclude_host=host_name()) == 1
        farm.studio.engine.wake()
        time.sleep(1.0)
        assert farm.states(job) == [State.SUCCEEDED, State.QUEUED]
        farm.engine.cancel(job)
    else:
        with pytest.raises(EngineRefusedError, match="cannot keep tasks off host"):
            farm.engine.retry(job, exclude_host=host_name())

"""The local engine with real processes: durable, parallel, and leaving nothing behind."""

from __future__ import annotations

import itertools
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from shotmill.pipeline.publish.verify import verify_folder, version_folders
from shotmill.pipeline.store.engines import engines, set_stopping
from shotmill.pipeline.store.jobs import attempts_of, steps_of
from shotmill.schema.errors import NotFoundError
from shotmill.schema.states import State

if TYPE_CHECKING:
    from engine_studio import Studio

pytestmark = pytest.mark.slow


def ran(trace: Path) -> list[str]:
    """Frames of the tasks in the order they began."""
    return [line.split()[0] for line in trace.read_text().splitlines()]


def test_a_job_runs_by_itself_and_is_published(studio: Studio) -> None:
    made = studio.submit(frames="1-5", chunk=2, publish=True)
    assert studio.wait(made).state is State.SUCCEEDED, studio.log()
    folders = list(version_folders(studio.settings.projects_folder))
    assert [verify_folder(folder).files for folder in folders] == [5]


def test_a_task_without_its_input_fails_at_once_with_one_line(embedded: Studio) -> None:
    made = embedded.submit(frames="1-3", action="missing", on=2)
    job = embedded.wait(made)
    assert job.state is State.FAILED
    assert (job.failure or "").startswith("SHOTMILL E204 input-missing frame=2 ")
    assert [task.state for task in embedded.tasks(made)] == [State.SUCCEEDED, State.FAILED, State.SUCCEEDED]
    assert [task.attempts for task in embedded.tasks(made)] == [1, 1, 1]


def test_a_task_that_may_recover_is_tried_again_in_a_process_of_its_own(embedded: Studio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    made = embedded.submit(action="fail-once", trace=str(trace))
    assert embedded.wait(made).state is State.SUCCEEDED
    pids = [line.split()[1] for line in trace.read_text().splitlines()]
    assert len(pids) == len(set(pids)) == 2


@pytest.mark.measured
def test_retries_end_and_the_log_tells_why(embedded: Studio) -> None:
    made = embedded.submit(action="raise", retries=1)
    assert embedded.wait(made).state is State.FAILED
    assert embedded.tasks(made)[0].attempts == 2
    log = embedded.engine.logs(made.job.id, step="work", frames="1")
    assert "RuntimeError: unexpected" in log
    assert log.strip().splitlines()[-1].partition("SHOTMILL ")[2].startswith("E310")
    assert "unexpected" in embedded.engine.logs(made.job.id, step="work", frames="1", attempt=1)
    with pytest.raises(NotFoundError):
        embedded.engine.logs(made.job.id, step="work", frames="1", attempt=9)


def test_a_worker_that_is_killed_costs_one_attempt(embedded: Studio, tmp_path: Path) -> None:
    made = embedded.submit(action="die-once", trace=str(tmp_path / "trace"))
    assert embedded.wait(made).state is State.SUCCEEDED
    first, second = attempts_of(embedded.database, made.job.id)
    assert "E313" in (first.failure or "")
    assert second.state is State.SUCCEEDED


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_a_task_that_runs_too_long_is_ended(warm: bool, embedded: Studio) -> None:
    made = embedded.submit(action="hang", timeout_s=1, retries=0, warm=warm)
    job = embedded.wait(made)
    assert "E311" in (job.failure or ""), embedded.log()


@pytest.mark.measured
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_cancel_leaves_no_process_behind(warm: bool, embedded: Studio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    made = embedded.submit(action="stubborn", trace=str(trace), warm=warm)
    embedded.until(lambda: Path(f"{trace}.child").exists())
    children = [psutil.Process(int(pid)) for pid in Path(f"{trace}.child").read_text().split()]
    embedded.engine.cancel(made.job.id)
    assert embedded.wait(made).state is State.CANCELLED
    embedded.until(lambda: not any(child.is_running() for child in children))
    embedded.until(lambda: len(embedded.processes()) <= 2)  # the engine and its guard


@pytest.mark.measured
def test_deadline_fact_5_a_killed_engine_s_work_is_finished_by_the_next_and_published_once(
    studio: Studio, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    made = studio.submit(frames="1-8", action="slow", trace=str(trace), publish=True)
    studio.until(lambda: sum(step.done for step in steps_of(studio.database, made.job.id)) >= 2)
    studio.kill_engines()
    assert studio.wait(made).state is State.SUCCEEDED, studio.log()
    succeeded = [row for row in attempts_of(studio.database, made.job.id) if row.state is State.SUCCEEDED]
    assert len(succeeded) == 9
    assert len(list(version_folders(studio.settings.projects_folder))) == 1


def test_a_job_that_counts_on_an_engine_which_is_just_dying_is_not_left_alone(embedded: Studio, tmp_path: Path) -> None:
    first = embedded.submit(action="gate", trace=str(tmp_path / "trace"))
    embedded.until((tmp_path / "trace").exists)
    [dying] = embedded.engine_pids()
    os.kill(dying, signal.SIGSTOP)  # it still seems to live when the next job comes
    second = embedded.submit(text="two")
    os.kill(dying, signal.SIGKILL)
    Path(f"{tmp_path / 'trace'}.open").touch()
    assert {embedded.wait(made).state for made in (first, second)} == {State.SUCCEEDED}, embedded.log()


@pytest.mark.measured
def test_an_engine_that_was_told_to_stop_is_not_followed_by_another(embedded: Studio) -> None:
    made = embedded.submit(action="hang")
    embedded.until(lambda: any(task.state is State.RUNNING for task in embedded.tasks(made)))
    [engine] = embedded.engine_pids()
    for row in engines(embedded.database):
        set_stopping(embedded.database, row.id, stopping=True)
    os.kill(engine, signal.SIGKILL)
    embedded.until(lambda: not embedded.processes())


def test_no_orphan_outlives_a_killed_engine(embedded: Studio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    embedded.submit(frames="1-2", action="hang", trace=str(trace))
    embedded.until(trace.exists)
    [engine] = embedded.engine_pids()
    orphans = psutil.Process(engine).children(recursive=True)
    embedded.kill_engines()
    embedded.until(lambda: orphans != [] and not any(orphan.is_running() for orphan in orphans))


@pytest.mark.measured
def test_two_engines_never_run_a_task_twice(studio: Studio, rival: Studio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    studio.engine.autostart = False
    made = studio.submit(frames="1-60", trace=str(trace))
    studio.start_engine()
    rival.start_engine()
    assert studio.wait(made).state is State.SUCCEEDED
    assert sorted(ran(trace), key=int) == [str(frame) for frame in range(1, 61)]


def test_an_idle_engine_ends_and_the_next_submit_starts_another(embedded: Studio) -> None:
    embedded.wait(embedded.submit(text="one"))
    embedded.until(lambda: not embedded.engine_pids())
    assert engines(embedded.database) == []
    assert embedded.wait(embedded.submit(text="two")).state is State.SUCCEEDED


def test_sigterm_gives_work_back_within_seconds(embedded: Studio) -> None:
    made = embedded.submit(action="hang")
    embedded.until(lambda: any(task.state is State.RUNNING for task in embedded.tasks(made)))
    started = time.monotonic()
    for pid in embedded.engine_pids():
        os.kill(pid, signal.SIGTERM)
    embedded.until(lambda: not embedded.engine_pids())
    assert time.monotonic() - started < 60  # a busy machine; the task would hang for longer
    assert [task.state for task in embedded.tasks(made)] == [State.QUEUED]


def test_a_job_larger_than_the_machine_waits_for_a_person(embedded: Studio) -> None:
    boaster = embedded.tuned(cpu_slots=64)
    boaster.engine.autostart = False
    made = boaster.submit(cpu=64)
    embedded.engine.wake()
    embedded.until(lambda: embedded.job(made).state is State.BLOCKED)
    assert "64 cores" in (embedded.job(made).failure or "")


@pytest.mark.measured
def test_deadline_fact_8_two_jobs_never_share_a_gpu(embedded: Studio, tmp_path: Path) -> None:
    settings = embedded.settings.model_copy(update={"gpus": 1})
    studio = type(embedded)(settings, embedded.database)
    first = studio.submit(frames="1-2", gpu=1, action="environment", trace=str(tmp_path / "a"))
    second = studio.submit(frames="1-2", gpu=1, action="slow", trace=str(tmp_path / "b"))
    assert [studio.wait(made).state for made in (first, second)] == [State.SUCCEEDED] * 2
    assert "CUDA_VISIBLE_DEVICES=0" in Path(f"{tmp_path / 'a'}.env").read_text()
    spans = sorted(
        (row.started, row.finished or row.started)
        for made in (first, second)
        for row in attempts_of(studio.database, made.job.id)
    )
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_deadline_fact_8_jobs_without_gpus_run_while_others_wait_for_one(embedded: Studio, tmp_path: Path) -> None:
    studio = embedded.tuned(gpus=1)
    holder = studio.submit(gpu=1, action="gate", trace=str(tmp_path / "trace"))
    studio.until(lambda: studio.tasks(holder)[0].state is State.RUNNING)
    waiter, plain = studio.submit(gpu=1), studio.submit(frames="1-2")
    assert studio.wait(plain).state is State.SUCCEEDED
    assert [studio.tasks(made)[0].state for made in (holder, waiter)] == [State.RUNNING, State.QUEUED]
    (tmp_path / "trace.open").touch()
    assert [studio.wait(made).state for made in (holder, waiter)] == [State.SUCCEEDED] * 2


def test_deadline_fact_4_the_engine_adds_less_than_15_ms_to_each_of_a_hundred_trivial_tasks(embedded: Studio) -> None:
    studio = embedded.tuned(idle_s=60.0)
    jobs = [studio.wait(studio.submit(frames="1-100", text=turn)) for turn in ("starts the workers", "1", "2", "3")]
    took = [(job.finished or job.created) - (job.started or job.created) for job in jobs[1:]]
    assert min(took).total_seconds() / 100 < 0.015


def test_many_small_tasks_need_few_processes(embedded: Studio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    made = embedded.submit(frames="1-300", trace=str(trace))
    assert embedded.wait(made).state is State.SUCCEEDED
    lines = trace.read_text().splitlines()
    assert (len(lines), len({line.split()[1] for line in lines})) == (300, 2)


def test_a_second_attempt_takes_no_other_task_out_of_its_warm_worker(embedded: Studio, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    made = embedded.submit(frames="1-1500", action="fail-once", on=1, trace=str(trace))
    assert embedded.wait(made).state is State.SUCCEEDED
    pids = [line.split()[1] for line in trace.read_text().splitlines()]
    assert (len(pids), len(set(pids))) == (1501, 3)

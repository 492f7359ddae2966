"""The real worker agent and the real ``deadline`` command run our bundles, unchanged, on the service of the tests.

They cover facts 6, 7, 10, 11 and 14 of those that Deadline Cloud must keep.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pytest
from command_line import wait_until
from deadline_hosts import FarmSite
from deadline_service import DeadlineService
from farm_bundles import published, trial_bundle, versions

from shotmill.pipeline.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("trial", "sqlite_database")]
WORK: dict[str, Any] = {"frames": "1-12", "chunk": 4, "publish": True}


def test_deadline_facts_11_and_14_a_job_is_done_through_publish_and_published_once_when_it_is_run_again(
    farm_site: FarmSite, settings: Settings
) -> None:
    bundle = trial_bundle(settings, **WORK)
    with farm_site.worker():
        job = farm_site.submit(bundle)
        assert farm_site.wait(job) == "SUCCEEDED", farm_site.situation()
        farm_site.deadline("job", "requeue-tasks", "--job-id", job, "--run-status", "SUCCEEDED", "--yes")
        assert farm_site.wait(job) == "SUCCEEDED", farm_site.situation()
    [made] = farm_site.service.jobs()
    assert [task.attempts for task in made.tasks] == [2, 2, 2, 2]
    assert (versions(settings), len(published(settings))) == (["v001"], 12)


def test_deadline_facts_6_and_10_a_task_is_tried_again_and_publish_waits_for_all_of_them(
    farm_site: FarmSite, settings: Settings, tmp_path: Path
) -> None:
    trace = str(tmp_path / "trace")
    mended = trial_bundle(settings, "mended", **WORK, action="fail-once", on=5, trace=trace)
    broken = trial_bundle(settings, "broken", **WORK, action="fail", on=5, text="b")
    with farm_site.worker():
        second = farm_site.submit(broken, "--max-retries-per-task", 1)
        assert farm_site.wait(second) == "FAILED", farm_site.situation()
        assert versions(settings) == []
        first = farm_site.submit(mended, "--max-retries-per-task", 1)
        assert farm_site.wait(first) == "SUCCEEDED", farm_site.situation()
    jobs = farm_site.service.world.jobs
    assert {step.name: step.status for step in jobs[second].steps} == {"work": "FAILED", "publish": "PENDING"}
    said = [action.reported for action in jobs[second].actions if action.status == "FAILED"]
    assert [one["processExitCode"] for one in said] == [1, 1]
    assert sum(task.failures for task in jobs[first].tasks) == 1


def test_deadline_fact_7_a_job_that_is_cancelled_leaves_no_process(
    farm_site: FarmSite, deadline_service: DeadlineService, settings: Settings, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    bundle = trial_bundle(settings, frames="1", action="hang", trace=str(trace))
    with farm_site.worker():
        job = farm_site.submit(bundle)
        wait_until(trace.exists)
        running = int(trace.read_text().split()[1])
        farm_site.deadline("job", "cancel", "--job-id", job, "--yes")
        assert farm_site.wait(job) == "CANCELED"
        assert not psutil.pid_exists(running)
    assert [action.status for action in deadline_service.jobs()[0].actions] == ["CANCELED"]


def test_deadline_fact_9_a_model_is_loaded_once_in_each_session_of_the_agent(
    farm_site: FarmSite, settings: Settings, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    bundle = trial_bundle(settings, frames="1-6", model="m", trace=str(trace), publish=True)
    with farm_site.worker():
        job = farm_site.submit(bundle)
        assert farm_site.wait(job) == "SUCCEEDED", farm_site.situation()
        keepers = {int(line.split()[1]) for line in trace.read_text().splitlines()}
        assert not any(map(psutil.pid_exists, keepers))
    assert sorted(trace.with_suffix(".loads").read_text().split()) == sorted(map(str, keepers))
    assert len(keepers) < 6
    assert sorted(published(settings).values()) == [f"m saw [{n}]".encode() for n in range(1, 7)]


def test_the_farms_log_of_a_job_is_read_with_the_plain_command(farm_site: FarmSite, settings: Settings) -> None:
    bundle = trial_bundle(settings, frames="7")
    with farm_site.worker():
        job = farm_site.submit(bundle)
        assert farm_site.wait(job) == "SUCCEEDED"
        wait_until(lambda: "Frame(INT) = 7" in farm_site.deadline("job", "logs", "--job-id", job, check=False))


def test_a_host_that_dies_and_a_service_that_stutters_cost_time_and_nothing_else(
    farm_site: FarmSite, settings: Settings, tmp_path: Path
) -> None:
    trace, service = tmp_path / "trace", farm_site.service
    bundle = trial_bundle(settings, frames="1", publish=True, action="gate", trace=str(trace))
    with farm_site.worker("dies"):
        job = farm_site.submit(bundle, "--max-retries-per-task", 0)
        wait_until(trace.exists)
    [dead] = service.world.workers
    service.lose_worker(dead)
    Path(f"{trace}.open").touch()
    service.faults.throttle("BatchGetJobEntity")
    service.faults.lose_reply("UpdateWorkerSchedule", 3)
    with farm_site.worker("lives"):
        assert farm_site.wait(job) == "SUCCEEDED", farm_site.situation()
    assert (len(trace.read_text().splitlines()), versions(settings)) == (2, ["v001"])

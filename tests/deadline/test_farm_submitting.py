"""Jobs are handed to Deadline Cloud once, by what ``deadline config`` knows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from deadline_service import FARM, QUEUE
from deadline_user import FarmUser

from shotmill.schema.errors import EngineUnreachableError
from shotmill.schema.job import Priority

PATIENCE_S = 90.0
DEADLINE = str(Path(sys.executable).with_name("deadline"))


def created(user: FarmUser) -> int:
    return user.service.called().count("CreateJob")


def test_a_job_is_submitted_with_nothing_but_deadline_config(user: FarmUser) -> None:
    job = user.spec()
    user.farm.check(job)
    made = user.launch(job)
    [found] = user.service.jobs()
    assert made == f"{FARM}/{QUEUE}/{found.id}"
    assert [len(step.tasks) for step in found.steps] == [3, 1]


def test_the_farm_learns_priority_retries_and_who_wants_it(user: FarmUser) -> None:
    job = user.spec(retries=4).model_copy(update={"priority": Priority.HIGH, "comment": "for the 5 o'clock review"})
    user.launch(job)
    [call] = [call for call in user.service.calls if call.operation == "CreateJob"]
    asked = {name: call.request[name] for name in ("priority", "maxRetriesPerTask", "maxFailedTasksCount")}
    assert asked == {"priority": 75, "maxRetriesPerTask": 4, "maxFailedTasksCount": 4}
    assert call.request["targetTaskRunStatus"] == "READY"
    assert call.request["clientToken"] == job.id
    assert call.request["parameters"]["Bundle"] == {"path": str(user.bundle(job))}
    assert call.request["descriptionOverride"].endswith("trial of demo, for artist; for the 5 o'clock review")


def test_the_same_job_again_is_the_same_job(user: FarmUser) -> None:
    job = user.spec()
    assert user.launch(job) == user.launch(job)
    assert created(user) == 1


def test_two_jobs_are_two_jobs(user: FarmUser) -> None:
    assert user.launch(user.spec()) != user.launch(user.spec())


def test_a_job_whose_reply_was_lost_is_not_made_twice(user: FarmUser) -> None:
    user.service.faults.lose_reply("CreateJob")
    user.launch(user.spec())
    assert len(user.service.jobs()) == 1


@pytest.mark.slow
def test_a_job_whose_replies_were_all_lost_is_found_by_the_next_submit(user: FarmUser) -> None:
    hasty = user.tuned(deadline_timeout_s=20.0)
    job = user.spec()
    user.service.faults.lose_reply("CreateJob", times=100)
    with pytest.raises(EngineUnreachableError):
        hasty.launch(job)
    user.service.faults.clear()
    [found] = user.service.jobs()
    assert user.launch(job).endswith(found.id)
    assert len(user.service.jobs()) == 1


@pytest.mark.slow
def test_a_submission_that_is_killed_after_the_job_was_made_is_completed_by_the_next(user: FarmUser) -> None:
    job = user.spec()
    user.service.faults.hang("GetJob")
    with pytest.raises(EngineUnreachableError, match="did not take the job within 4 seconds"):
        user.tuned(deadline_timeout_s=4.0).launch(job)
    user.service.faults.clear()
    user.launch(job)
    assert len(user.service.jobs()) == created(user) == 1


def test_submissions_at_the_same_moment_make_one_job(user: FarmUser) -> None:
    job = user.spec()
    user.bundle(job)
    with ThreadPoolExecutor() as pool:
        made = set(pool.map(lambda _number: user.launch(job), range(3)))
    assert len(made) == len(user.service.jobs()) == 1


def test_a_job_that_failed_to_begin_is_not_taken_for_the_job(user: FarmUser) -> None:
    job = user.spec()
    user.launch(job)
    user.service.jobs()[0].lifecycle = "CREATE_FAILED"
    user.service.world.tokens.clear()
    assert not user.launch(job).endswith(user.service.jobs()[0].id)


def test_fact_12_plain_deadline_bundle_submit_takes_the_bundle_from_any_folder(user: FarmUser, tmp_path: Path) -> None:
    job = user.spec()
    user.launch(job)
    user.service.world.jobs.clear()
    user.service.world.tokens.clear()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    words = [DEADLINE, "bundle", "submit", "--yes", os.path.relpath(user.bundle(job), elsewhere)]
    done = subprocess.run(words, cwd=elsewhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [found] = user.service.jobs()
    assert found.request["priority"] == 50
    assert user.launch(job).endswith(found.id)  # found as ours, although somebody else submitted it


def test_a_queue_with_job_attachments_gets_no_files_of_jobs_on_shared_disks(user: FarmUser) -> None:
    user.service.options.bucket = "bucket"
    user.launch(user.spec())
    assert "attachments" not in user.service.jobs()[0].request


def test_no_process_but_the_one_that_submits_loads_boto3(user: FarmUser) -> None:
    job = user.spec()
    code = f"""
import sys
from pathlib import Path
from shotmill.farm_plugins.deadline_cloud import DeadlineCloudFarm
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import load_settings
bundle = Path({str(user.bundle(job))!r})
farm, spec = DeadlineCloudFarm(load_settings().settings), JobFolder.of_bundle(bundle).read_spec()
farm.check(spec)
farm.launch(spec, bundle)
print(sorted({{"boto3", "botocore", "deadline", "grpc"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert len(user.service.jobs()) == 1


def test_the_farm_is_asked_while_the_job_is_prepared(user: FarmUser) -> None:
    with user.farm.ready():
        end = time.monotonic() + PATIENCE_S
        while "GetQueue" not in user.service.called() and time.monotonic() < end:
            time.sleep(0.05)
        assert user.service.called() == ["GetQueue"]
        job = user.spec()
        user.farm.check(job)
        assert user.launch(job) in {f"{FARM}/{QUEUE}/{found.id}" for found in user.service.jobs()}


def test_whoever_submits_nothing_after_all_leaves_no_process(user: FarmUser) -> None:
    before = set(psutil.Process().children())
    with user.farm.ready():
        [clerk] = set(psutil.Process().children()) - before
    assert not clerk.is_running()

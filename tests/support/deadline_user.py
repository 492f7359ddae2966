"""Somebody at a machine whose ``deadline config`` knows a farm and a queue, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from deadline_service import FARM, QUEUE, DeadlineService
from specs import spec, step

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.deadline_cloud import DeadlineCloudFarm
from shotmill.farm_plugins.farm import FarmJob, FarmTask
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.schema.job import JobSpec, publish_step
from shotmill.schema.states import State

CONFIG = f"""[defaults]
aws_profile_name = (default)
[profile-(default) defaults]
farm_id = {FARM}
[profile-(default) {FARM} defaults]
queue_id = {QUEUE}
[telemetry]
opt_out = true
"""
SECRET = "canary-4711-secret"  # noqa: S105 - bait


def sign_in(home: Path, service: DeadlineService, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and its children know the service, and nothing of the real machine's."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "deadline").write_text(CONFIG, encoding="utf-8")
    given = {
        "HOME": str(home),
        "DEADLINE_CONFIG_FILE_PATH": str(home / "deadline"),
        "AWS_CONFIG_FILE": str(home / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "aws-credentials"),
        "AWS_ACCESS_KEY_ID": "AKIDTESTTESTTEST",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # what is not imitated is not reached
        "AWS_ENDPOINT_URL_DEADLINE": service.url,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "DEADLINE_CLOUD_TELEMETRY_OPT_OUT": "true",
        "NO_PROXY": "127.0.0.1",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def user(
    deadline_service: DeadlineService, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FarmUser:
    """Somebody whose ``deadline config`` knows the farm; its queue has no job attachments."""
    sign_in(tmp_path / "user", deadline_service, monkeypatch)
    deadline_service.options.bucket = ""
    return FarmUser(settings, deadline_service)


class FarmUser:
    """Submits jobs and looks at them."""

    def __init__(self, settings: Settings, service: DeadlineService) -> None:
        self.settings, self.service = settings, service
        self.farm = DeadlineCloudFarm(settings)
        self._jobs = 0

    def tuned(self, **changes: Any) -> FarmUser:
        """The same with other settings."""
        return FarmUser(self.settings.model_copy(update=changes), self.service)

    def spec(self, frames: str = "1-10", *, chunk: int = 4, **more: Any) -> JobSpec:
        """A job with frames and a publish."""
        self._jobs += 1
        work = step("work", frames, chunk=chunk, contiguous=chunk > 1, **more)
        return spec(work, publish_step("work"), id=f"00000000-0000-7000-8000-{self._jobs:012d}")

    def bundle(self, job: JobSpec) -> Path:
        """The job's bundle, in a folder of its own."""
        return write_bundle(job, JobFolder(self.settings.jobs_folder / job.id))

    def launch(self, job: JobSpec) -> str:
        """The farm's id of the job."""
        return self.farm.launch(job, self.bundle(job))

    def made(self, job: JobSpec) -> str:
        """As ``launch``, without the process that it takes: somebody submitted the bundle."""
        place = {"farmId": FARM, "queueId": QUEUE}
        bundle = self.bundle(job)
        given = self.service.client().create_job(
            **place,
            template=(bundle / "template.json").read_text(encoding="utf-8"),
            templateType="JSON",
            priority=50,
            maxRetriesPerTask=max(step.retries for step in job.steps),
            parameters={"Bundle": {"path": str(bundle)}},
            descriptionOverride=job.name,
        )
        return f"{FARM}/{QUEUE}/{given['jobId']}"

    def look(self, engine_job_id: str, job: JobSpec) -> FarmJob:
        """How far it is."""
        found = self.farm.look(engine_job_id, job)
        assert found is not None
        return found


def states(tasks: Sequence[FarmTask]) -> dict[str, State]:
    """The states of tasks, by step and frames."""
    return {f"{task.step} {task.frames}": task.state for task in tasks}

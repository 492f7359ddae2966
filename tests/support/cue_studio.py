"""A studio in a test whose farm is OpenCue: the real client against a Cuebot double."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cuebot import Cuebot
from cuebot.jobs import Job

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.farm import FarmJob
from shotmill.farm_plugins.farm_engine import FarmEngine
from shotmill.farm_plugins.local.engine import settings_environment
from shotmill.farm_plugins.opencue.farm import OpenCueFarm
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, plan, submit
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.ids import job_handle
from shotmill.schema.job import JobSpec
from shotmill.schema.states import State

DEADLINE_S = 120.0


@dataclass
class CueStudio:
    """Settings, database and farm of one test.

    Attributes:
        trial: folder of the job type ``trial``, for hosts' PYTHONPATH.
    """

    settings: Settings
    database: Database
    bot: Cuebot
    trial: Path
    farm: OpenCueFarm = field(init=False)
    engine: FarmEngine = field(init=False)

    def __post_init__(self) -> None:
        self.farm = OpenCueFarm(self.settings)
        self.engine = FarmEngine(self.farm, self.settings, self.database)

    def spec(self, **params: Any) -> JobSpec:
        """A job of the type ``trial``."""
        return plan(SubmitRequest("trial", params=params, project="demo"), self.settings, self.database).spec

    def bundle(self, spec: JobSpec) -> Path:
        handle = job_handle(uuid.UUID(spec.id))
        return write_bundle(spec, JobFolder(self.settings.jobs_folder / handle))

    def launch(self, spec: JobSpec) -> str:
        return self.farm.launch(spec, self.bundle(spec))

    def submit(self, *, token: str = "", allow_holes: bool = False, **params: Any) -> Submitted:
        request = SubmitRequest("trial", params=params, project="demo", token=token, allow_holes=allow_holes)
        return submit(request, settings=self.settings, database=self.database, engine=self.engine)

    def tuned(self, **settings: object) -> CueStudio:
        """The same studio with other settings."""
        return CueStudio(self.settings.model_copy(update=settings), self.database, self.bot, self.trial)

    def look(self, job_id: str, spec: JobSpec) -> FarmJob:
        found = self.farm.look(job_id, spec)
        assert found is not None
        return found

    def cue_job(self) -> Job:
        """The only job on the farm."""
        (job,) = self.bot.bot.jobs
        return job

    def wait(self, job_id: uuid.UUID, *, states: tuple[State, ...] = (State.SUCCEEDED,)) -> None:
        self.until(lambda: self.engine.reconcile(job_id, at_once=True) >= 0 and self._state(job_id) in states)

    def _state(self, job_id: uuid.UUID) -> State:
        return self.engine.status(job_id).state

    def until(self, holds: Callable[[], bool]) -> None:
        ends = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < ends, self.situation()
            time.sleep(0.05)

    def situation(self) -> str:
        frames = [(f.name, f.state, f.exit_status, f.retries) for job in self.bot.bot.jobs for f in job.frames()]
        logs = [path.read_text(errors="replace") for path in self.settings.jobs_folder.rglob("*.log")]
        return "\n".join([str(frames), *self.bot.bot.mails, *logs])

    def site(self, folder: Path) -> dict[str, str]:
        """What the administrator of a host gives every frame: where shotmill is, and where its settings are."""
        given = {
            **settings_environment(self.settings),
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(self.trial),
            "HOME": str(folder),
        }
        measured = os.environ.get("COVERAGE_PROCESS_CONFIG")
        return {**given, "COVERAGE_PROCESS_CONFIG": measured} if measured else given

"""What every engine keeps, kept by OpenCue: by a real RQD and a Cuebot double, or by a whole OpenCue that runs.

``SHOTMILL_TEST_CUEBOT=host:port`` runs these tests against a live Cuebot, in show ``SHOTMILL_TEST_CUE_SHOW`` and as
user ``SHOTMILL_TEST_CUE_USER``. Its hosts have to see this checkout with its environment, and the folder of the tests,
which ``SHOTMILL_TEST_CUE_ROOT`` moves to a shared disk; frames have to run as whoever runs the tests.
"""

from __future__ import annotations

import getpass
import os
import shlex
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from cue_proxy import proxy
from cuebot import cuebot
from cuebot.rqd import rqd
from cuebot.wire import Faults
from done_jobs import staged, visible
from opencue_proto import job_pb2, job_pb2_grpc
from studio_jobs import install_trial

from shotmill.farm_plugins.engine import JobStatus
from shotmill.farm_plugins.farm_engine import FarmEngine
from shotmill.farm_plugins.live import SHAPES, run_live
from shotmill.farm_plugins.opencue.farm import OpenCueFarm
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import versions_of_job
from shotmill.pipeline.store.farmed import engine_facts
from shotmill.pipeline.store.migrate import ensure_schema
from shotmill.schema.errors import EngineUnreachableError
from shotmill.schema.states import State

pytestmark = pytest.mark.slow

# Read before fixtures clear the environment of settings.
LIVE = os.environ.get("SHOTMILL_TEST_CUEBOT", "")
SHOW = os.environ.get("SHOTMILL_TEST_CUE_SHOW", "testing")
ROOT = os.environ.get("SHOTMILL_TEST_CUE_ROOT", "")
USER = os.environ.get("SHOTMILL_TEST_CUE_USER", "")
DEADLINE_S = 900.0 if LIVE else 120.0
RESTS = (State.SUCCEEDED, State.BLOCKED, State.FAILED, State.CANCELLED)


@dataclass
class Cue:
    """OpenCue as an engine, and the way to it."""

    settings: Settings
    engine: FarmEngine
    farm: OpenCueFarm
    faults: Faults
    folder: Path

    def submit(self, *, allow_holes: bool = False, **params: object) -> Submitted:
        request = SubmitRequest("trial", params=params, project="demo", allow_holes=allow_holes)
        return submit(request, settings=self.settings, database=self.engine.database, engine=self.engine)

    def eat(self, job: uuid.UUID, layer: str) -> None:
        """Eat the dead frames of a layer, as CueGUI does."""
        found = self.farm.client.newest_job(engine_facts(self.engine.database, job)["name"])
        states = job_pb2.FrameStateSeq(frame_states=[job_pb2.DEAD])
        wanted = job_pb2.FrameSearchCriteria(layers=[layer], states=states, page=1, limit=100)
        with grpc.insecure_channel(self.settings.opencue_hosts[0]) as channel:
            request = job_pb2.JobEatFramesRequest(job=found, req=wanted)
            job_pb2_grpc.JobInterfaceStub(channel).EatFrames(request, timeout=self.settings.opencue_timeout_s)

    def rested(self, job: uuid.UUID, *states: State) -> JobStatus:
        """The job's status once it is one of these, else any in which it rests."""
        ends = time.monotonic() + DEADLINE_S
        while (status := self.engine.status(job)).state not in (states or RESTS):
            assert time.monotonic() < ends, status
            time.sleep(0.1)
        return status


@pytest.fixture
def cue(tmp_path: Path, trial: Path) -> Iterator[Cue]:
    assert trial.is_dir()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(dir=ROOT)) if ROOT else tmp_path
        if LIVE:
            address = LIVE
        else:
            bot = stack.enter_context(cuebot(tmp_path / "cue-logs"))
            stack.enter_context(rqd(bot, tmp_path, {"PATH": os.defpath}))
            address = bot.address
        way, faults = stack.enter_context(proxy(address))
        user = USER or ("artist" if getpass.getuser() == "root" else getpass.getuser())
        home = folder / "home"
        given = {"SHOTMILL_HOME": str(home), "PYTHONPATH": str(install_trial(folder / "hosts"))}
        if measured := os.environ.get("COVERAGE_PROCESS_CONFIG"):
            given["COVERAGE_PROCESS_CONFIG"] = measured
        argv = ["env", *(f"{name}={value}" for name, value in given.items()), sys.executable, "-m", "shotmill"]
        settings = Settings(
            home=home, user="artist", opencue_hosts=(way,), opencue_user=user, opencue_show=SHOW,
            opencue_timeout_s=30 if LIVE else 5, opencue_command=shlex.join(argv),
        )  # fmt: skip
        database = Database(settings.database_url)
        stack.callback(database.dispose)
        ensure_schema(database)
        farm = OpenCueFarm(settings)
        stack.callback(farm.client.close)
        yield Cue(settings, FarmEngine(farm, settings, database), farm, faults, folder)


def test_a_job_is_submitted_polled_done_and_published(cue: Cue) -> None:
    job = cue.submit(frames="1-4", chunk=2, publish=True).job.id
    assert cue.rested(job).state is State.SUCCEEDED
    assert [(step.name, step.tasks, step.done) for step in cue.engine.status(job).steps] == [
        ("work", 2, 2),
        ("publish", 1, 1),
    ]
    assert visible(cue.settings.projects_folder) == ["v001"]
    assert staged(cue.settings.projects_folder) == []
    assert {path.name for folder in cue.engine.outputs(job) for path in folder.iterdir()} == {
        "1.txt", "2.txt", "3.txt", "4.txt",
    }  # fmt: skip


def test_small_jobs_are_done_as_they_were_asked_for(cue: Cue) -> None:
    run = run_live("opencue", cue.settings, timeout_s=DEADLINE_S, shapes=SHAPES if LIVE else ["gaps"])
    assert [probe for probe in run.probes if probe.difference] == []
    assert (run.late, run.kept) == (False, None)


def test_a_job_that_runs_is_cancelled(cue: Cue) -> None:
    job = cue.submit(frames="1-2", action="hang").job.id
    cue.rested(job, State.RUNNING)
    cue.engine.cancel(job)
    assert cue.rested(job).state is State.CANCELLED


def test_a_failed_task_waits_for_somebody_who_retries_it(cue: Cue) -> None:
    trace = cue.folder / "trace"
    job = cue.submit(frames="1-2", action="fail-once", on=2, trace=str(trace), retries=0).job.id
    status = cue.rested(job, State.BLOCKED)
    assert (status.failure or "").startswith("SHOTMILL E310 task-failed ")
    assert "only the first time" in (status.failure or "")
    assert cue.engine.retry(job) == 1
    assert cue.rested(job, State.SUCCEEDED).failure is None
    ends = time.monotonic() + DEADLINE_S
    while (tried := [task.attempts for task in cue.engine.tasks(job)]) != [
        1,
        2,
    ]:  # a receipt may come before its record
        assert time.monotonic() < ends, tried
        time.sleep(0.1)


def test_an_eaten_frame_is_published_without_and_listed_where_holes_are_allowed(cue: Cue) -> None:
    job = cue.submit(frames="1-2", action="fail", on=2, retries=0, publish=True, allow_holes=True).job.id
    cue.rested(job, State.BLOCKED)
    cue.eat(job, "work")
    cue.rested(job, State.SUCCEEDED)
    assert [version.holes for version in versions_of_job(cue.engine.database, job)] == ["2"]


def test_all_of_a_log_is_readable(cue: Cue) -> None:
    job = cue.submit(action="chatter").job.id
    assert cue.rested(job).state is State.SUCCEEDED
    log = cue.engine.logs(job, step="work", frames="1")
    assert [line for line in log.splitlines() if line.startswith("line ")] == [f"line {n}" for n in range(5000)]


def test_a_submit_whose_reply_was_lost_is_one_job(cue: Cue) -> None:
    cue.faults.lost.append("LaunchSpecAndWait")
    job = cue.submit().job.id
    assert cue.submit().job.id == job
    assert cue.faults.calls.count("LaunchSpecAndWait") == 1
    assert cue.rested(job).state is State.SUCCEEDED
    assert [task.attempts for task in cue.engine.tasks(job)] == [1]


def test_a_farm_that_is_away_is_told_at_once_and_takes_the_job_when_it_is_back(cue: Cue) -> None:
    cue.faults.down = True
    with pytest.raises(EngineUnreachableError, match="cannot be reached; nothing is lost"):
        cue.submit()
    cue.faults.down = False
    assert cue.rested(cue.submit().job.id).state is State.SUCCEEDED


def test_a_farm_that_hangs_is_given_up_at_the_deadline(cue: Cue) -> None:
    cue.faults.slow_s = 20 * cue.settings.opencue_timeout_s
    began = time.monotonic()
    with pytest.raises(EngineUnreachableError, match="did not answer within"):
        cue.submit()
    assert time.monotonic() - began < 10 * cue.settings.opencue_timeout_s

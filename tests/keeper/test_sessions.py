"""A model stays loaded in an OpenJD session: the session's environment starts a keeper, and ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from farm_bundles import trial_bundle
from openjd.model import ParameterValue, ParameterValueType, create_job, decode_job_template, preprocess_job_parameters
from openjd.sessions import ActionState, ActionStatus, Session, SessionState

from shotmill.farm_plugins.local.engine import settings_environment
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("trial")]
SHOTMILL = Path(sys.executable).with_name("shotmill")
END_S = 60.0


@dataclass
class Runs:
    """A session of a bundle, on a host of a farm."""

    session: Session
    job: Any

    def enter(self) -> str:
        [environment] = self.job.jobEnvironments
        identifier = self.session.enter_environment(environment=environment)
        self.wait()
        return identifier

    def leave(self, identifier: str) -> None:
        self.session.exit_environment(identifier=identifier, keep_session_running=True)
        self.wait()

    def task(self, frame: int) -> ActionState:
        [step] = self.job.steps
        values = {"Frame": ParameterValue(type=ParameterValueType.INT, value=str(frame))}
        self.session.run_task(step_script=step.script, task_parameter_values=values)
        return self.wait()

    def wait(self) -> ActionState:
        ends = time.monotonic() + END_S
        while self.session.state is SessionState.RUNNING:
            assert time.monotonic() < ends
            time.sleep(0.01)
        status = self.session.action_status
        assert isinstance(status, ActionStatus)
        return status.state


@contextmanager
def session_of(bundle: Path, settings: Settings, folder: Path) -> Iterator[Runs]:
    template = decode_job_template(template=json.loads((bundle / "template.json").read_bytes()))
    values = preprocess_job_parameters(
        job_template=template,
        job_parameter_values={"Shotmill": str(SHOTMILL), "Bundle": str(bundle)},
        job_template_dir=bundle,
        current_working_dir=bundle,
    )
    folder.mkdir()
    environment = {**os.environ, **settings_environment(settings)}
    with Session(
        session_id="night", job_parameter_values=values, os_env_vars=environment, session_root_directory=folder
    ) as session:
        yield Runs(session, create_job(job_template=template, job_parameter_values=values))


def test_deadline_fact_9_a_model_is_loaded_once_in_a_session_and_gone_after_it(
    settings: Settings, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    bundle = trial_bundle(settings, frames="1-10", model="m", trace=str(trace))
    with session_of(bundle, settings, tmp_path / "sessions") as runs:
        keeper = runs.enter()
        assert [runs.task(frame) for frame in range(1, 11)] == [ActionState.SUCCESS] * 10
        pids = {line.split()[1] for line in trace.read_text().splitlines()}
        assert len(pids) == 1
        assert psutil.pid_exists(int(*pids))
        runs.leave(keeper)
        assert not psutil.pid_exists(int(*pids))
    assert trace.with_suffix(".loads").read_text().split() == list(pids)
    assert len(list(JobFolder.of_bundle(bundle).root.glob("receipts/*/*.json"))) == 10


@pytest.mark.measured
def test_deadline_fact_9_a_keeper_is_gone_soon_after_the_program_that_ran_its_session_was_killed() -> None:
    program = (
        "import subprocess, sys, time; subprocess.run([sys.argv[1], 'keeper', 'start'], check=True); time.sleep(99)"
    )
    agent = subprocess.Popen([sys.executable, "-c", program, str(SHOTMILL)], stdout=subprocess.PIPE, text=True)
    assert agent.stdout is not None
    folder = Path(agent.stdout.readline().strip().removeprefix("openjd_env: SHOTMILL_KEEPER="))
    keeper = psutil.Process(json.loads((folder / "facts.json").read_text())["pid"])
    time.sleep(1.0)  # it stays while its session does
    assert keeper.is_running()
    agent.send_signal(signal.SIGKILL)
    agent.communicate()
    keeper.wait(10.0)
    assert not folder.exists()

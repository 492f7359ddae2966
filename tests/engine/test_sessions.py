"""Sessions of cold tasks: the next one is ready before its turn, and none is left."""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from farm_bundles import trial_bundle

from shotmill.farm_plugins.local.cold import LOGGER, ColdRunner
from shotmill.farm_plugins.local.engine import settings_environment
from shotmill.farm_plugins.local.work import Assignment
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store.queue import Claimed
from shotmill.schema.errors import EXIT_DONE, InputMissingError
from shotmill.schema.job import Needs

pytestmark = pytest.mark.usefixtures("trial")
RUNS_ON = threading.Event()  # nobody sets it: these tasks are not cancelled


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    """Where sessions keep their folders."""
    return tmp_path / "sessions" / "engine"


@pytest.fixture
def cold(settings: Settings, sessions: Path) -> Iterator[ColdRunner]:
    with ColdRunner({**os.environ, **settings_environment(settings)}, sessions, grace_s=1.0) as made:
        yield made


def work(folder: Path, frames: str) -> Assignment:
    claimed = Claimed(
        task_id=uuid.uuid4(), job_id=uuid.uuid4(), step="work", frames=frames, attempt=1, tried=1, needs=Needs(),
        warm=False, retries=0, timeout_s=100, folder=str(folder),
    )  # fmt: skip
    return Assignment(claimed, (), lambda _fraction, _message: None)


def folders(sessions: Path) -> set[str]:
    return {path.name for path in sessions.iterdir()}


@pytest.mark.slow
def test_a_task_finds_its_session_ready(cold: ColdRunner, settings: Settings, sessions: Path) -> None:
    job = trial_bundle(settings, frames="1-2").parent
    first, second = work(job, "1"), work(job, "2")
    made: list[set[str]] = []
    ends = [
        cold.run(first, cancelled=RUNS_ON, begun=lambda: made.append(folders(sessions)), following=lambda: second),
        cold.run(second, cancelled=RUNS_ON, begun=lambda: made.append(folders(sessions))),
    ]
    assert [end.exit_code for end in ends] == [EXIT_DONE] * 2
    alone, both = made
    assert (len(alone), len(both)) == (1, 2)  # the second was made before it began, and the first is cleared after
    assert folders(sessions) == both - alone


def test_a_session_that_nobody_wants_any_more_is_cleared_away(
    cold: ColdRunner, settings: Settings, sessions: Path
) -> None:
    job = trial_bundle(settings, frames="1-2").parent
    filters = list(logging.getLogger(LOGGER).filters)
    cold._prepare(work(job, "1"))
    unwanted = folders(sessions)
    cold._taken(work(job, "2")).session.cleanup()
    assert len(unwanted) == 1
    assert folders(sessions) == set()
    assert logging.getLogger(LOGGER).filters == filters


def test_what_is_wrong_with_the_next_task_is_told_in_its_turn(cold: ColdRunner, tmp_path: Path) -> None:
    broken = work(tmp_path / "no-job", "1")
    cold._prepare(broken)
    with pytest.raises(InputMissingError):
        cold.run(broken, cancelled=RUNS_ON)

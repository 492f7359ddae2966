"""What tests of keepers share: hosts whose tasks have a process each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kept_tasks import FarmHost
from studio_fixtures import trial

from shotmill.pipeline.settings import Settings

__all__ = ["trial"]


@pytest.fixture
def session_host(settings: Settings, tmp_path: Path, trial: Path) -> Iterator[FarmHost]:
    """A host of a farm that speaks OpenJD, within a session."""
    assert trial.is_dir()
    made = FarmHost(settings, tmp_path, session=True, more={})
    made.open_session()
    yield made
    made.close()


@pytest.fixture
def cue_host(settings: Settings, tmp_path: Path, trial: Path) -> Iterator[FarmHost]:
    """A host of OpenCue."""
    assert trial.is_dir()
    made = FarmHost(settings, tmp_path, session=False, more={"CUE_FRAME_ID": "f", "CUE_GPUS": "0"})
    yield made
    made.close()


@pytest.fixture(params=["session", "opencue"])
def host(request: pytest.FixtureRequest) -> FarmHost:
    """Either of them."""
    found: FarmHost = request.getfixturevalue("session_host" if request.param == "session" else "cue_host")
    return found

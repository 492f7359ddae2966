"""Fixtures of a studio with a job type of its own and an engine; a conftest that wants them imports them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_studio import Studio
from studio_jobs import install_trial

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The job type ``trial``, installed for this process and its children."""
    site = install_trial(tmp_path / "site")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.delitem(sys.modules, "studio_trial", raising=False)
    return site


@pytest.fixture
def studio(tmp_path: Path, trial: Path, database: Database, database_url: str) -> Iterator[Studio]:
    """A studio on SQLite, and one on PostgreSQL."""
    assert trial.is_dir()
    settings = Settings(
        home=tmp_path / "home", database=database_url, user="artist", idle_s=2.0, grace_s=1.0, cpu_slots=2
    )
    made = Studio(settings, database)
    yield made
    made.close()

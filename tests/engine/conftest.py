"""A studio with a job type of its own and an engine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_studio import Studio
from studio_fixtures import studio, trial

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database

__all__ = ["embedded", "rival", "studio", "trial"]


@pytest.fixture
def rival(studio: Studio, tmp_path: Path) -> Iterator[Studio]:
    """Another home for engines of the same database, jobs and projects."""
    home = tmp_path / "rival"
    home.mkdir()
    roots = {"jobs_root": str(studio.settings.jobs_folder), "projects_root": str(studio.settings.projects_folder)}
    made = studio.tuned(home=home, **roots)
    yield made
    made.close()


@pytest.fixture
def embedded(tmp_path: Path, trial: Path, _migrated_sqlite: Path) -> Iterator[Studio]:
    """A studio on embedded defaults."""
    assert trial.is_dir()
    settings = Settings(home=tmp_path / "home", user="artist", idle_s=2.0, grace_s=1.0, cpu_slots=2)
    database = Database(settings.database_url)
    shutil.copyfile(_migrated_sqlite, str(database.url.database))
    made = Studio(settings, database)
    yield made
    made.close()
    database.dispose()

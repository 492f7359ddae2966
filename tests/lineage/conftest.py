"""A show on embedded defaults."""

from __future__ import annotations

from pathlib import Path

import pytest
from shows import Show

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database


@pytest.fixture
def show(tmp_path: Path, settings: Settings, sqlite_database: Database) -> Show:
    """A show with plates, whose jobs run in this process."""
    return Show(tmp_path, settings, sqlite_database)

"""A database whose query plans can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import ensure_schema


@pytest.fixture
def opened_sqlite(opened: Callable[[str], Database], tmp_path: Path) -> Database:
    """An embedded database with its tables."""
    found = opened(f"sqlite:///{tmp_path / 'plans.db'}")
    ensure_schema(found)
    return found

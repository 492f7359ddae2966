"""Publishes in processes of their own, on either database."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from publish_farm import Farm, publish_server

from shotmill.pipeline.store import Database


@pytest.fixture(scope="session")
def server() -> Iterator[subprocess.Popen[str]]:
    """A process that has imported all that a publish needs."""
    with publish_server() as process:
        yield process


@pytest.fixture
def farm(tmp_path: Path, database: Database, database_url: str, server: subprocess.Popen[str]) -> Farm:
    """A home in which jobs are published."""
    assert database.place
    return Farm(tmp_path / "home", database_url, tmp_path / "jobs", server)

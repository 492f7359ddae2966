"""Boards over a studio of five thousand jobs, and over small ones; a browser to look at them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from board_jobs import FailedJob, Served, fail_one, fill, jpeg, many, publish_pictures, served
from chromium import Chromium, Tab, chromium

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.engines import enter
from shotmill.pipeline.store.migrate import upgrade

SHOTS = 1000


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A board over 5,000 jobs of 1,000 shots; look, do not touch."""
    home = tmp_path_factory.mktemp("large")
    settings = Settings(home=home, user="maya")
    database = Database(settings.database_url, durable=False)
    upgrade(database)
    rows = many(SHOTS)
    fill(database, rows)
    publish_pictures(database, settings, sorted({row.shot for row in rows})[:12], jpeg(home / "picture.jpg"))
    with served(settings, database) as board:
        yield board
    database.dispose()


@pytest.fixture
def failed(settings: Settings, sqlite_database: Database) -> FailedJob:
    """A job with a failed task and its log; this process counts as the engine, so that none is started."""
    enter(sqlite_database, version="test", slots={"home": str(settings.home)})
    return fail_one(sqlite_database, settings)


@pytest.fixture
def board(settings: Settings, sqlite_database: Database, failed: FailedJob) -> Iterator[Served]:
    """A board over the failed job."""
    del failed
    with served(settings, sqlite_database) as found:
        yield found


@pytest.fixture
def picture(board: Served, tmp_path: Path) -> uuid.UUID:
    """A published thumbnail of a shot."""
    settings, database = board.board.studio.settings, board.board.database
    return publish_pictures(database, settings, ["demo/sq010/sh010"], jpeg(tmp_path / "picture.jpg"))[0]


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """One browser for all tests."""
    with chromium() as made:
        yield made


@pytest.fixture(scope="session")
def tab(browser: Chromium) -> Tab:
    """One page in it."""
    return browser.tab()

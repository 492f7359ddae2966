"""A studio whose farm is a Cuebot double, with a job type of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cue_studio import CueStudio
from cuebot import Cuebot, StillHost, cuebot
from studio_fixtures import trial

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import ensure_schema

__all__ = ["trial"]


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Cuebot]:
    """A Cuebot without hosts."""
    with cuebot(tmp_path / "cue-logs") as made:
        yield made


@pytest.fixture
def still(bot: Cuebot) -> StillHost:
    """A host on which frames run until the test ends them."""
    host = StillHost()
    bot.bot.add_host(host)
    return host


@pytest.fixture
def studio(bot: Cuebot, tmp_path: Path, trial: Path) -> Iterator[CueStudio]:
    """Settings, database and farm."""
    settings = Settings(
        home=tmp_path / "home", user="artist", opencue_hosts=(bot.address,), opencue_user="artist", opencue_timeout_s=5
    )
    database = Database(settings.database_url)
    ensure_schema(database)
    made = CueStudio(settings, database, bot, trial)
    yield made
    made.farm.client.close()
    database.dispose()

"""One home, two databases: each has engines of its own, which leave each other alone."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from engine_studio import Studio

from shotmill.farm_plugins.local import process
from shotmill.farm_plugins.local.place import engine_place
from shotmill.pipeline.store.migrate import ensure_schema
from shotmill.schema.states import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from shotmill.pipeline.store import Database

pytestmark = pytest.mark.slow


@pytest.fixture
def other(embedded: Studio, tmp_path: Path, opened: Callable[[str], Database]) -> Studio:
    """The same home with another database."""
    settings = embedded.settings.model_copy(update={"database": f"sqlite:///{tmp_path / 'other.db'}"})
    database = opened(settings.database_url)
    ensure_schema(database)
    return Studio(settings, database)


def test_jobs_of_both_run_and_no_engine_takes_away_the_others_sessions(
    embedded: Studio, other: Studio, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    long = embedded.submit(action="gate", trace=str(trace), warm=False)
    embedded.until(trace.exists)
    assert other.wait(other.submit(warm=False)).state is State.SUCCEEDED, other.log()
    assert list(engine_place(embedded.settings).glob("sessions/*/*"))
    Path(f"{trace}.open").touch()
    assert embedded.wait(long).state is State.SUCCEEDED


def test_an_engine_that_gives_up_says_so(
    embedded: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place = engine_place(embedded.settings)
    place.mkdir(parents=True)
    monkeypatch.setattr(process, "LEAVING_S", 0.2)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with process.only_one(embedded.settings) as mine:
            assert not mine
    assert f"another engine holds {place / 'lock'} and takes no work; this one gives up" in caplog.text

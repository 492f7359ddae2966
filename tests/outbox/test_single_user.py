"""Single-user mode: a publish is told of by itself, and no job waits for that or fails of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from engine_studio import Studio
from mail import Hours, Mail
from studio_jobs import install_trial
from wire_tracker import TOKEN, Tracker

from shotmill.farm_plugins.local.delivering import BUS, _with_bus, deliver_soon, is_delivery
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.states import State

pytestmark = pytest.mark.measured


@pytest.fixture
def studio(
    settings: Settings, sqlite_database: Database, tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Studio]:
    assert tracker.things == []
    install_trial(tmp_path / "jobs-site")
    monkeypatch.syspath_prepend(tmp_path / "jobs-site")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("SHOTMILL_PASS_ENVIRONMENT", "COVERAGE_PROCESS_CONFIG,WIRE_TOKEN")
    found = Studio(settings.model_copy(update={"targets": ("wire",)}), sqlite_database)
    yield found
    found.close()


@pytest.mark.slow
def test_a_publish_is_told_by_itself_and_its_job_does_not_wait(
    studio: Studio, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRE_TOKEN", TOKEN)
    mail = Mail(studio.settings, studio.database, Hours())
    tracker.mood = lambda call: "hang" if call.startswith("POST") else "fine"
    tracker.hang_s = 3
    mail.section(tracker.server)
    made = studio.submit(frames="1-2", publish=True)
    assert studio.wait(made).state is State.SUCCEEDED, studio.log()
    assert mail.states() != [("version-published", "delivered")], "the job waited for its tracker"
    studio.stop_engines()
    studio.until(lambda: ("version-published", "delivered") in mail.states())
    assert sorted(fact.partition(":")[0] for fact in tracker.facts) in [["version"], ["job", "version"]]


@pytest.mark.slow
def test_a_targets_file_that_is_wrong_fails_no_job(studio: Studio) -> None:
    studio.settings.targets_path.parent.mkdir(parents=True, exist_ok=True)
    studio.settings.targets_path.write_text("[wire\n")
    made = studio.submit(frames="1-2", publish=True)
    assert studio.wait(made).state is State.SUCCEEDED, studio.log()
    log = studio.settings.home / "deliver.log"
    studio.until(lambda: log.exists() and "cannot be read" in log.read_text())


def test_where_nobody_is_told_nothing_is_started(settings: Settings, sqlite_database: Database) -> None:
    assert not deliver_soon(settings, sqlite_database, {})
    assert not deliver_soon(settings.model_copy(update={"targets": ("x",)}), sqlite_database, {})


def test_a_delivery_that_cannot_start_is_only_logged(
    settings: Settings, sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = settings.model_copy(update={"targets": ("x",)})
    wanted.targets_path.write_text("")
    (settings.home / "deliver.log").mkdir()
    assert not deliver_soon(wanted, sqlite_database, {})
    assert "until the next `shotmill deliver`" in caplog.text


def test_the_door_of_the_keyring_is_found_where_systemd_puts_it(tmp_path: Path) -> None:
    assert BUS not in _with_bus({"XDG_RUNTIME_DIR": str(tmp_path)})
    (tmp_path / "bus").touch()
    assert _with_bus({"XDG_RUNTIME_DIR": str(tmp_path)})[BUS] == f"unix:path={tmp_path}/bus"


def test_other_processes_are_no_deliveries() -> None:
    assert not is_delivery(psutil.Process())
    gone = psutil.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not is_delivery(gone)

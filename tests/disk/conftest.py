"""Small disks to fill. Who may not mount gets each test run in a user namespace, where everybody may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import stop_engines
from engine_studio import Studio
from small_disk import MIB, SmallDisk, may_mount, mounted, run_where_it_may_mount
from studio_fixtures import trial

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import ensure_schema

__all__ = ["disk", "home", "trial", "trial_bundle", "trial_studio"]

TrialBundle = Callable[..., Path]


def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Run a test of this folder here, or in a namespace when this process may not mount."""
    if not item.path.is_relative_to(Path(__file__).parent) or may_mount():  # pytest asks it of every test
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    wrong = run_where_it_may_mount(item.nodeid, item.config.rootpath)
    report = pytest.TestReport(item.nodeid, item.location, {}, "failed" if wrong else "passed", wrong or None, "call")
    item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of eight megabytes."""
    with mounted(tmp_path / "disk", size=8 * MIB) as made:
        yield made


@pytest.fixture
def home(disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home on the disk; no engine outlives it."""
    monkeypatch.setenv("SHOTMILL_IDLE_S", "1")
    yield disk.path / "home"
    disk.fill()  # so that there is something to give back
    disk.make_space()
    stop_engines(disk.path / "home")


@pytest.fixture
def trial_bundle(disk: SmallDisk, trial: Path, tmp_path: Path) -> TrialBundle:
    """Make bundles of the job type ``trial`` on the disk."""
    assert trial.is_dir()

    def bundle(**params: object) -> Path:
        spec = plan(SubmitRequest("trial", params=params, project="demo"), Settings(home=tmp_path / "home")).spec
        return write_bundle(spec, JobFolder(disk.path / "job"))

    return bundle


@pytest.fixture
def trial_studio(disk: SmallDisk, trial: Path, tmp_path: Path) -> Iterator[Studio]:
    """A studio with the job type ``trial``, whose database alone lies on the disk."""
    assert trial.is_dir()
    url = f"sqlite:///{disk.path / 'shotmill.db'}"
    settings = Settings(home=tmp_path / "home", database=url, user="artist", idle_s=2.0, cpu_slots=2)
    database = Database(url)
    ensure_schema(database)
    made = Studio(settings, database)
    yield made
    made.close()
    database.dispose()

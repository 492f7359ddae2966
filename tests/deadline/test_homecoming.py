"""What hosts wrote that share no disk with us comes home whole or not at all, and is published here, once."""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from far_farm import FarFarm
from farm_bundles import published, versions

from shotmill.farm_plugins.farm_engine import FarmEngine
from shotmill.farm_plugins.homecoming import FETCHED, LOCK, STILL_AWAY
from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import versions_of_job
from shotmill.schema.errors import EngineUnreachableError, StorageError
from shotmill.schema.roles import Role
from shotmill.schema.states import State


@dataclass
class Away:
    """A job on a farm far away."""

    farm: FarFarm
    engine: FarmEngine
    settings: Settings
    database: Database
    folder: Path = Path()

    def submit(self, *, publish: bool = False, allow_holes: bool = False) -> uuid.UUID:
        params = {"frames": "1-3", "publish": publish}
        request = SubmitRequest("trial", params=params, project="demo", allow_holes=allow_holes)
        made = submit(request, settings=self.settings, database=self.database, engine=self.engine)
        self.folder = Path(made.job.folder)
        return made.job.id

    def look(self, job: uuid.UUID) -> State:
        self.engine.reconcile(job, at_once=True)
        return self.engine.status(job).state

    @property
    def receipts(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("receipts/*/*.json"))


@pytest.fixture
def away(settings: Settings, sqlite_database: Database, tmp_path: Path, trial: Path) -> Away:
    assert trial.is_dir()
    farm = FarFarm(settings, tmp_path / "there")
    return Away(farm, FarmEngine(farm, settings, sqlite_database), settings, sqlite_database)


def test_what_was_done_far_away_comes_home_and_is_published_once(away: Away) -> None:
    job = away.submit(publish=True)
    assert away.look(job) is State.QUEUED
    away.farm.work()
    assert away.look(job) is State.SUCCEEDED
    assert away.look(job) is State.SUCCEEDED
    assert (versions(away.settings), len(published(away.settings)), away.farm.fetched) == (["v001"], 3, 1)
    assert [version.address for version in versions_of_job(away.database, job)] == ["demo:sq010/sh010/trial@v001"]
    assert away.receipts == ["1", "2", "3"]
    assert not (away.folder / FETCHED).exists()


def test_whoever_only_asks_is_told_that_the_files_are_still_away(away: Away) -> None:
    job = away.submit()
    away.farm.work()
    away.engine.fetches = False
    assert away.look(job) is State.RUNNING
    assert {task.message for task in away.engine.tasks(job) if task.step == "work"} == {STILL_AWAY}
    assert (away.farm.fetched, away.receipts) == (0, [])


def test_a_viewer_brings_nothing_home(away: Away) -> None:
    job = away.submit()
    away.farm.work()
    away.engine.settings = away.settings.model_copy(update={"role": Role.VIEWER})
    assert away.look(job) is State.RUNNING
    assert away.farm.fetched == 0


def test_a_fetch_that_breaks_off_counts_nothing_and_goes_on(away: Away) -> None:
    job = away.submit()
    away.farm.work()
    away.farm.breaks_after = 5
    with pytest.raises(EngineUnreachableError, match="the line to the bucket broke"):
        away.engine.reconcile(job, at_once=True)
    came = [path for path in (away.folder / FETCHED).rglob("*") if path.is_file()]
    assert (len(came), away.receipts) == (5, [])
    away.farm.breaks_after = None
    assert away.look(job) is State.SUCCEEDED
    assert away.receipts == ["1", "2", "3"]


def test_a_file_that_is_not_what_its_receipt_says_is_named_and_fetched_anew(away: Away) -> None:
    job = away.submit()
    away.farm.work()
    file = next(away.farm.there.glob("attempts/*/2/*/*.txt"))
    good = file.read_bytes()
    file.write_bytes(b"cut short"[: len(good) - 1])
    with pytest.raises(StorageError, match=rf"{file.name} came back from the farm as something else"):
        away.engine.reconcile(job, at_once=True)
    assert away.receipts == []
    file.write_bytes(good)
    assert away.look(job) is State.SUCCEEDED


def test_no_file_that_is_here_is_overwritten(away: Away) -> None:
    job = away.submit()
    away.farm.work()
    away.farm.breaks_after = 0
    with pytest.raises(EngineUnreachableError):
        away.engine.reconcile(job, at_once=True)
    away.farm.breaks_after = None
    file = next(away.farm.there.glob("attempts/*/2/*/*.txt"))
    mine = away.folder / file.relative_to(away.farm.there)
    (away.folder / FETCHED / mine.relative_to(away.folder)).parent.mkdir(parents=True)
    (away.folder / FETCHED / mine.relative_to(away.folder)).write_bytes(file.read_bytes())
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(StorageError, match="it is not overwritten") as caught:
        away.engine.reconcile(job, at_once=True)
    assert f"shotmill wait {away.folder.name}" in caught.value.hint
    assert (mine.read_text(), away.receipts) == ("mine", [])
    mine.unlink()
    assert away.look(job) is State.SUCCEEDED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda text: text.replace('"job": "', '"job": "x'), "another job", id="of another job"),
        pytest.param(lambda text: text.replace('"root": "', '"root": "../'), "damaged", id="points out of the folder"),
        pytest.param(lambda text: text[:40], "damaged", id="cut short"),
    ],
)
def test_a_receipt_that_is_not_ours_is_refused(away: Away, change: Callable[[str], str], words: str) -> None:
    job = away.submit()
    away.farm.work()
    receipt = away.farm.there.joinpath("receipts", "work", "2.json")
    receipt.write_text(change(receipt.read_text()))
    with pytest.raises(StorageError, match=words):
        away.engine.reconcile(job, at_once=True)
    assert away.receipts == []


def test_frames_that_were_eaten_far_away_are_holes_of_a_publish_that_may_have_some(away: Away) -> None:
    job = away.submit(publish=True, allow_holes=True)
    away.farm.work(eaten=["2"])
    assert away.look(job) is State.SUCCEEDED
    [version] = versions_of_job(away.database, job)
    assert (str(version.holes), away.receipts) == ("2", ["1", "3"])


def test_frames_that_were_eaten_far_away_keep_others_from_being_published(away: Away) -> None:
    job = away.submit(publish=True)
    away.farm.work(eaten=["2"])
    assert away.look(job) is not State.SUCCEEDED
    assert (versions(away.settings), away.receipts) == ([], ["1", "3"])


@pytest.mark.measured
def test_a_publish_that_is_refused_fails_in_its_own_words_and_a_retry_publishes(away: Away) -> None:
    job = away.submit(publish=True)
    away.farm.work()
    projects = away.settings.projects_folder
    projects.parent.mkdir(parents=True, exist_ok=True)
    projects.write_text("in the way")
    assert away.look(job) is State.FAILED
    assert "publish" in (away.engine.status(job).failure or "")
    projects.unlink()
    assert away.look(job) is State.FAILED  # nobody asked for it
    assert away.engine.retry(job) == 1
    assert away.look(job) is State.SUCCEEDED
    assert versions(away.settings) == ["v001"]


def test_a_job_that_was_cancelled_is_not_published(away: Away) -> None:
    job = away.submit(publish=True)
    away.engine.cancel(job)
    away.farm.work()
    assert away.look(job) is State.CANCELLED
    assert versions(away.settings) == []


def test_two_do_not_fetch_at_once(away: Away) -> None:
    job = away.submit()
    away.farm.work()
    with (away.folder / LOCK).open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert away.look(job) is State.RUNNING
    assert away.farm.fetched == 0
    assert away.look(job) is State.SUCCEEDED

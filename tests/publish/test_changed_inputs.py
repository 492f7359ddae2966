"""Plates that change between the submit and the publish: what they show is never published under what they were."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import write_frames

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.farm_plugins.task import TaskRequest, run_task
from shotmill.pipeline import marks
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.inputs import find_change
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import DiskFullError, InputChangedError, InputMissingError
from shotmill.schema.job import JobSpec
from shotmill.schema.publishing import PublishReport


class Shop:
    """A plate of three frames, and the job that publishes it; its tasks are done."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.settings, self.database = settings, database
        self.plate = write_frames(folder / "plate", 1001, 1002, 1003)
        self.kept = shutil.copytree(self.plate.parent, folder / "kept")
        self.spec, self.folder = self.submit()

    def submit(self) -> tuple[JobSpec, JobFolder]:
        spec = plan(SubmitRequest("publish", plates=[str(self.plate)]), self.settings).spec
        folder = JobFolder(self.settings.jobs_folder / spec.id)
        write_bundle(spec, folder)
        run_task(TaskRequest(folder.bundle, "collect", spec.steps[0].frames), self.settings)
        return spec, folder

    def file(self, frame: int) -> Path:
        return self.plate.parent / self.plate.name.replace("####", str(frame))

    def restore(self) -> None:
        shutil.copytree(self.kept, self.plate.parent, dirs_exist_ok=True)

    def publish(self) -> PublishReport:
        return run_publish(self.folder, self.spec, self.settings, self.database)

    def refused(self) -> InputChangedError:
        with pytest.raises(InputChangedError, match="submit again") as caught:
            self.publish()
        assert not self.settings.projects_folder.exists()
        return caught.value


@pytest.fixture
def shop(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Shop:
    return Shop(settings, sqlite_database, tmp_path)


def rewrite(path: Path, *, after_ns: int = 10**9) -> None:
    """Another content under the same name, with a later date; the job's own second name of the file keeps the old."""
    content, date_ns = path.read_bytes(), path.stat().st_mtime_ns + after_ns
    path.unlink()
    path.write_bytes(content + b"x")
    os.utime(path, ns=(date_ns, date_ns))


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


CHANGES: dict[str, tuple[Callable[[Path], object], str, str | None]] = {
    "written": (rewrite, "frames 1002 were written since", "1002"),
    "taken away": (Path.unlink, "2 files instead of 3", None),
    "a folder in its place": (become_a_folder, "is no file but a folder", None),
}


@pytest.mark.parametrize("how", ["content", "stat"])
@pytest.mark.parametrize("case", CHANGES)
def test_a_plate_that_changed_is_refused_by_name(
    case: str, how: str, settings: Settings, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "CONTENT_LIMIT", marks.CONTENT_LIMIT if how == "content" else 0)
    change, words, frame = CHANGES[case]
    shop = Shop(settings, sqlite_database, tmp_path)
    change(shop.file(1002))
    error = shop.refused()
    assert (error.exit_code, error.retryable, error.fields["path"]) == (65, False, str(shop.plate))
    assert (words in error.message, error.fields.get("frame")) == (True, frame)


def test_a_content_that_changed_behind_an_old_date_is_found(shop: Shop) -> None:
    rewrite(shop.file(1002), after_ns=0)
    assert "frame" not in shop.refused().fields


def test_a_single_file_that_went_away_is_refused(settings: Settings, sqlite_database: Database, tmp_path: Path) -> None:
    shop = Shop(settings, sqlite_database, tmp_path)
    shop.plate = shop.file(1002).rename(tmp_path / "one.png")
    shop.spec, shop.folder = shop.submit()
    rewrite(shop.plate)
    assert "it was written since" in shop.refused().message
    shop.plate.unlink()
    assert "No such file" in shop.refused().message


def test_what_was_refused_is_not_published_when_the_plate_is_put_back(shop: Shop) -> None:
    rewrite(shop.file(1002))
    shop.refused()
    shop.restore()
    assert "put back" in shop.refused().message


def test_a_plate_put_back_and_submitted_anew_is_published_as_the_first_version(shop: Shop) -> None:
    rewrite(shop.file(1002))
    shop.refused()
    shop.restore()
    shop.spec, shop.folder = shop.submit()
    assert [version.number for version in shop.publish().versions] == [1]


def test_what_is_published_stays_so_whatever_becomes_of_its_plate(shop: Shop) -> None:
    shop.publish()
    shutil.rmtree(shop.plate.parent)
    assert shop.publish().outcome == "already published"


def test_a_plate_that_cannot_be_read_just_now_is_asked_for_again(shop: Shop) -> None:
    kept = shop.plate.parent.rename(shop.plate.parent.with_name("away"))
    shop.plate.parent.symlink_to(shop.plate.parent.name)  # a link to itself: ELOOP, as a mount may give an error
    with pytest.raises(InputMissingError, match="symbolic links"):
        shop.publish()
    shop.plate.parent.unlink()
    kept.rename(shop.plate.parent)
    assert shop.publish().outcome == "published"


def test_a_job_of_an_earlier_version_has_no_date_of_its_plate(shop: Shop) -> None:
    old = [mark.model_copy(update={"newest_ns": 0}) for mark in shop.spec.inputs]
    shop.spec = shop.spec.model_copy(update={"inputs": tuple(old)})
    rewrite(shop.file(1002))
    assert "frame" not in shop.refused().fields


def test_a_refusal_that_cannot_be_written_down_is_tried_again(shop: Shop) -> None:
    rewrite(shop.file(1002))
    shop.folder.changed.parent.mkdir()
    shop.folder.changed.symlink_to("/dev/full")
    with pytest.raises(DiskFullError):
        shop.publish()


def test_a_change_is_seen_before_anything_is_run(shop: Shop) -> None:
    assert find_change(shop.folder, shop.spec) is None
    rewrite(shop.file(1002))
    change = find_change(shop.folder, shop.spec)
    assert change is not None
    assert change.fields["frame"] == "1002"


def test_a_plate_that_was_only_touched_has_not_changed(shop: Shop) -> None:
    os.utime(shop.file(1002), ns=(2 * 10**18, 2 * 10**18))
    assert find_change(shop.folder, shop.spec) is None
    assert shop.publish().outcome == "published"


def test_a_plate_that_cannot_be_seen_from_here_is_no_change(shop: Shop) -> None:
    shutil.rmtree(shop.plate.parent)
    assert find_change(shop.folder, shop.spec) is None


def test_a_change_that_was_undone_is_remembered(shop: Shop) -> None:
    rewrite(shop.file(1002))
    shop.refused()
    shop.restore()
    assert "put back" in str(find_change(shop.folder, shop.spec))

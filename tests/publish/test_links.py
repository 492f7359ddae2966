"""Links and pipes that somebody puts into a job's own folder: only files that lie there are published."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from done_jobs import done_job, frame_file, job_spec, staged, visible

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.faults import set_fault
from shotmill.pipeline.receipts import sound_receipt
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import ReceiptMismatchError
from shotmill.schema.frames import FrameSet
from shotmill.schema.publishing import PublishReport

LEVELS = ("attempts", "attempts/render", "attempts/render/1", "attempts/render/1/001-test")
FILE = f"{LEVELS[-1]}/1002.bin"


class Work:
    """A done job, and who publishes it."""

    def __init__(self, folder: Path, settings: Settings, database: Database) -> None:
        self.spec, self.settings, self.database = job_spec(), settings, database
        self.folder = done_job(folder, self.spec)

    def publish(self) -> PublishReport:
        return run_publish(self.folder, self.spec, self.settings, self.database)

    def move_behind_a_link(self, level: str) -> None:
        """The same bytes are read through it."""
        place, away = self.folder.root / level, self.folder.root.with_name("away")
        place.rename(away)
        place.symlink_to(away)

    @property
    def is_sound(self) -> bool:
        return sound_receipt(self.folder, "render", FrameSet((1,))) is not None


@pytest.fixture
def work(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Iterator[Work]:
    yield Work(tmp_path / "job", settings, sqlite_database)
    set_fault(None)


@pytest.mark.parametrize("level", [*LEVELS, FILE])
def test_files_behind_a_link_are_not_published(level: str, work: Work) -> None:
    work.move_behind_a_link(level)
    with pytest.raises(ReceiptMismatchError, match=r"\.bin cannot be opened any more: it is a link, or lies behind"):
        work.publish()
    projects = work.settings.projects_folder
    assert (visible(projects), staged(projects)) == ([], [])


@pytest.mark.parametrize("level", [*LEVELS, FILE])
def test_a_link_that_appears_while_files_are_copied_is_not_followed(level: str, work: Work) -> None:
    def appear(passed: str) -> None:
        if passed == "stage:folder":
            set_fault(None)
            work.move_behind_a_link(level)

    set_fault(appear)
    with pytest.raises(ReceiptMismatchError, match="link"):
        work.publish()


@pytest.mark.parametrize("level", [*LEVELS, FILE])
def test_a_receipt_whose_files_lie_behind_a_link_is_not_sound(level: str, work: Work) -> None:
    assert work.is_sound
    work.move_behind_a_link(level)
    assert not work.is_sound


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def empty_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("become", [pipe, empty_folder])
def test_what_became_no_file_is_refused_and_not_waited_for(become: Callable[[Path], None], work: Work) -> None:
    become(frame_file(work.folder, 1002))
    assert not work.is_sound
    with pytest.raises(ReceiptMismatchError, match=r"1002\.bin cannot be opened any more: it is no file"):
        work.publish()


def test_a_job_folder_may_itself_lie_behind_a_link(work: Work) -> None:
    link = work.folder.root.with_name("linked")
    link.symlink_to(work.folder.root)
    work.folder = JobFolder(link)
    assert work.is_sound
    assert work.publish().outcome == "published"

"""What a task sealed is published under a second name; whatever somebody may still write to is copied."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from disks import other_disk
from done_jobs import done_job, frame_file, job_spec

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.seals import is_sealed, seal
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import ReceiptMismatchError


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    return done_job(tmp_path / "job", job_spec())


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=other_disk(tmp_path)))
    yield folder
    shutil.rmtree(folder)


def sources(job: JobFolder) -> list[os.stat_result]:
    return [path.stat() for path in sorted(job.root.glob("attempts/render/1/*/*.bin"))]


def published(job: JobFolder, settings: Settings, database: Database) -> list[os.stat_result]:
    """The facts of the published files, in the order of their frames."""
    run_publish(job, job_spec(job=job.read_spec().id), settings, database)
    return [path.stat() for path in sorted(settings.projects_folder.rglob("*.bin"))]


def test_sealed_files_are_published_without_a_copy(
    job: JobFolder, settings: Settings, sqlite_database: Database
) -> None:
    there = published(job, settings, sqlite_database)
    assert [one.st_ino for one in there] == [one.st_ino for one in sources(job)]
    assert [one.st_nlink for one in there] == [2, 2, 2]


def test_what_could_still_be_written_to_is_copied(
    job: JobFolder, settings: Settings, sqlite_database: Database
) -> None:
    frame_file(job, 1002)  # opens it for writing
    same = [
        ours.st_ino == theirs.st_ino
        for ours, theirs in zip(published(job, settings, sqlite_database), sources(job), strict=True)
    ]
    assert same == [True, False, True]


def test_a_file_that_an_artist_has_too_is_copied(
    job: JobFolder, settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    [first, *_others] = sorted(job.root.glob("attempts/render/1/*/*.bin"))
    (tmp_path / "mine.bin").hardlink_to(first)
    there = published(job, settings, sqlite_database)
    assert there[0].st_ino != first.stat().st_ino
    assert [one.st_nlink for one in there] == [1, 2, 2]


def test_on_another_disk_sealed_files_are_copied(
    job: JobFolder, settings: Settings, sqlite_database: Database, elsewhere: Path, tmp_path: Path
) -> None:
    assert elsewhere.stat().st_dev != tmp_path.stat().st_dev
    away = settings.model_copy(update={"projects_root": str(elsewhere)})
    assert [one.st_nlink for one in published(job, away, sqlite_database)] == [1, 1, 1]


def test_published_files_are_read_only_however_they_came(
    job: JobFolder, settings: Settings, sqlite_database: Database
) -> None:
    frame_file(job, 1002)
    assert [oct(one.st_mode & 0o777) for one in published(job, settings, sqlite_database)] == ["0o444"] * 3


def test_a_sealed_file_with_other_bytes_is_refused(
    job: JobFolder, settings: Settings, sqlite_database: Database
) -> None:
    path = frame_file(job, 1002)
    path.write_bytes(b"x" * path.stat().st_size)
    seal(path)
    with pytest.raises(ReceiptMismatchError, match=r"1002\.bin holds other bytes"):
        published(job, settings, sqlite_database)
    assert sources(job)[1].st_nlink == 1
    assert not list(settings.projects_folder.rglob("*.bin"))


def test_a_seal_takes_the_right_to_write_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.touch()
    file.chmod(0o664)
    assert not is_sealed(file.stat())
    seal(file)
    assert (oct(file.stat().st_mode & 0o777), is_sealed(file.stat())) == ("0o444", True)


def test_a_file_with_two_names_is_never_sealed(tmp_path: Path) -> None:
    (tmp_path / "x").touch(mode=0o644)
    (tmp_path / "y").hardlink_to(tmp_path / "x")
    seal(tmp_path / "y")
    assert oct((tmp_path / "x").stat().st_mode & 0o777) == "0o644"


def test_a_folder_is_no_sealed_file(tmp_path: Path) -> None:
    seal(tmp_path)
    assert not is_sealed(tmp_path.stat())
    assert os.access(tmp_path, os.W_OK)

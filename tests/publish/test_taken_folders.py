"""A version's folder that is taken already: the message says whose it is, and what is there stays as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from done_jobs import done_job, job_spec

from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.verify import verify_folder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.backup import backup_database
from shotmill.pipeline.store.versions import is_published
from shotmill.schema.errors import VersionConflictError


class Studio:
    """A studio that publishes one product again and again, and puts backups back."""

    def __init__(self, settings: Settings, database: Database, jobs: Path) -> None:
        self.settings, self.database, self.jobs = settings, database, jobs

    def publish(self) -> Path:
        spec = job_spec()
        report = run_publish(done_job(self.jobs / spec.id, spec), spec, self.settings, self.database)
        return Path(report.versions[0].folder)

    def backup(self, name: str) -> Path:
        backup_database(self.database, self.jobs / name)
        return self.jobs / name

    def restore(self, backup: Path) -> None:
        place = str(self.database.url.database)
        self.database.dispose()
        for suffix in ("-wal", "-shm"):
            Path(place + suffix).unlink(missing_ok=True)
        shutil.copyfile(backup, place)


@pytest.fixture
def studio(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Studio:
    (tmp_path / "jobs").mkdir()
    return Studio(settings, sqlite_database, tmp_path / "jobs")


def test_a_version_that_an_older_backup_does_not_know_is_named_and_kept(studio: Studio) -> None:
    older = studio.backup("none.db")
    folder = studio.publish()
    newer = studio.backup("one.db")
    studio.restore(older)
    with pytest.raises(VersionConflictError, match=r"comp@v001, which artist published on .* backup") as caught:
        studio.publish()
    assert "move" not in caught.value.message + caught.value.hint
    assert verify_folder(folder).problems == ()
    studio.restore(newer)
    assert studio.publish().name == "v002"


def test_a_copy_of_a_published_version_is_called_a_copy(studio: Studio) -> None:
    folder = studio.publish()
    shutil.copytree(folder, folder.with_name("v002"))
    with pytest.raises(VersionConflictError, match=r"v002 holds a copy of demo:sq010/sh010/comp@v001.*move the copy"):
        studio.publish()
    assert verify_folder(folder.with_name("v002")).problems == ()


@pytest.mark.parametrize("text", ["", "no id", "0" * 32, "\0"])
def test_no_version_is_published_under_any_text(text: str, studio: Studio) -> None:
    assert not is_published(studio.database, text)

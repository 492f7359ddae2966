"""A full disk under each writer: it is named, nothing half-written stays, and it works when there is space."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from done_jobs import done_job, job_spec, output_spec, staged, visible
from postgres import own_postgres
from small_disk import MIB, PAGE, SmallDisk, mounted
from sqlalchemy import create_engine, select, text

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.pipeline.files import write_whole
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.images import write_image
from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.verify import verify_folder
from shotmill.pipeline.receipts import keep_receipt, read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.backup import backup_database
from shotmill.pipeline.store.migrate import upgrade
from shotmill.schema.errors import DiskFullError
from shotmill.schema.states import VersionState
from shotmill.schema.tables import Product, Version

STEPS = range(0, 20 * PAGE, PAGE)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def numbers(database: Database) -> tuple[list[int], list[int]]:
    """Numbers of versions, which all must be published, and the products' counters."""
    with database.read() as connection:
        rows = connection.execute(select(Version.number, Version.state)).all()
        counters = connection.scalars(select(Product.next_version)).all()
    assert {row.state for row in rows} == {VersionState.PUBLISHED}
    return [row.number for row in rows], list(counters)


def test_a_file_is_there_whole_or_not_at_all(disk: SmallDisk) -> None:
    disk.fill(leave=PAGE)
    with pytest.raises(OSError, match="space") as caught:
        write_whole(disk.path / "file", b"x" * (PAGE + 1))
    assert caught.value.errno == errno.ENOSPC
    assert files_in(disk.path) == ["ballast"]


@pytest.mark.parametrize("leave", [0, PAGE, 4 * PAGE])
def test_an_exr_is_there_whole_or_not_at_all(leave: int, disk: SmallDisk) -> None:
    pixels = np.random.default_rng(5).random((200, 300, 3)).astype(np.float16)
    disk.fill(leave=leave)
    with pytest.raises(DiskFullError, match=r"frame\.exr"):
        write_image(disk.path / "frame.exr", pixels)
    assert files_in(disk.path) == ["ballast"]


@pytest.mark.parametrize("leave", [0, PAGE])
def test_a_bundle_is_there_whole_or_not_at_all(leave: int, disk: SmallDisk) -> None:
    folder = JobFolder(disk.path / "jobs/J-1")
    disk.fill(leave=leave)
    with pytest.raises(DiskFullError, match="J-1"):
        write_bundle(job_spec(), folder)
    assert files_in(disk.path) == ["ballast"]
    disk.make_space()
    assert sorted(path.name for path in write_bundle(job_spec(), folder).iterdir()) == ["job.json", "template.json"]


def test_a_receipt_is_there_whole_or_not_at_all(disk: SmallDisk, tmp_path: Path) -> None:
    spec = job_spec()
    receipt = read_receipts(done_job(tmp_path / "job", spec), "render")[0]
    folder = JobFolder(disk.path / "job")
    disk.fill()
    for durable in (True, False):
        with pytest.raises(OSError, match="space"):
            keep_receipt(folder, receipt, durable=durable)
    assert files_in(disk.path) == ["ballast"]
    disk.make_space()
    assert keep_receipt(folder, receipt)


@pytest.mark.parametrize("leave", STEPS)
def test_a_publish_to_a_full_projects_folder_is_made_good_by_the_next(
    leave: int, disk: SmallDisk, sqlite_database: Database, settings: Settings, tmp_path: Path
) -> None:
    spec = job_spec()
    job = done_job(tmp_path / "job", spec)
    there = settings.model_copy(update={"projects_root": disk.path / "projects"})
    disk.fill(leave=leave)
    refused(lambda: run_publish(job, spec, there, sqlite_database), disk.path / "projects")
    disk.make_space()
    run_publish(job, spec, there, sqlite_database)
    assert numbers(sqlite_database) == ([1], [2])
    assert (visible(disk.path), staged(disk.path / "projects")) == (["v001"], [])


def refused(publish: Callable[[], object], named: Path) -> None:
    """It is published, or a full disk is told with a file below ``named`` and what to do; nothing stays in staging.

    Nothing half is visible: where only the commit found no space, the folder is whole, and the next run commits it.
    """
    try:
        publish()
    except DiskFullError as error:
        told = error
    else:
        return
    assert str(named) in told.message
    assert "space" in told.hint
    assert told.exit_code == 75
    assert staged(named) == []
    assert all(verify_folder(one.parent).problems == () for one in named.rglob("manifest.json"))


@pytest.mark.parametrize("leave", STEPS)
def test_a_publish_with_a_full_database_is_made_good_by_the_next(
    leave: int, disk: SmallDisk, settings: Settings, tmp_path: Path
) -> None:
    spec = job_spec()
    job = done_job(tmp_path / "job", spec)
    database = Database(f"sqlite:///{disk.path / 'shotmill.db'}")
    upgrade(database)
    database.dispose()
    disk.fill(leave=leave)
    refused(lambda: run_publish(job, spec, settings, database), disk.path / "shotmill.db")
    database.dispose()
    disk.make_space()
    report = run_publish(job, spec, settings, database)
    assert numbers(database) == ([1], [2])
    assert verify_folder(Path(report.versions[0].folder)).problems == ()
    assert (visible(settings.projects_folder), staged(settings.projects_folder)) == (["v001"], [])
    database.dispose()


@pytest.mark.parametrize("leave", range(0, 40 * PAGE, 2 * PAGE))
def test_a_publish_with_everything_on_a_full_disk_is_made_good_by_the_next(leave: int, disk: SmallDisk) -> None:
    spec = job_spec()
    job = done_job(disk.path / "job", spec)
    settings = Settings(home=disk.path / "home", user="artist")
    database = Database(settings.database_url)
    upgrade(database)
    database.dispose()
    disk.fill(leave=leave)
    refused(lambda: run_publish(job, spec, settings, database), disk.path)
    database.dispose()
    disk.make_space()
    run_publish(job, spec, settings, database)
    assert numbers(database) == ([1], [2])
    assert (visible(disk.path), staged(settings.projects_folder)) == (["v001"], [])
    database.dispose()


@pytest.mark.parametrize("files", range(2, 14))
def test_a_disk_without_room_for_more_files_is_full_too(
    files: int, sqlite_database: Database, settings: Settings, tmp_path: Path
) -> None:
    spec = job_spec()
    job = done_job(tmp_path / "job", spec)
    there = settings.model_copy(update={"projects_root": tmp_path / "disk"})
    with mounted(tmp_path / "disk", size=MIB, files=files):
        refused(lambda: run_publish(job, spec, there, sqlite_database), tmp_path / "disk")
    run_publish(job, spec, there, sqlite_database)
    assert numbers(sqlite_database) == ([1], [2])


def test_a_copy_of_the_database_is_there_whole_or_not_at_all(disk: SmallDisk, sqlite_database: Database) -> None:
    disk.fill(leave=100 * PAGE)
    with pytest.raises(DiskFullError, match=r"copy\.db"):
        backup_database(sqlite_database, disk.path / "copy.db")
    assert files_in(disk.path) == ["ballast"]
    disk.make_space()
    backup_database(sqlite_database, disk.path / "copy.db")
    assert files_in(disk.path) == ["copy.db"]


@pytest.fixture
def cramped_server() -> Iterator[tuple[str, SmallDisk]]:
    """A database of a real server whose tables lie on a disk of their own, and the disk.

    No other test uses the server: one that meets a full disk may go down.
    """
    place = Path(tempfile.mkdtemp(prefix="shotmill-tables-"))
    place.chmod(0o711)  # the server runs as a user of its own
    with mounted(place / "disk", size=16 * MIB) as disk, own_postgres() as server:
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            owner = Path(connection.execute(text("SHOW data_directory")).scalar_one()).stat()
            (disk.path / "tables").mkdir()
            os.chown(disk.path / "tables", owner.st_uid, owner.st_gid)
            connection.execute(text(f"CREATE TABLESPACE cramped LOCATION '{disk.path / 'tables'}'"))
            connection.execute(text("CREATE DATABASE cramped TABLESPACE cramped"))
        admin.dispose()
        base, _, query = server.partition("?")
        yield base.rpartition("/")[0] + "/cramped" + (f"?{query}" if query else ""), disk
    shutil.rmtree(place)


def test_a_publish_to_a_server_without_space_is_made_good_by_the_next(
    cramped_server: tuple[str, SmallDisk], settings: Settings, tmp_path: Path
) -> None:
    url, disk = cramped_server
    database = Database(url)
    upgrade(database)
    disk.fill()
    spec = job_spec(output_spec(frames="1-2000"))
    job = done_job(tmp_path / "job", spec, {frame: b"frame %d" % frame for frame in range(1, 2001)})
    with pytest.raises(DiskFullError, match="No space left"):
        run_publish(job, spec, settings, database)
    disk.make_space()
    run_publish(job, spec, settings, database)
    assert numbers(database) == ([1], [2])
    assert (visible(settings.projects_folder), staged(settings.projects_folder)) == (["v001"], [])
    database.dispose()

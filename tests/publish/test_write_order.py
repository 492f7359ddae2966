"""What a power cut would leave: all bytes are on the disk before their name, and all names before the commit."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from done_jobs import done_job, frame_file, job_spec, output_spec
from sqlalchemy import event

from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.paths import load_templates
from shotmill.pipeline.publish.draft import drafts_of
from shotmill.pipeline.publish.faults import set_fault
from shotmill.pipeline.publish.register import Origin, Place, _hold, find_published, register
from shotmill.pipeline.publish.stage import stage
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import StorageError

SPEC = job_spec(output_spec(frames="1001-1003"))


class Stopped(Exception):  # noqa: N818 - no error: the process is gone
    """The process is gone at this point."""


class Disk:
    """What of the files has not reached the disk yet, as POSIX promises it: fsync of a file is for its bytes, fsync of
    a folder for the names in it.

    Attributes:
        loose: names made in a folder since it was pushed to the disk, by the folder's inode.
        unwritten: inodes of files whose bytes were not pushed to the disk.
        seen: what was looked at: ``rename`` of a version's folder, ``commit`` of its rows.
    """

    def __init__(self, projects: Path) -> None:
        self.projects = projects
        self.loose: defaultdict[int, set[str]] = defaultdict(set)
        self.unwritten: set[int] = set()
        self.seen: list[str] = []
        self.is_told = False

    def made(self, path: Any, folder: int | None) -> None:
        """A name appeared."""
        place = Path(os.fspath(path))
        self.loose[os.fstat(folder).st_ino if folder is not None else place.parent.stat().st_ino].add(place.name)

    def pushed(self, handle: int) -> None:
        """What a handle stands for has reached the disk."""
        self.loose.pop(os.fstat(handle).st_ino, None)
        self.unwritten.discard(os.fstat(handle).st_ino)

    def check_content(self, folder: Path) -> None:
        """All bytes below a folder, and their names in it, are there."""
        assert [path.name for path in folder.rglob("*") if path.stat().st_ino in self.unwritten] == []
        assert self.loose.get(folder.stat().st_ino, set()) == set()
        assert any(folder.iterdir())

    def check_committed(self) -> None:
        """Of every version that can be seen the content is there, and the names of all folders that lead to it."""
        for manifest in self.projects.rglob("v*/manifest.json"):
            self.check_content(manifest.parent)
            for above in manifest.parent.parents:
                if above.is_relative_to(self.projects):
                    assert self.loose.get(above.stat().st_ino, set()) - {".staging"} == set(), above
        self.seen.append("commit")

    def on_point(self, point: str) -> None:
        """The publish passes a point."""
        self.is_told = point == "commit:told"

    def on_commit(self, _connection: object) -> None:
        """The database is about to commit."""
        if self.is_told:
            self.check_committed()


@pytest.fixture
def disk(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Listens to all that this process does to files, and to the database's commits."""
    settings.projects_folder.mkdir(parents=True)  # as a studio's is
    found = Disk(settings.projects_folder)
    _listen(found, monkeypatch)
    event.listen(database.engine, "commit", found.on_commit)
    set_fault(found.on_point)
    yield found
    set_fault(None)


def _listen(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    real: dict[str, Callable[..., Any]] = {
        name: getattr(os, name) for name in ("open", "mkdir", "link", "rename", "fsync", "fdatasync")
    }

    def made_by_open(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        handle = int(real["open"](path, flags, mode, dir_fd=dir_fd))
        if flags & os.O_CREAT:
            disk.made(path, dir_fd)
            disk.unwritten.add(os.fstat(handle).st_ino)
        return handle

    def made_by_mkdir(path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        real["mkdir"](path, mode, dir_fd=dir_fd)
        disk.made(path, dir_fd)

    def made_by_link(source: Any, name: Any, **more: Any) -> None:
        real["link"](source, name, **more)
        disk.made(name, more["dst_dir_fd"])
        disk.unwritten.add(os.stat(source).st_ino)  # noqa: PTH116 - an open file's second name

    def made_by_rename(source: Any, name: Any, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None) -> None:
        if str(name) == "v001":
            staged = Path(f"/proc/self/fd/{src_dir_fd}") / source
            disk.check_content(staged)
            disk.seen.append("rename")
        real["rename"](source, name, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        disk.made(name, dst_dir_fd)

    def pushed(name: str) -> Callable[[int], None]:
        def push(handle: int) -> None:
            real[name](handle)
            disk.pushed(handle)

        return push

    for name, instead in {
        "open": made_by_open,
        "mkdir": made_by_mkdir,
        "link": made_by_link,
        "rename": made_by_rename,
        "fsync": pushed("fsync"),
        "fdatasync": pushed("fdatasync"),
    }.items():
        monkeypatch.setattr(os, name, instead)


@pytest.fixture
def place(settings: Settings, database: Database) -> Place:
    return Place(database, settings.projects_folder, load_templates(), ("slack",))


@pytest.fixture(params=["sealed", "open"])
def job(request: pytest.FixtureRequest, tmp_path: Path) -> JobFolder:
    """A job whose files are published under a second name, or copied."""
    made = done_job(tmp_path / "job", SPEC)
    if request.param == "open":
        for frame in (1001, 1002, 1003):
            frame_file(made, frame)
    return made


def publish(job: JobFolder, place: Place) -> int:
    [draft] = drafts_of(job, SPEC)
    found = find_published(draft, place)
    return (found or register(stage(draft, place.project(draft)), place, Origin(None, "artist"))).number


def test_bytes_reach_the_disk_before_their_name_and_names_before_the_commit(
    job: JobFolder, place: Place, disk: Disk
) -> None:
    assert publish(job, place) == 1
    assert disk.seen == ["rename", "commit"]


@pytest.mark.parametrize("point", ["rename:parents", "rename:after"])
def test_what_a_killed_run_did_not_push_to_the_disk_the_next_run_does(
    point: str, job: JobFolder, place: Place, disk: Disk
) -> None:
    def stop(passed: str) -> None:
        if passed == point:
            raise Stopped(point)

    set_fault(stop)
    with pytest.raises(Stopped):
        publish(job, place)
    set_fault(disk.on_point)
    assert publish(job, place) == 1
    assert disk.seen[-1] == "commit"


@pytest.mark.parametrize("forgotten", ["fsync", "fdatasync"])
def test_a_publish_that_forgets_to_push_would_be_noticed(
    forgotten: str, job: JobFolder, place: Place, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, forgotten, lambda _handle: None)
    with pytest.raises(AssertionError):
        publish(job, place)
    assert disk.seen == []


def test_a_version_whose_folder_went_away_meanwhile_is_not_said_to_be_safe(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    with pytest.raises(StorageError, match="sq010"):
        _hold(tmp_path / "demo/sq010/comp/v001", tmp_path / "demo")

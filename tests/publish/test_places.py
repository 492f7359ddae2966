"""Where a publish goes: read-only, another file system, behind links, odd names; and what happens to it afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from disks import other_disk
from done_jobs import done_job, job_spec, opened, staged, visible
from sqlalchemy import func, select

from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.verify import verify_folder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.errors import PathJailError, StorageError, VersionConflictError
from shotmill.schema.publishing import PublishReport
from shotmill.schema.tables import Version
from shotmill.submitters.cli.root import invoke

FIRST = "sh010_comp_v001.1001.bin"


class Shop:
    """A done job and the studio that publishes it."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.settings, self.database = settings, database
        self.spec = job_spec()
        self.folder = done_job(folder, self.spec)

    def publish(self, projects: Path) -> PublishReport:
        settings = self.settings.model_copy(update={"projects_root": projects})
        return run_publish(self.folder, self.spec, settings, self.database)

    def versions(self) -> int:
        with self.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(Version)).scalar_one())


@pytest.fixture
def shop(settings: Settings, sqlite_database: Database, tmp_path: Path) -> Shop:
    return Shop(settings, sqlite_database, tmp_path / "job")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write there, not even root: the folder is a mount, or immutable where nothing can be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    lock, unlock = [["chattr", "+i", str(folder)], ["chattr", "-i", str(folder)]]
    if os.geteuid() != 0:
        lock, unlock = [["chmod", "a-w", str(folder)], ["chmod", "u+w", str(folder)]]
    elif (
        subprocess.run(["mount", "--bind", "-o", "ro", folder, folder], check=False, capture_output=True).returncode
        == 0
    ):
        lock, unlock = [["true"], ["umount", "--lazy", str(folder)]]
    subprocess.run(lock, check=True)
    try:
        yield
    finally:
        subprocess.run(unlock, check=True)


@pytest.mark.parametrize("place", ["projects", "projects/demo", "projects/demo/shots/sq010/sh010/publish/comp"])
def test_a_place_that_cannot_be_written_is_named(place: str, shop: Shop, tmp_path: Path) -> None:
    with read_only(tmp_path / place), pytest.raises(StorageError, match="cannot be written") as caught:
        shop.publish(tmp_path / "projects")
    assert str(tmp_path / "projects") in caught.value.message
    assert "permissions" in caught.value.hint
    assert (visible(tmp_path / "projects"), staged(tmp_path / "projects")) == ([], [])
    assert shop.publish(tmp_path / "projects").versions[0].number == 1
    assert shop.versions() == 1


@pytest.mark.parametrize(
    "name",
    ["two words", 'it\'s "quoted"', "$HOME `id` ; rm -rf *", "#%&{}[]", "\N{SNOWMAN} \u00e9", "-rf", "a\nb"],
)
def test_a_projects_folder_may_have_any_name(name: str, shop: Shop, tmp_path: Path) -> None:
    report = shop.publish(tmp_path / name / "projects")
    assert report.versions[0].folder.startswith(str(tmp_path / name))
    assert verify_folder(Path(report.versions[0].folder)).problems == ()


def test_a_projects_folder_may_be_a_link(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "projects").symlink_to(tmp_path / "real")
    shop.publish(tmp_path / "projects")
    assert visible(tmp_path / "real") == ["v001"]


def test_a_project_that_is_a_link_stays_a_project(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "projects").mkdir()
    (tmp_path / "fast disk").mkdir()
    (tmp_path / "projects/demo").symlink_to(tmp_path / "fast disk")
    shop.publish(tmp_path / "projects")
    assert visible(tmp_path / "fast disk") == ["v001"]


def test_a_link_to_nowhere_is_no_version(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "projects/demo/shots/sq010/sh010/publish/comp"
    folder.mkdir(parents=True)
    (folder / "v001").symlink_to(tmp_path / "nowhere")
    with pytest.raises((VersionConflictError, PathJailError), match="v001"):
        shop.publish(tmp_path / "projects")
    assert not (tmp_path / "nowhere").exists()
    (folder / "v001").unlink()
    assert shop.publish(tmp_path / "projects").versions[0].number == 1


def test_a_file_in_the_place_of_a_folder_is_named(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "projects/demo/shots"
    folder.mkdir(parents=True)
    (folder / "sq010").write_text("not a folder")
    with pytest.raises(StorageError, match="sq010"):
        shop.publish(tmp_path / "projects")
    assert staged(tmp_path / "projects") == []


def test_work_on_another_disk_is_copied_over(shop: Shop, tmp_path: Path) -> None:
    place = other_disk(tmp_path) / f"shotmill-{os.getpid()}"
    try:
        report = shop.publish(place)
        assert verify_folder(Path(report.versions[0].folder)).problems == ()
    finally:
        shutil.rmtree(place)


def test_a_version_that_another_disk_is_mounted_on_is_left_alone(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "projects/demo/shots/sq010/sh010/publish/comp/v001/old").mkdir(parents=True)
    with pytest.raises(VersionConflictError, match="move it away"):
        shop.publish(tmp_path / "projects")


def edit_manifest(folder: Path) -> None:
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text.replace('"author"', '"author" '))


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        pytest.param(shutil.rmtree, "is not there", id="folder gone"),
        pytest.param(lambda folder: (folder / "manifest.json").unlink(), "is not there", id="manifest gone"),
        pytest.param(lambda folder: (folder / "manifest.json").write_text("{"), "cannot be read", id="manifest broken"),
        pytest.param(lambda folder: (folder / FIRST).unlink(), "is not there", id="frame gone"),
        pytest.param(lambda folder: opened(folder / FIRST).write_bytes(b"x"), "1 bytes instead", id="frame edited"),
        pytest.param(lambda folder: (folder / "more.bin").touch(), "added after", id="file added"),
        pytest.param(edit_manifest, "changed after the publish", id="manifest edited"),
    ],
)
def test_verify_names_what_was_done_by_hand(
    damage: Callable[[Path], object], problem: str, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shop.publish(shop.settings.projects_folder).versions[0].folder)
    assert invoke(["verify", "demo:sq010/sh010/comp@v001"]) == 0
    damage(folder)
    for which in ("demo:sq010/sh010/comp@v001", "--all"):
        capsys.readouterr()
        assert invoke(["verify", which]) == 65
        said = capsys.readouterr().out
        assert problem in said
        assert str(folder) in said


def test_verify_names_what_is_no_file_and_leaves_staging_out(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(shop.publish(shop.settings.projects_folder).versions[0].folder)
    shutil.copytree(folder, shop.settings.projects_folder / "demo/.staging/half")
    (folder / FIRST).unlink()
    (folder / FIRST).mkdir()
    assert invoke(["verify", str(shop.settings.projects_folder)]) == 65
    said = capsys.readouterr().out
    assert f"{FIRST} (frame 1001) is no file any more" in said
    assert "1 version, 3 files" in said


def test_verify_of_a_folder_needs_no_manifest_that_can_be_read(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(shop.publish(shop.settings.projects_folder).versions[0].folder)
    (folder / "manifest.json").write_text("{")
    assert invoke(["verify", str(folder)]) == 65
    assert "cannot be read" in capsys.readouterr().out


def test_verify_names_a_file_that_cannot_be_read(shop: Shop) -> None:
    folder = Path(shop.publish(shop.settings.projects_folder).versions[0].folder)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace(FIRST, f"{FIRST}/inside"))
    found = verify_folder(folder).problems
    assert [problem.problem for problem in found] == ["cannot be read: Not a directory", "was added after the publish"]

"""What other publishes, tasks and people do between a look and an act."""

from __future__ import annotations

import shutil
from pathlib import Path

from done_jobs import done_job, frame_file, job_spec
from meanwhile import meanwhile

from shotmill.pipeline.publish import run_publish
from shotmill.pipeline.publish.stage import STAGING
from shotmill.pipeline.publish.verify import version_folders
from shotmill.pipeline.receipts import keep_receipt, read_receipt, sound_receipt
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.schema.frames import FrameSet
from shotmill.schema.receipts import Receipt

ONE = FrameSet.parse("1")


def test_a_publish_that_leaves_last_may_find_staging_gone(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    spec = job_spec()
    staging = settings.projects_folder / "demo" / STAGING
    with meanwhile(staging.rmdir, before="scandir", fits=str(staging).__eq__):
        report = run_publish(done_job(tmp_path / "job", spec), spec, settings, sqlite_database)
    assert (report.outcome, staging.exists()) == ("published", False)


def test_versions_are_listed_although_a_folder_goes_meanwhile(tmp_path: Path) -> None:
    for name in (".staging/made", "shots/gone", "shots/there"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "manifest.json").touch()
    gone = tmp_path / "shots" / "gone"
    with meanwhile(lambda: shutil.rmtree(gone), before="scandir", fits=str(gone).__eq__):
        assert list(version_folders(tmp_path)) == [tmp_path / "shots" / "there"]


class Again:
    """A task whose files went away, and that is done again, by two attempts at a time."""

    def __init__(self, root: Path) -> None:
        self.folder = done_job(root, job_spec())
        self.place = self.folder.attempt("render", ONE, "x").parent
        self.first = read_receipt(self.folder.receipt("render", ONE))
        self.made = {name: self._done(name) for name in ("002-a", "002-b")}
        shutil.rmtree(self.place / "001-test")

    def _done(self, name: str) -> Receipt:
        shutil.copytree(self.place / "001-test", self.place / name)
        return self.first.model_copy(update={"attempt": name, "root": f"{Path(self.first.root).parent}/{name}"})

    def keep(self, name: str) -> bool:
        return keep_receipt(self.folder, self.made[name])


def test_of_two_attempts_that_replace_a_receipt_one_wins_and_knows_it(tmp_path: Path) -> None:
    again = Again(tmp_path / "job")

    def other() -> None:
        assert again.keep("002-a")

    with meanwhile(other, before="open", fits="001-test".__eq__):
        assert not again.keep("002-b")
    stands = sound_receipt(again.folder, "render", ONE)
    assert stands is not None
    assert stands.attempt == "002-a"
    assert frame_file(again.folder, 1001).is_file()

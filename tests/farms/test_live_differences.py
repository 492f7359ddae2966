"""What really ran is compared with what was asked for: what a farm did otherwise is found and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shotmill.farm_plugins.lived import BAIT, LINES, WORDS, LiveJob, differences
from shotmill.farm_plugins.memory import MemoryEngine
from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database

Change = Callable[[JobFolder], None]


class Site:
    """Small jobs that were run in this process, with the argv that a host would give them."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database
        self.engine = MemoryEngine(settings)

    def ran(self, shape: str) -> LiveJob:
        params = {"shape": shape, "words": WORDS, "lines": LINES, "publish": False}
        request = SubmitRequest("selftest", params=params, project="selftest")
        made = submit(request, settings=self._settings, database=self._database, engine=self.engine)
        folder = JobFolder(Path(made.job.folder))
        self.engine.run(made.job.id)
        for path in folder.root.glob("attempts/**/*.json"):
            step = path.relative_to(folder.root).parts[1]
            frames = json.loads(path.read_text())["frames"]
            argv = ["task", "--bundle", str(folder.bundle), "--step", step, "--frames", frames]
            rewrite(path, argv=argv)
        for log in folder.root.rglob("*.log"):  # in a process of its own, all that is printed is there
            with log.open("a") as text:
                text.writelines(f"selftest line {number} of {LINES}\n" for number in range(1, LINES + 1))
        return LiveJob(shape, folder.read_spec(), folder, self.engine.status(made.job.id))

    def differences(self, job: LiveJob) -> dict[str, str]:
        return {aspect: said for aspect, said in differences(self.engine, job) if said and aspect != "files"}


@pytest.fixture
def site(settings: Settings, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return Site(settings, sqlite_database)


def rewrite(path: Path, **changes: object) -> None:
    path.chmod(0o644)
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def told(folder: JobFolder, **changes: Any) -> None:
    """Let one task have told something else."""
    rewrite(min(folder.root.glob("attempts/**/*.json")), **changes)


def receipt(folder: JobFolder, step: str = "", **changes: Any) -> None:
    rewrite(min(folder.root.glob(f"receipts/{step or '*'}/*.json")), **changes)


def without_log_lines(folder: JobFolder) -> None:
    for path in folder.root.rglob("*.log"):
        path.write_text("selftest line 1 of 200\n")


def without_receipt(folder: JobFolder) -> None:
    min(folder.root.glob("receipts/*/*.json")).unlink()


@pytest.mark.parametrize("shape", ["frames", "chunks", "gaps", "order"])
def test_a_job_that_was_done_as_it_was_asked_for_differs_in_nothing(shape: str, site: Site) -> None:
    assert site.differences(site.ran(shape)) == {}


@pytest.mark.parametrize(
    ("shape", "change", "aspect", "said"),
    [
        pytest.param("frames", without_receipt, "frames", "1 of 2 frames not done", id="a frame lost"),
        pytest.param("frames", lambda one: receipt(one, done="1002"), "frames", "1 too often", id="a frame twice"),
        pytest.param("chunks", lambda one: receipt(one, frames="1-10x3"), "chunks", "a chunk of 4, 3", id="long"),
        pytest.param("gaps", lambda one: receipt(one, frames="3,7"), "chunks", "crosses a gap", id="a gap crossed"),
        pytest.param("chunks", without_receipt, "chunks", "2 chunks asked for, 1 found", id="a chunk less"),
        pytest.param(
            "order", lambda one: receipt(one, "last", started="2020-01-01T00:00:00Z"), "order",
            "last began before left had ended", id="a step too early",
        ),
        pytest.param("frames", lambda one: told(one, argv=["task"]), "argv", "each: task", id="another argv"),
        pytest.param("frames", lambda one: told(one, words="~"), "parameters", "reach tasks changed", id="words"),
        pytest.param("frames", lambda one: told(one, variables=[BAIT]), "variables", "who", id="a leak"),
        pytest.param(
            "frames", lambda one: told(one, values={"SHOTMILL_JOB": "x"}), "variables", "another job", id="other job"
        ),
        pytest.param(
            "frames", lambda one: told(one, values={"CUDA_VISIBLE_DEVICES": "0"}), "variables", "sees 0", id="a GPU"
        ),
        pytest.param("frames", without_log_lines, "logs", "lacks lines", id="a log cut off"),
    ],
)  # fmt: skip
def test_what_was_done_otherwise_is_named(shape: str, change: Change, aspect: str, said: str, site: Site) -> None:
    job = site.ran(shape)
    change(job.folder)
    found = site.differences(job)
    assert said in found[aspect]


def test_files_that_changed_since_their_receipt_are_named(site: Site) -> None:
    found = dict(differences(site.engine, site.ran("frames")))  # the test has put an argv into them
    assert found["files"] == "each: files of frames 1001 are not what their receipt says"


def test_a_job_that_was_not_done_says_so_and_nothing_else(site: Site) -> None:
    job = site.ran("frames")
    job.status = None
    assert site.differences(job) == {"done": "not done in 0 s; handed over"}

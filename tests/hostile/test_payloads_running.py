"""Hostile names in real processes: command line, engine, tasks and publish run, and nothing in a name does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import run_process, stop_engines, write_frames
from engine_studio import Studio
from payloads import STRONGEST
from studio_jobs import install_trial

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.openjd import task_argv
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.migrate import ensure_schema
from shotmill.schema.states import State

pytestmark = [pytest.mark.hostile, pytest.mark.slow]
HOSTILE = "$(touch canary) `touch canary`;touch canary;'\"{{Param.Shotmill}}%41&x=1#y"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which everything is started: nothing of a name has been executed when the test ends."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    assert [*folder.iterdir(), *tmp_path.rglob("canary")] == []


@pytest.fixture
def home(here: Path, tmp_path: Path) -> Iterator[Path]:
    """A home whose own name is hostile; no engine outlives it."""
    assert here.is_dir()
    yield tmp_path / HOSTILE
    stop_engines(tmp_path / HOSTILE)


@pytest.fixture
def plates(tmp_path: Path) -> list[Path]:
    """Pictures with hostile names, in folders with hostile names."""
    picture = write_frames(tmp_path / "plate", 1).with_name("plate.0001.png")
    made = [tmp_path / "plates" / f"{text}" / f"{text}.png" for text in STRONGEST]
    for path in made:
        path.parent.mkdir(parents=True)
        shutil.copyfile(picture, path)
    return made


def test_plates_of_hostile_names_are_published_and_nothing_is_executed(home: Path, plates: list[Path]) -> None:
    words = ("submit", "thumbnail", "--comment", HOSTILE, "--wait", "--json", "--", *plates)
    ran = run_process(*words, home=home, env={"SHOTMILL_IDLE_S": "2", "SHOTMILL_USER": HOSTILE})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(json.loads(ran.stdout)["versions"]) == len(plates)
    shown = json.loads(run_process("versions", "--json", home=home).stdout)["versions"]
    assert {(one["comment"], one["author"]) for one in shown} == {(HOSTILE, HOSTILE)}


def test_the_one_argv_reads_a_bundle_of_any_name(here: Path, tmp_path: Path, plates: list[Path]) -> None:
    settings = Settings(home=tmp_path / "home", user=HOSTILE)
    request = SubmitRequest("thumbnail", plates=[str(path) for path in plates], comment=HOSTILE)
    spec = plan(request, settings).spec
    folder = JobFolder(tmp_path / HOSTILE)
    bundle = write_bundle(spec, folder)
    for chunk in spec.steps[0].chunks():
        words = task_argv([sys.executable, "-m", "shotmill"], bundle=str(bundle), step="render", frames=str(chunk))
        subprocess.run(words, cwd=here, check=True, capture_output=True, timeout=60)
    outputs = [output for receipt in read_receipts(folder, "render") for output in receipt.outputs]
    assert sorted(output.facts["source"] for output in outputs) == sorted(map(str, plates))


def test_a_session_of_openjd_runs_a_job_in_a_folder_of_any_name(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here.is_dir()
    site = install_trial(tmp_path / "site")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.delitem(sys.modules, "studio_trial", raising=False)
    settings = Settings(home=tmp_path / HOSTILE, user="artist", idle_s=2.0, cpu_slots=2)
    database = Database(settings.database_url)
    ensure_schema(database)
    studio = Studio(settings, database)
    try:
        made = studio.submit(warm=False, publish=True, text=HOSTILE, frames="1-2", chunk=2)
        assert studio.wait(made).state is State.SUCCEEDED, studio.log()
    finally:
        studio.close()
        database.dispose()


@pytest.mark.parametrize("name", ["a?x=1", "a\nb", "a\u202eb"])
def test_a_home_that_no_database_url_can_name_is_refused(here: Path, tmp_path: Path, name: str) -> None:
    ran = run_process("jobs", home=tmp_path / name)
    assert (ran.returncode, ran.stderr[:4]) == (69, "E110"), ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == [here.name]

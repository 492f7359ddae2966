"""Commands on a full disk: one plain error, no traceback, nothing half-done; they work when there is space."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from command_line import run_process, write_frames
from done_jobs import staged, visible
from engine_studio import Studio
from small_disk import SmallDisk
from sqlalchemy import select

from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.jobs import attempts_of
from shotmill.schema.states import State
from shotmill.schema.tables import Product, Version

KIB = 1024
Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    return write_frames(tmp_path / "plate", 1001, 1002, 1003)


@pytest.fixture
def shotmill(home: Path) -> Callable[..., Ran]:
    def run(*arguments: object, **env: str) -> Ran:
        return run_process(*arguments, home=home, env=env)

    return run


def check_refused(ran: Ran, *names: object) -> None:
    """The command says that a disk is full, where, and what to do; in words, not in a traceback."""
    assert ran.returncode == 75, ran
    assert ran.stderr.startswith("E301 no space is left for")
    assert "what to do: make space" in ran.stderr
    assert "Traceback" not in ran.stderr + ran.stdout
    assert any(str(name) in ran.stderr for name in names), ran.stderr


def published(home: Path) -> tuple[list[int], list[int]]:
    database = Database(Settings(home=home).database_url)
    with database.read() as connection:
        found = list(connection.scalars(select(Version.number))), list(connection.scalars(select(Product.next_version)))
    database.dispose()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("leave", [0, 200 * KIB, 480 * KIB])
def test_a_first_submit_on_a_full_disk_is_refused_and_works_when_there_is_space(
    leave: int, disk: SmallDisk, home: Path, plate: Path, shotmill: Callable[..., Ran]
) -> None:
    disk.fill(leave=leave)
    check_refused(shotmill("submit", "thumbnail", plate, "--wait"), home)
    assert visible(home / "projects") == []
    disk.make_space()
    assert shotmill("submit", "thumbnail", plate, "--wait").returncode == 0
    assert (published(home), visible(home / "projects"), staged(home / "projects")) == (([1], [2]), ["v001"], [])


@pytest.mark.slow
@pytest.mark.parametrize("leave", [0, 60 * KIB, 120 * KIB])
def test_a_submit_on_a_disk_that_fills_up_says_so_and_goes_on_when_there_is_space(
    leave: int, disk: SmallDisk, home: Path, plate: Path, shotmill: Callable[..., Ran]
) -> None:
    assert shotmill("db", "upgrade").returncode == 0
    disk.fill(leave=leave)
    first = shotmill("submit", "thumbnail", plate, "--wait")
    check_refused(first, home)
    disk.make_space()
    again = shotmill("submit", "thumbnail", plate, "--wait")
    assert again.returncode == 0, (first, again)
    assert (published(home), visible(home / "projects"), staged(home / "projects")) == (([1], [2]), ["v001"], [])


@pytest.mark.slow
def test_a_full_projects_folder_fails_the_job_and_a_retry_publishes_it(
    disk: SmallDisk, tmp_path: Path, plate: Path
) -> None:
    def shotmill(*arguments: object) -> Ran:
        environment = {"SHOTMILL_PROJECTS_ROOT": str(disk.path / "projects"), "SHOTMILL_IDLE_S": "1"}
        return run_process(*arguments, home=tmp_path / "home", env=environment)

    disk.fill()
    failed = shotmill("submit", "thumbnail", plate, "--wait")
    assert failed.returncode == 75
    assert f"no space is left for {disk.path / 'projects'}" in failed.stdout
    assert (visible(disk.path), staged(disk.path / "projects")) == ([], [])
    disk.make_space()
    handle = failed.stdout.split()[1].rstrip(":")
    assert shotmill("retry", handle).returncode == 0
    assert shotmill("wait", handle).returncode == 0
    assert (published(tmp_path / "home"), visible(disk.path)) == (([1], [2]), ["v001"])


@pytest.mark.slow
def test_the_end_of_a_task_that_could_not_be_stored_is_stored_when_there_is_space(
    disk: SmallDisk, trial_studio: Studio
) -> None:
    made = trial_studio.submit(frames="1", action="fill", on=1, text=str(disk.path / "ballast"))
    trial_studio.until(lambda: "E301" in trial_studio.log())
    disk.make_space()
    assert trial_studio.wait(made).state is State.SUCCEEDED
    assert [attempt.state for attempt in attempts_of(trial_studio.database, made.job.id)] == ["succeeded"]


@pytest.mark.parametrize(
    ("command", "made"),
    [
        pytest.param(["new", "despill"], "despill/pyproject.toml", id="job type"),
        pytest.param(["compile", "thumbnail", "PLATE", "--out", "bundle"], "bundle/bundle/template.json", id="bundle"),
        pytest.param(["db", "backup", "copy.db"], "copy.db", id="backup"),
        pytest.param(["demo", "--folder", "demo"], "demo/home/shotmill.toml", id="demo"),
    ],
)
def test_what_a_command_writes_is_there_whole_or_not_at_all(
    command: Sequence[str], made: str, disk: SmallDisk, tmp_path: Path, plate: Path
) -> None:
    words = [str(plate) if word == "PLATE" else word for word in command]
    assert run_process("db", "upgrade", home=tmp_path / "home").returncode == 0
    disk.fill()
    refused = run_process(*words, home=tmp_path / "home", cwd=disk.path)
    check_refused(refused, disk.path, made.partition("/")[0])
    assert [path for path in disk.path.rglob("*") if path.is_file()] == [disk.path / "ballast"]
    disk.make_space()
    if command[0] != "demo":  # which takes half a minute
        assert run_process(*words, home=tmp_path / "home", cwd=disk.path).returncode == 0
        assert (disk.path / made).stat().st_size > 0

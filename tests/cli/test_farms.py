"""The command line over a farm that a studio brought in a wheel of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import Shotmill
from spool_farm import install_spool

from shotmill.submitters.cli.root import invoke


@pytest.fixture
def spool(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a farm that is installed; its jobs run when they are looked at."""
    site = install_spool(tmp_path / "site")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("SHOTMILL_HOME", str(home))
    monkeypatch.setenv("SHOTMILL_ENGINE", "spool")
    monkeypatch.setenv("SPOOL", str(tmp_path / "spool"))
    (tmp_path / "spool").mkdir()
    return tmp_path / "spool"


@pytest.mark.usefixtures("spool")
def test_a_job_on_a_farm_is_published_like_any_other(plate: Path, shotmill: Shotmill) -> None:
    made = shotmill("submit", "thumbnail", plate, "--wait", "--json")
    assert (made.exit_code, made.json["job"]["state"], made.json["job"]["engine"]) == (0, "succeeded", "spool")
    assert len(shotmill("versions", "--json").json["versions"]) == 1
    again = shotmill("submit", "thumbnail", plate, "--json")
    assert (again.exit_code, again.json["is_new"]) == (0, False)


@pytest.mark.usefixtures("spool")
def test_a_dead_task_blocks_its_job_with_the_words_of_the_task(broken_plate: Path, shotmill: Shotmill) -> None:
    made = shotmill("submit", "thumbnail", broken_plate, "--wait", "--json")
    status = shotmill("status", "--json").json
    assert (made.exit_code, status["job"]["state"]) == (65, "blocked")
    assert "SHOTMILL E205 input-corrupt" in status["job"]["failure"]
    assert "E205" in shotmill("logs").out


@pytest.mark.usefixtures("spool")
def test_tasks_of_a_farm_tell_host_attempts_and_logs(plate: Path, shotmill: Shotmill) -> None:
    shotmill("submit", "thumbnail", plate, "--wait")
    tasks = shotmill("tasks", "--json").json["tasks"]
    assert [(task["step"], task["state"], task["attempts"]) for task in tasks][-1] == ("publish", "succeeded", 1)
    assert {task["host"] for task in tasks} == {os.uname().nodename.split(".")[0]}
    assert "done: " in shotmill("logs").out


def test_a_job_for_a_farm_that_is_down_is_kept_and_sent_once(spool: Path, plate: Path, shotmill: Shotmill) -> None:
    (spool / "down").touch()
    refused = shotmill("submit", "thumbnail", plate)
    assert (refused.exit_code, refused.err.count("\n")) == (75, 2)
    kept = shotmill("submit", "thumbnail", plate, "--queue", "--json")
    assert kept.exit_code == 0
    assert "is kept, and shotmill reconcile sends it" in kept.json["warnings"][0]
    assert shotmill("reconcile").exit_code == 75
    (spool / "down").unlink()
    [sent] = shotmill("reconcile", "--json").json["jobs"]
    assert (sent["sent"], sent["problem"]) == (True, "")
    [looked] = shotmill("reconcile", "--json").json["jobs"]
    assert (looked["sent"], looked["state"]) == (False, "succeeded")
    assert len(list(spool.iterdir())) == 1
    assert shotmill("reconcile").out == "no job is open on a farm\n"


def test_what_was_known_stands_while_a_farm_does_not_answer(spool: Path, plate: Path, shotmill: Shotmill) -> None:
    (spool / "closed").touch()
    shotmill("submit", "thumbnail", plate)
    (spool / "down").touch()
    status = shotmill("status", "--json")
    assert (status.exit_code, status.json["job"]["state"]) == (0, "queued")
    assert "the spool farm does not answer; what follows is what was known before" in status.err


def test_a_job_is_ended_on_its_farm(spool: Path, plate: Path, shotmill: Shotmill) -> None:
    (spool / "closed").touch()
    shotmill("submit", "thumbnail", plate)
    handle = shotmill("status", "--json").json["job"]["handle"]
    assert shotmill("cancel", handle).exit_code == 0
    assert shotmill("status", "--json").json["job"]["state"] == "cancelled"
    (spool / "closed").unlink()
    assert shotmill("retry", handle).exit_code == 0
    assert shotmill("wait", handle, "--json").json["job"]["state"] == "succeeded"


@pytest.mark.parametrize("name", ["local", "opencue"])
def test_a_wheel_cannot_take_an_engines_name(
    name: str, tmp_path: Path, plate: Path, monkeypatch: pytest.MonkeyPatch, shotmill: Shotmill
) -> None:
    monkeypatch.syspath_prepend(str(install_spool(tmp_path / "site", name=name)))
    ran = shotmill("submit", "thumbnail", plate, "--engine", name)
    assert ran.exit_code == 69
    assert f"engine '{name}' is claimed by Shotmill itself and spool-{name} 1.0" in ran.err


def test_an_unknown_engine_is_answered_with_its_neighbours(plate: Path, shotmill: Shotmill) -> None:
    ran = shotmill("submit", "thumbnail", plate, "--engine", "opncue")
    assert "there is no engine 'opncue'; did you mean: opencue" in ran.err
    assert invoke(["--help"]) == 0


def test_doctor_proves_the_connection_to_a_farm(spool: Path, shotmill: Shotmill) -> None:
    ran = shotmill("doctor", "--engine", "spool")
    assert (ran.exit_code, ran.out.splitlines()[0].split()) == (0, ["ok", "spool", "0", "jobs", "in", str(spool)])
    (spool / "down").touch()
    ran = shotmill("doctor", "--engine", "spool")
    assert ran.exit_code == 69
    assert "what to do: remove the file 'down'" in ran.out

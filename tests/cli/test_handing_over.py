"""A job that is handed to its farm in the background: the prompt is back at once, and nothing is lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from command_line import Shotmill, wait_until
from spool_farm import install_spool

from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import EngineRefusedError
from shotmill.submitters.cli import follow


@pytest.fixture
def spool(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a farm that is installed, and that runs nothing."""
    site = install_spool(tmp_path / "site")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("SHOTMILL_HOME", str(home))
    monkeypatch.setenv("SHOTMILL_ENGINE", "spool")
    folder = tmp_path / "spool"
    monkeypatch.setenv("SPOOL", str(folder))
    folder.mkdir()
    (folder / "closed").touch()
    return folder


def on_farm(spool: Path) -> list[str]:
    return [path.name for path in spool.iterdir() if "-" in path.name]


def log_of(home: Path) -> str:
    [path] = Settings(home=home).jobs_folder.glob("*/handover.log")
    return path.read_text()


def test_a_job_is_handed_over_after_the_prompt_is_back(
    spool: Path, plate: Path, home: Path, shotmill: Shotmill
) -> None:
    made = shotmill("submit", "thumbnail", plate, "--later", "--json")
    handle = made.json["job"]["handle"]
    assert (made.exit_code, made.json["warnings"]) == (0, [f"{handle} is on its way to spool"])
    wait_until(lambda: log_of(home).endswith("\n"))
    assert log_of(home) == f"{handle} is handed to spool\n"
    assert len(on_farm(spool)) == 1


def test_what_keeps_a_job_from_its_farm_stays_with_it_until_it_is_sent(
    spool: Path, plate: Path, home: Path, shotmill: Shotmill
) -> None:
    (spool / "down").touch()
    assert shotmill("submit", "thumbnail", plate, "--later").exit_code == 0
    wait_until(lambda: log_of(home))
    job = shotmill("status", "--json").json["job"]
    assert job["state"] == "queued"
    assert job["failure"].startswith("SHOTMILL E401 ")
    assert "the spool farm does not answer" in job["failure"]
    (spool / "down").unlink()
    [sent] = shotmill("reconcile", "--json").json["jobs"]
    assert sent["sent"]
    assert shotmill("status", "--json").json["job"]["failure"] is None
    assert len(on_farm(spool)) == 1


def test_whoever_waits_is_told_what_keeps_a_job_from_its_farm_and_has_it_sent_again(
    spool: Path, plate: Path, home: Path, shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "LOOK_AFTER_S", 0.0)
    monkeypatch.setattr(follow, "SEND_AFTER_S", 0.0)
    (spool / "down").touch()
    shotmill("submit", "thumbnail", plate, "--later")
    wait_until(lambda: log_of(home))
    waited = shotmill("wait", "--timeout", "0.5")
    assert waited.exit_code == follow.EXIT_TIMEOUT
    assert waited.err.count("is not at its farm yet: SHOTMILL E401 ") == 1
    (spool / "down").unlink()
    assert shotmill("wait", "--timeout", "0.5").exit_code == follow.EXIT_TIMEOUT
    assert len(on_farm(spool)) == 1


def test_whoever_waits_for_what_a_farm_refuses_does_not_wait(
    spool: Path, plate: Path, home: Path, shotmill: Shotmill
) -> None:
    (spool / "full").touch()
    shotmill("submit", "thumbnail", plate, "--later")
    wait_until(lambda: log_of(home))
    waited = shotmill("wait")
    assert (waited.exit_code, "SHOTMILL E402 " in waited.out) == (EngineRefusedError.exit_code, True), waited
    assert "then: shotmill reconcile" in waited.out


def test_a_job_whose_messenger_died_is_sent_once(
    spool: Path, plate: Path, shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shotmill.farm_plugins.handover.MODULE", "this.module.is.gone")
    assert shotmill("submit", "thumbnail", plate, "--later").exit_code == 0
    assert on_farm(spool) == []
    [sent] = shotmill("reconcile", "--json").json["jobs"]
    again = shotmill("submit", "thumbnail", plate, "--json")
    assert (sent["sent"], again.json["is_new"], len(on_farm(spool))) == (True, False, 1)


def test_a_job_that_is_cancelled_before_it_was_sent_is_not_sent(
    spool: Path, plate: Path, home: Path, shotmill: Shotmill
) -> None:
    (spool / "down").touch()
    shotmill("submit", "thumbnail", plate, "--later")
    wait_until(lambda: log_of(home))
    (spool / "down").unlink()
    handle = shotmill("status", "--json").json["job"]["handle"]
    assert shotmill("cancel", handle).exit_code == 0
    assert shotmill("reconcile", handle).exit_code == 0
    assert on_farm(spool) == []


@pytest.mark.usefixtures("spool")
def test_a_studio_may_set_it_for_everybody(
    plate: Path, home: Path, shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOTMILL_SUBMIT_LATER", "true")
    assert "is on its way to spool" in shotmill("submit", "thumbnail", plate).err
    wait_until(lambda: log_of(home))


@pytest.mark.parametrize("engine", ["opencue", "deadline"])
def test_the_prompt_of_a_farm_that_hangs_is_back_at_once(
    engine: str, plate: Path, home: Path, shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOTMILL_OPENCUE_HOSTS", "192.0.2.1")  # RFC 5737: nobody is there
    monkeypatch.setenv("SHOTMILL_OPENCUE_USER", "artist")
    monkeypatch.setenv("SHOTMILL_OPENCUE_TIMEOUT_S", "60")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://192.0.2.1")
    monkeypatch.setattr("shotmill.farm_plugins.handover.MODULE", "this.module.is.gone")
    began = time.monotonic()
    assert shotmill("submit", "thumbnail", plate, "--engine", engine, "--later").exit_code == 0
    assert time.monotonic() - began < 50  # and not the minute that the farm has
    assert home.is_dir()


def test_what_no_cuebot_takes_is_refused_before_it_is_kept(
    plate: Path, shotmill: Shotmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOTMILL_OPENCUE_USER", "root")
    ran = shotmill("submit", "thumbnail", plate, "--engine", "opencue", "--later")
    assert (ran.exit_code, "root" in ran.err, shotmill("jobs", "--json").json["jobs"]) == (64, True, [])

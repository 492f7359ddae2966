"""Fixtures of the command line's tests: commands run in this process, and a small studio to look at."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Frozen, Looked, Shotmill, run_process, stop_engines, wait_until, write_cut, write_frames
from in_process import home, shotmill

__all__ = ["home", "shotmill"]


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """A sequence of three frames, 1001 to 1003."""
    return write_frames(tmp_path / "media", 1001, 1002, 1003)


@pytest.fixture
def broken_plate(tmp_path: Path) -> Path:
    """A sequence of one frame, 1001, whose file was cut off."""
    pattern = write_frames(tmp_path / "broken", 1001)
    file = tmp_path / "broken" / "plate.1001.png"
    file.write_bytes(file.read_bytes()[:60])
    return pattern


@pytest.fixture(scope="session")
def _lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looked]:
    folder = tmp_path_factory.mktemp("studio")
    home, plate = folder / "home", write_frames(folder / "media", 1001, 1002, 1003)
    broken = write_frames(folder / "broken", 1001)
    (folder / "broken" / "plate.1001.png").write_bytes(b"\x89PNG\r\n\x1a\n cut off")
    environment = {"SHOTMILL_IDLE_S": "5"}
    assert run_process("ingest", write_cut(folder / "cut.otio", plate), "--cut", "main", home=home).returncode == 0
    done = run_process("submit", "thumbnail", "--cut", "main", "--wait", "--json", home=home, env=environment)
    failed = run_process("submit", "thumbnail", broken, "--wait", "--json", home=home, env=environment)
    assert (done.returncode, failed.returncode) == (0, 65), done.stderr + failed.stderr
    handles = [json.loads(ran.stdout)["job"]["handle"] for ran in (done, failed)]
    yield Looked(home, plate, *handles)
    stop_engines(home)


@pytest.fixture
def lived_in(_lived_in: Looked, monkeypatch: pytest.MonkeyPatch) -> Looked:
    """A studio with an ingested cut, a published job and a failed one; look, do not touch."""
    monkeypatch.setenv("SHOTMILL_HOME", str(_lived_in.home))
    return _lived_in


@pytest.fixture
def frozen_engine(home: Path, shotmill: Shotmill) -> Iterator[Frozen]:
    """An engine that runs but does nothing: jobs stay queued for as long as a test wants."""
    command = [sys.executable, "-m", "shotmill", "engine", "run"]
    shotmill("jobs")  # makes the database
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: shotmill("engine", "status", "--json").json["engines"])
        [engine] = shotmill("engine", "status", "--json").json["engines"]
        frozen = Frozen(engine["pid"], home / "shotmill.db")
        frozen.freeze()
        yield frozen
        frozen.let_go()
        process.terminate()

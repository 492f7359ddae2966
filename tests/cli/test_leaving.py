"""Leaving: jobs outlive whoever submitted or watches them."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from board_jobs import Row, fill
from command_line import PATIENCE_S, Frozen, Shotmill, wait_until

from shotmill.pipeline.store import Database
from shotmill.schema.errors import EXIT_BAD_DATA, EXIT_TASK_ERROR
from shotmill.schema.states import State

PROGRAM = f"{sys.executable} -m shotmill"


def test_closing_the_terminal_after_submit_loses_nothing(plate: Path, shotmill: Shotmill) -> None:
    master, slave = pty.openpty()
    command = ["setsid", "--ctty", "bash", "-c", f"{PROGRAM} submit thumbnail '{plate}'; sleep 60"]
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave) as terminal:
        os.close(slave)
        seen = b""
        while b"submitted J-" not in seen:
            seen += os.read(master, 1024)
        os.close(master)  # hangs up: the shell and all it started get SIGHUP
        terminal.wait(timeout=PATIENCE_S)
    handle = seen.split(b"submitted ")[1][:10].decode()
    assert shotmill("wait", handle, "--timeout", PATIENCE_S).exit_code == 0


def test_killing_the_whole_group_of_the_submitter_loses_nothing(plate: Path, shotmill: Shotmill) -> None:
    command = [*PROGRAM.split(), "submit", "thumbnail", str(plate), "--wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, text=True) as submitter:
        assert submitter.stdout is not None
        handle = submitter.stdout.readline().split()[1].rstrip(":")
        os.killpg(submitter.pid, signal.SIGKILL)
    assert shotmill("wait", handle, "--timeout", PATIENCE_S).exit_code == 0


@contextlib.contextmanager
def waiting(plate: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A ``submit --wait`` in a process of its own, and its job's handle."""
    command = [*PROGRAM.split(), "submit", "thumbnail", str(plate), "--wait", *options]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, start_new_session=True, **streams) as process:  # type: ignore[call-overload]
        assert process.stdout is not None
        handle = process.stdout.readline().split()[1].rstrip(":")
        process.stdout.readline()  # the first line of progress: it waits now
        yield process, handle


@pytest.fixture
def _ctrl_c_counts() -> Iterator[None]:
    """A shell that runs the tests in the background lets them ignore Ctrl-C, and their children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c_counts")
def test_ctrl_c_leaves_the_job_running_and_says_so(plate: Path, frozen_engine: Frozen, shotmill: Shotmill) -> None:
    with waiting(plate) as (process, handle):
        os.killpg(process.pid, signal.SIGINT)
        _out, err = process.communicate(timeout=PATIENCE_S)
    wanted = f"{handle} goes on without you; look again with: shotmill watch {handle}"
    assert (process.returncode, err.strip()) == (130, wanted)
    frozen_engine.let_go()
    assert shotmill("wait", handle).exit_code == 0


def test_the_exit_code_of_a_wait_is_the_jobs_result(home: Path, shotmill: Shotmill) -> None:
    """Host fact 20: as the job ended, whoever asks and however long ago that was."""
    shotmill("jobs")
    ends = {State.SUCCEEDED: 0, State.FAILED: EXIT_BAD_DATA, State.CANCELLED: EXIT_TASK_ERROR}
    database = Database(f"sqlite:///{home / 'shotmill.db'}")
    handles = fill(database, [Row("roto", "demo/sq010/sh010", state, done=10) for state in ends])
    database.dispose()
    assert [shotmill("wait", handle).exit_code for handle in handles] == list(ends.values())


@pytest.mark.usefixtures("frozen_engine")
def test_waiting_ends_when_the_time_is_up(plate: Path, shotmill: Shotmill) -> None:
    handle = shotmill("submit", "thumbnail", plate, "--json").json["job"]["handle"]
    ran = shotmill("wait", handle, "--timeout", "0.2", "--json")
    assert (ran.exit_code, ran.json["job"]["state"]) == (124, "queued")


def test_a_watcher_replaces_an_engine_that_was_killed(plate: Path, frozen_engine: Frozen) -> None:
    with waiting(plate) as (process, _handle):
        os.kill(frozen_engine.pid, signal.SIGKILL)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, "published local:plate/plate/thumbnail@v001" in out) == (0, True), err


def test_a_watcher_gives_up_on_an_engine_that_never_stays(
    plate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shotmill: Shotmill
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such interpreter\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    monkeypatch.setattr("shotmill.submitters.cli.follow.LOOK_AFTER_S", 0.1)
    ran = shotmill("submit", "thumbnail", plate, "--wait")
    assert (ran.exit_code, ran.err[:4], "stays in the queue" in ran.err) == (75, "E401", True)


def test_cancel_ends_what_waits(plate: Path, frozen_engine: Frozen, shotmill: Shotmill) -> None:
    handle = shotmill("submit", "thumbnail", plate, "--json").json["job"]["handle"]
    assert shotmill("cancel", handle).exit_code == 0
    frozen_engine.let_go()
    assert shotmill("wait", handle).exit_code == 1
    assert shotmill("status", handle).out.splitlines()[0] == f"{handle} was cancelled: 0 of 2 tasks were done"
    assert shotmill("cancel", handle).out == f"{handle} is cancelled already; nothing to do\n"


def test_a_cancelled_job_goes_on_after_a_retry(plate: Path, frozen_engine: Frozen, shotmill: Shotmill) -> None:
    handle = shotmill("submit", "thumbnail", plate, "--json").json["job"]["handle"]
    shotmill("cancel", handle)
    assert shotmill("retry", handle).out.splitlines()[0] == "2 tasks to run again, outputs of 0 kept"
    frozen_engine.let_go()
    assert shotmill("wait", handle).exit_code == 0
    assert shotmill("retry", handle).out.startswith(f"{handle}: local:plate/plate/thumbnail@v001 was published at ")


def test_a_retry_after_the_cause_is_mended_publishes(broken_plate: Path, plate: Path, shotmill: Shotmill) -> None:
    assert shotmill("submit", "thumbnail", broken_plate, "--wait").exit_code == 65
    [job] = shotmill("jobs", "--json").json["jobs"]
    assert shotmill("retry", job["handle"], "--only", "E313").out.startswith(f"{job['handle']} is failed: no task that")
    shutil.copy(plate.parent / "plate.1001.png", broken_plate.parent / "plate.1001.png")
    dry = shotmill("retry", job["handle"], "--only", "e205", "--dry-run").out.splitlines()
    assert "plate.####.png changed after it was submitted" in dry[0]
    assert (dry[1:], len(shotmill("jobs", "--json").json["jobs"])) == (["it would be submitted again, as a new job"], 1)
    again = re.search(r"submitted again as (J-\w+): 2 tasks", shotmill("retry", job["handle"]).out)
    assert again
    assert shotmill("wait", again.group(1)).exit_code == 0


def test_a_retry_of_a_job_whose_plate_is_the_same_goes_on(broken_plate: Path, shotmill: Shotmill) -> None:
    assert shotmill("submit", "thumbnail", broken_plate, "--wait").exit_code == 65
    [job] = shotmill("jobs", "--json").json["jobs"]
    dry = shotmill("retry", job["handle"], "--only", "e205", "--dry-run")
    assert dry.out == "1 task to run again, outputs of 0 kept\n"
    broken_plate.parent.rename(broken_plate.parent.with_name("away"))  # as where the plates' disk is not mounted
    assert shotmill("retry", job["handle"], "--dry-run").out == dry.out


def test_an_engine_that_is_stopped_leaves(frozen_engine: Frozen, shotmill: Shotmill) -> None:
    frozen_engine.let_go()
    assert shotmill("engine", "stop").out == "stopping 1 engine\n"
    wait_until(lambda: not shotmill("engine", "status", "--json").json["engines"])
    assert shotmill("engine", "stop").out == "no engine runs on this machine\n"


def test_live_progress_is_drawn_on_a_terminal(plate: Path, home: Path) -> None:
    master, slave = pty.openpty()
    command = [*PROGRAM.split(), "submit", "thumbnail", str(plate), "--wait"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "SHOTMILL_HOME": str(home)}
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment) as process:
        os.close(slave)
        seen = b""
        with contextlib.suppress(OSError):  # reading a terminal that was closed fails on Linux
            while piece := os.read(master, 4096):
                seen += piece
        assert process.wait() == 0
    os.close(master)
    assert b"\x1b[" in seen
    assert b"render" in seen
    assert b"published local:plate/plate/thumbnail@v001" in seen

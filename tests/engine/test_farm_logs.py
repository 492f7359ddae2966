"""What a task prints on a farm is in its own log, whole, and is shown to the farm, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from select import PIPE_BUF

import pytest
from farm_bundles import trial_bundle

from shotmill.farm_plugins.task.logs import _pieces
from shotmill.pipeline.settings import Settings

pytestmark = pytest.mark.usefixtures("trial")


def run_on_a_host(bundle: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shotmill", "task", "--bundle", str(bundle), "--step", "work", "--frames", "1"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def printed(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("line ")]


def test_all_that_a_task_prints_is_in_its_log_and_on_the_farms(settings: Settings) -> None:
    bundle = trial_bundle(settings, action="chatter")
    ran = run_on_a_host(bundle)
    [log] = bundle.parent.glob("attempts/**/*.log")
    lines = [f"line {number}" for number in range(5000)]
    assert (ran.returncode, printed(log.read_text()), printed(ran.stdout)) == (0, lines, lines)
    assert ran.stdout.splitlines()[-1].startswith("openjd_status: ")


def test_what_a_task_tells_its_farm_stands_between_lines_that_it_prints() -> None:
    lines = [b"x" * length for length in (0, 10, 4000, 95, 0, 9000, 4094, 1)]
    pieces = list(_pieces(lines))
    assert b"".join(pieces) == b"".join(line + b"\n" for line in lines)
    assert [piece[-1:] for piece in pieces] == [b"\n"] * len(pieces)
    assert [len(piece) for piece in pieces if len(piece) > PIPE_BUF] == [9001]  # a pipe takes it in parts


def test_the_last_words_of_a_task_that_dies_are_in_its_log(settings: Settings, tmp_path: Path) -> None:
    bundle = trial_bundle(settings, action="die-once", trace=str(tmp_path / "trace"))
    ran = run_on_a_host(bundle)
    [log] = bundle.parent.glob("attempts/**/*.log")
    assert ran.returncode == -9
    assert "step work, frames 1" in log.read_text()

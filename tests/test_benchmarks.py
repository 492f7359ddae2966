"""How the benchmarks judge goals on a machine that is slower than the one they were set on, and how they end."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PAIRS = runpy.run_path(str(BENCHMARKS / "pairs.py"))


def result(*, ours: float, theirs: float = 0.0, goal: float | None = 1.0) -> Any:
    return PAIRS["Result"]("submit", ours, theirs, ours / theirs if theirs else 0.0, 1.0, goal, ours)


@pytest.mark.parametrize(
    ("one", "reached"),
    [
        pytest.param(result(ours=1.4), True, id="seconds within the goal at this pace"),
        pytest.param(result(ours=1.6), False, id="seconds beyond it"),
        pytest.param(result(ours=1.4, theirs=1.2), False, id="a ratio is what it is"),
        pytest.param(result(ours=9.0, goal=None), True, id="no goal"),
    ],
)
def test_a_goal_in_seconds_is_judged_at_the_pace_of_the_machine(one: Any, *, reached: bool) -> None:
    assert PAIRS["is_reached"](one, 1.5) is reached


def test_a_line_shows_what_was_measured_and_both_goals() -> None:
    shown = " ".join(PAIRS["line"](result(ours=1.6), 1.5).split())
    assert shown == "submit 1600.0 ms 1600.0 ms - - 1000 ms 1500 ms MISSED"


@pytest.mark.parametrize(("ours", "status"), [(0.5, 0), (1.5, PAIRS["MISSED"])])
def test_who_missed_a_goal_ends_with_another_status(
    ours: float, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert PAIRS["show"]([result(ours=9.0, goal=None), result(ours=ours, theirs=1.0)]) == status
    assert ("MISSED" in capfd.readouterr().out) is bool(status)


@pytest.mark.parametrize(
    ("scripts", "status", "said"),
    [
        ({"a": 0, "b": 0}, 0, []),
        ({"a": 3, "b": 0}, 3, ["missed a goal: a"]),
        ({"a": 3, "b": 1, "c": 3}, 1, ["missed a goal: a, c", "broke: b"]),
    ],
)
def test_all_of_them_end_as_the_worst_did(
    tmp_path: Path, scripts: dict[str, int], status: int, said: list[str]
) -> None:
    for name in ("all.py", "pairs.py"):
        shutil.copy(BENCHMARKS / name, tmp_path / name)
    for name, ends in scripts.items():
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit({ends})")
    ran = subprocess.run([sys.executable, tmp_path / "all.py"], capture_output=True, text=True, check=False)
    assert (ran.returncode, [line for line in ran.stdout.splitlines() if ":" in line]) == (status, said)

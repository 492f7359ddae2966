"""How the benchmarks judge goals on a machine that is slower than the one they were set on."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

PAIRS = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "pairs.py"))


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

"""Timing in alternating pairs: ours, theirs, ours, theirs, ... so that a busy machine slows both alike."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

NOISY = 1.5  # a reference whose slowest run is this much slower than its fastest says little


@dataclass(frozen=True)
class Result:
    """Medians of one comparison, in seconds.

    Attributes:
        ratio: median of ours / theirs, pair by pair; lower is better.
        spread: slowest / fastest run of theirs.
        best: the fastest run of ours; on a busy machine it says more than the median.
        goal: what the ratio, or ours in seconds when ``theirs`` is 0, should stay below.
    """

    name: str
    ours: float
    theirs: float
    ratio: float
    spread: float
    goal: float | None
    best: float = 0.0


def _clock(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare(
    name: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    pairs: int = 7,
    goal: float | None = None,
    after: Callable[[], object] = lambda: None,
) -> Result:
    """Run both once to warm up, then ``pairs`` times in turn; what ``after`` does after each run is not timed."""

    def timed(work: Callable[[], object]) -> float:
        took = _clock(work)
        after()
        return took

    timed(ours)
    timed(theirs)
    times = [(timed(ours), timed(theirs)) for _ in range(pairs)]
    mine, other = zip(*times, strict=True)
    ratio = statistics.median(a / b for a, b in times)
    return Result(
        name, statistics.median(mine), statistics.median(other), ratio, max(other) / min(other), goal, min(mine)
    )


def alone(name: str, ours: Callable[[], object], *, runs: int = 7, goal_s: float | None = None) -> Result:
    """Time something that has no bare counterpart."""
    ours()
    times = [_clock(ours) for _ in range(runs)]
    return Result(name, statistics.median(times), 0.0, 0.0, max(times) / min(times), goal_s, min(times))


def show(results: Sequence[Result]) -> None:
    """Print a table, and what machine it is from."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}")
    print(f"{'':<52} {'ours':>10} {'fastest':>10} {'bare':>10} {'ratio':>7} {'goal':>8}")
    for one in results:
        best = f"{one.best * 1000:.1f} ms" if one.best else "-"
        bare = f"{one.theirs * 1000:.1f} ms" if one.theirs else "-"
        ratio = f"{one.ratio:.2f}" if one.theirs else "-"
        unit = f"{one.goal or 0:.2f}" if one.theirs else f"{(one.goal or 0) * 1000:.0f} ms"
        goal = "-" if one.goal is None else unit
        reached = one.goal is None or (one.ratio if one.theirs else one.ours) <= one.goal
        notes = ("" if reached else "  MISSED") + ("  noisy" if one.spread > NOISY else "")
        print(f"{one.name:<52} {one.ours * 1000:>7.1f} ms {best:>10} {bare:>10} {ratio:>7} {goal:>8}{notes}")

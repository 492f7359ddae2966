"""Timing in alternating pairs: ours, theirs, ours, theirs, ... so that a busy machine slows both alike.

Goals in seconds are meant for the machine that they were set on, where a Python that does nothing takes 11.3 ms. On a
slower machine they are judged at its pace: the same Python is timed here, before the table is printed, and each such
goal is printed as it was set and as it is judged. Processor time of the fastest of many runs tells the pace, so that
nothing is forgiven because the machine has something else to do; a faster machine is held to the goals as they were
set. Ratios need no such thing.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

REFERENCE_MS = (
    11.3  # `python -c pass` on the machine that the goals were set on: 2 cores of a Zen 4, nothing else to do
)
PACE_RUNS = 25
MISSED = 3  # exit status; 1 is Python's own, of what broke
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

    print(f"measuring {name}", file=sys.stderr, flush=True)  # some take minutes
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
    print(f"measuring {name}", file=sys.stderr, flush=True)
    ours()
    times = [_clock(ours) for _ in range(runs)]
    return Result(name, statistics.median(times), 0.0, 0.0, max(times) / min(times), goal_s, min(times))


def python_ms() -> float:
    """Milliseconds of processor that a Python that does nothing takes here; the fastest of many."""

    def nothing() -> float:
        before = _children_s()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        return _children_s() - before

    return min(nothing() for _ in range(PACE_RUNS)) * 1000


def _children_s() -> float:
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def show(results: Sequence[Result]) -> int:
    """Print a table, what machine it is from, and how fast that is beside the one that the goals were set on.

    Returns:
        The exit status of who asked: ``MISSED`` where a goal is missed, else 0.
    """
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    here = python_ms()
    pace = max(1.0, here / REFERENCE_MS)
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}")
    print(
        f"python -c pass: {here:.1f} ms here, {REFERENCE_MS} ms where goals were set; those in ms are {pace:.2f} x here"
    )
    print(f"{'':<52} {'ours':>10} {'fastest':>10} {'bare':>10} {'ratio':>7} {'goal':>8} {'here':>8}")
    for one in results:
        print(line(one, pace))
    return 0 if all(is_reached(one, pace) for one in results) else MISSED


def line(one: Result, pace: float) -> str:
    """A line of the table; ``pace`` is how many times as long as where the goals were set everything takes here."""
    best = f"{one.best * 1000:.1f} ms" if one.best else "-"
    bare = f"{one.theirs * 1000:.1f} ms" if one.theirs else "-"
    ratio = f"{one.ratio:.2f}" if one.theirs else "-"
    notes = ("" if is_reached(one, pace) else "  MISSED") + ("  noisy" if one.spread > NOISY else "")
    goal, here = _goal(one, 1.0), _goal(one, pace)
    return f"{one.name:<52} {one.ours * 1000:>7.1f} ms {best:>10} {bare:>10} {ratio:>7} {goal:>8} {here:>8}{notes}"


def is_reached(one: Result, pace: float) -> bool:
    """Whether a goal is reached, one in seconds at this machine's pace; true where there is none."""
    if one.goal is None:
        return True
    return one.ratio <= one.goal if one.theirs else one.ours <= one.goal * pace


def _goal(one: Result, pace: float) -> str:
    if one.goal is None:
        return "-"
    return f"{one.goal:.2f}" if one.theirs else f"{_shown(one.goal * pace)} ms"


def _shown(seconds: float) -> str:
    """Milliseconds, short ones with a decimal."""
    return f"{seconds * 1000:.{0 if seconds >= 0.02 else 1}f}"

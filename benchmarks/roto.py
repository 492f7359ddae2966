"""Roto: how near the masks of the backend ``classical`` are to the truth, and how fast they come.

The clips are the tests' own, 640 x 360, with known truth; each begins with a box drawn closely around the thing on its
first frame, and nothing more is said. The backend was tuned on seeds 1 to 9 only: the seeds here are held out.

Times are CPU seconds of this process, all threads together, which a busy machine hardly changes; frames a second are
worked out from those, as one core would do them that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import numpy as np
from pairs import MISSED
from roto_clips import Kind, SyntheticClip

from shotmill.pipeline.roto import Hint, make_backend
from shotmill.pipeline.roto.backend import Choice
from shotmill.pipeline.roto.metrics import boundary_f, jitter, region_j, summarise
from shotmill.schema.roto import PromptBox, Stage

HELD_OUT = (101, 102, 103, 104, 105)
WIDTH, HEIGHT, FRAMES = 640, 360, 48
GOALS = {Kind.PLAIN: 0.95, Kind.LOW_CONTRAST: 0.95, Kind.NOISY: 0.88, Kind.ARTICULATED: 0.88}
DOUBT = 0.5  # below this confidence a frame is in the list to check
WRONG_J = 0.8  # below this J a frame should be in it
RATE_FPS = 10.0


@dataclass
class Figures:
    """What became of one clip."""

    j: dict[int, float] = field(default_factory=dict)
    f2: dict[int, float] = field(default_factory=dict)
    doubted: list[int] = field(default_factory=list)
    hidden_unsaid: list[int] = field(default_factory=list)
    jitter_px: list[float] = field(default_factory=list)
    true_jitter_px: list[float] = field(default_factory=list)
    segment_s: float = 0.0
    step_s: list[float] = field(default_factory=list)

    @property
    def unsaid(self) -> int:
        """Frames that are wrong and not in the list to check."""
        return sum(1 for frame, value in self.j.items() if value < WRONG_J and frame not in self.doubted)


def a_box(clip: SyntheticClip, frame: int) -> PromptBox:
    """One pixel more than the thing on each side."""
    rows, columns = np.nonzero(clip.truth(frame))
    return PromptBox(left=columns.min() - 1, top=rows.min() - 1, right=columns.max() + 2, bottom=rows.max() + 2)


def cpu_s() -> float:
    """Of this process, so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(clip: SyntheticClip) -> Figures:
    """Find the thing on the first frame, and follow it to the last."""
    run = make_backend("classical", Stage.PROPAGATE, Choice()).start(clip.width, clip.height)
    figures, regions, truths = Figures(), [], []
    for frame in clip.numbers:
        picture, truth = clip[frame], clip.truth(frame)
        hints = {"thing": Hint(box=a_box(clip, frame))} if frame == clip.numbers[0] else {}
        began = cpu_s()
        mask = run.step(frame, picture, hints)["thing"]
        took = cpu_s() - began
        if hints:
            figures.segment_s = took
        else:
            figures.step_s.append(took)
        regions.append(mask.logits > 0)
        figures.j[frame] = region_j(regions[-1], truth)
        figures.f2[frame] = boundary_f(regions[-1], truth, tolerance_px=2)
        if mask.confidence < DOUBT:
            figures.doubted.append(frame)
        elif frame in clip.hidden:
            figures.hidden_unsaid.append(frame)
        truths.append(truth)
    figures.jitter_px = [jitter(*regions[at : at + 3]) for at in range(len(regions) - 2)]
    figures.true_jitter_px = [jitter(*truths[at : at + 3]) for at in range(len(truths) - 2)]
    return figures


def show_quality(kind: Kind, figures: list[Figures]) -> bool:
    """One row of the table of kinds; whether its goal is reached."""
    j = mean(summarise(one.j).mean for one in figures)
    goal = GOALS.get(kind)
    reached = goal is None or j >= goal
    frames = sum(len(one.j) for one in figures)
    print(
        f"{kind:<14} {j:>7.3f} {min(summarise(one.j).least for one in figures):>7.3f}"
        f" {mean(summarise(one.f2).mean for one in figures):>7.3f}"
        f" {mean(px for one in figures for px in one.jitter_px):>7.2f}"
        f" {mean(px for one in figures for px in one.true_jitter_px):>6.2f}"
        f" {sum(len(one.doubted) for one in figures):>5}/{frames:<5}"
        f" {sum(one.unsaid for one in figures):>7} {sum(len(one.hidden_unsaid) for one in figures):>7}"
        f" {'-' if goal is None else f'{goal:.2f}':>6}{'' if reached else '  MISSED'}"
    )
    return reached


def show_speed(name: str, frames_s: list[float], *, goal_fps: float | None) -> bool:
    """One row of the table of times; whether its goal is reached."""
    rate_fps = 1 / median(frames_s)
    goal = "-" if goal_fps is None else f"{goal_fps:.0f}"
    reached = goal_fps is None or rate_fps >= goal_fps
    times = f"{median(frames_s) * 1000:>7.0f} ms {max(frames_s) * 1000:>7.0f} ms"
    print(f"{name:<44} {times} {rate_fps:>9.1f} {goal:>6}{'' if reached else '  MISSED'}")
    return reached


def sizes() -> Iterator[tuple[str, SyntheticClip]]:
    """Clips of other sizes, for the times alone."""
    for width, height in ((640, 360), (1920, 1080), (3840, 2160)):
        yield (
            f"classical propagate, {width} x {height}",
            SyntheticClip(Kind.PLAIN, HELD_OUT[0], width=width, height=height, count=10),
        )


def main() -> int:
    """Print the tables of quality and of times; 3 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=HELD_OUT)
    parser.add_argument("--quality-only", action="store_true")
    asked = parser.parse_args()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}")
    print(f"{len(asked.seeds)} seeds of each kind ({', '.join(map(str, asked.seeds))}), {FRAMES} frames, from one box")
    print(f"{'':<14} {'mean J':>7} {'min J':>7} {'F 2px':>7} {'jitter':>7} {'true':>6} {'doubted':>11}", end="")
    print(f" {'unsaid':>7} {'hidden*':>7} {'goal':>6}")
    everything, reached = [], True
    for kind in Kind:
        figures = [measure(SyntheticClip(kind, seed, width=WIDTH, height=HEIGHT, count=FRAMES)) for seed in asked.seeds]
        reached &= show_quality(kind, figures)
        everything += figures
    print("jitter: px off midway between the frames before and after; true: the same of the truth")
    print(f"doubted: confidence below {DOUBT}; unsaid: J below {WRONG_J} and not doubted; hidden*: hidden, not doubted")
    if asked.quality_only:
        return 0 if reached else MISSED
    print(f"\n{'CPU':<44} {'median':>10} {'slowest':>10} {'frames/s':>9} {'goal':>6}")
    show_speed("classical segment, a box, 640 x 360", [one.segment_s for one in everything], goal_fps=None)
    steps = [s for one in everything for s in one.step_s]
    reached &= show_speed("classical propagate, all kinds, 640 x 360", steps, goal_fps=RATE_FPS)
    for name, clip in sizes():
        show_speed(name, measure(clip).step_s, goal_fps=None)
    print(f"{'sam2 segment, propagate':<44} not measured here: benchmarks/roto_gpu.py does, on a GPU")
    return 0 if reached else MISSED


if __name__ == "__main__":
    raise SystemExit(main())

"""Two cuts of 3,000 clips compared: one shot inserted at the head, and every tenth clip changed in some way."""

from __future__ import annotations

import argparse
import gc
import tempfile
from collections.abc import Callable
from pathlib import Path

from pairs import Result, alone, show
from timeline import write_cut

from shotmill.pipeline.cutdiff import compare, side_of_read
from shotmill.pipeline.cutdiff.picture import draw
from shotmill.pipeline.ingest import read_file
from shotmill.schema.cutdiff import CutSide, CutUse
from shotmill.schema.media import Rate
from shotmill.submitters.cli.main import COLLECT_AFTER

GOAL_S = 2.0
LENGTH = 48


def cut(label: str, clips: list[CutUse]) -> CutSide:
    """The clips one after the other."""
    placed, at = [], 0
    for clip in clips:
        length = clip.source_out - clip.source_in + 1
        placed.append(clip.model_copy(update={"record_in": at, "record_out": at + length - 1}))
        at += length
    return CutSide.model_construct(label=label, rate=Rate(24), duration=at, uses=tuple(placed))


def clip(number: int, first: int = 100) -> CutUse:
    """A clip of a shot of its own."""
    shot = f"sq{number // 100:03d}/sh{number:05d}"
    return CutUse(
        name=shot, shot=shot, use=shot, media=f"/plates/{shot}_v001.mov", version="1", track="V1",
        source_in=first, source_out=first + LENGTH - 1, record_in=0, record_out=0,
    )  # fmt: skip


def changed(clips: list[CutUse]) -> list[CutUse]:
    """Every tenth clip removed, longer at its head, slipped, or put to the end."""
    kept, last = [], []
    for number, one in enumerate(clips):
        kind = number // 10 % 4 if number % 10 == 0 else -1
        if kind == 1:
            kept.append(one.model_copy(update={"source_in": one.source_in - 4}))
        elif kind == 2:
            kept.append(one.model_copy(update={"source_in": one.source_in + 5, "source_out": one.source_out + 5}))
        elif kind == 3:
            last.append(one)
        elif kind:
            kept.append(one)
    return kept + last


def measure(clips: int, folder: Path) -> list[Result]:
    old = cut("old", [clip(number) for number in range(clips)])
    new = cut("new", [clip(clips + 1), *(clip(number) for number in range(clips))])
    many = cut("many", changed(list(old.uses)))
    found = compare(old, new)
    assert found.counts == {"added": 1, "shifted": clips}, found.counts
    path = folder / "cut.otio"
    write_cut(path, clips)

    def whole() -> None:
        assert compare(side_of_read(read_file(path)), side_of_read(read_file(path))).same

    steps: list[tuple[str, Callable[[], object], float | None]] = [
        (f"one shot at the head of {clips:,}: 1 added, {clips:,} shifted, 0 moved", lambda: compare(old, new), GOAL_S),
        ("every tenth clip changed", lambda: compare(old, many), GOAL_S),
        ("the picture of that", lambda: draw(old, many, compare(old, many)), None),
        ("two files read in limited processes, and compared", whole, None),
    ]
    return [alone(name, run, goal_s=goal) for name, run, goal in steps]


def main() -> int:
    """Compare, and print what it takes."""
    gc.set_threshold(COLLECT_AFTER)  # as every command does
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=3000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return show(measure(given.clips, Path(folder)))


if __name__ == "__main__":
    raise SystemExit(main())

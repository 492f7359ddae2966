"""Memory of dailies by the length of the shot: the real tasks, each length in a process of its own.

What the process and its encoder held at most is added up, though not both need have done so at once. Frames are small,
so that thousands of them take minutes; what one frame costs is bounded apart, see ``FLIGHT_BYTES``.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from dailies import FIRST, Bench
from pairs import MISSED

from shotmill.pipeline.images import write_image

SIZE = (384, 216)  # large enough for a table
MOST_MIB = 1500
GROWTH = 1.2  # of the longest shot over the shortest


def peak_mib() -> tuple[float, float]:
    """What this process held at most, and what the largest of its children did."""
    own, theirs = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own / 1024, theirs / 1024


def run(folder: Path, frames: int) -> None:
    """Make a movie with slate and burn-in in this process, and print what it took."""
    Bench(folder, frames).ours("dailies")()
    print(*peak_mib())


def measured(folder: Path, frames: int) -> float:
    """MiB that a movie of so many frames took, in a process of its own."""
    shutil.rmtree(folder / "home", ignore_errors=True)  # each makes its own tables
    argv = [sys.executable, __file__, "--run", str(frames), "--folder", str(folder)]
    said = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout
    own, theirs = map(float, said.split()[-2:])
    print(f"{frames:>6} frames: {own:7.0f} MiB + encoder {theirs:5.0f} MiB = {own + theirs:7.0f} MiB", flush=True)
    return own + theirs


def main() -> int:
    """Measure each length; 3 where one takes more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, nargs="+", default=[50, 5000])
    parser.add_argument("--run", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(given.folder, given.run)
        return 0
    with tempfile.TemporaryDirectory(prefix="shotmill-memory-") as place:
        folder = Path(place)
        plate = folder / "plate" / f"plate.{FIRST}.exr"
        plate.parent.mkdir()
        noise = np.random.default_rng(1).random((SIZE[1], SIZE[0], 3), dtype=np.float32)
        write_image(plate, noise, attributes={"colorInteropID": "lin_ap1_scene"})
        found = [measured(folder, frames) for frames in given.frames]
    grown = found[-1] / found[0]
    print(f"goal: less than {MOST_MIB} MiB, and {grown:.2f} of the first is at most {GROWTH}")
    return MISSED if max(found) > MOST_MIB or grown > GROWTH else 0


if __name__ == "__main__":
    raise SystemExit(main())

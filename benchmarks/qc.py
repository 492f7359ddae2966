"""Technical checks: measuring EXR frames beside decoding the same frames, 2048 x 1152, RGB half, ZIP, with grain.

In seconds of the processor, all threads together, so that a busy machine changes little.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pairs import MISSED

from shotmill.pipeline.images import read_image, write_image
from shotmill.pipeline.media import clip_of, find_medium, frame_path
from shotmill.pipeline.qc import measure_clip

FRAMES, RUNS = 8, 5
WIDTH, HEIGHT = 2048, 1152
GOAL = 1.5


def make_plate(folder: Path) -> str:
    """Frames of a gradient with grain; their pattern."""
    grain = np.random.default_rng(7)
    base = np.linspace(0.01, 1.2, WIDTH, dtype=np.float32)[None, :, None] * np.ones((HEIGHT, 1, 3), dtype=np.float32)
    for frame in range(1001, 1001 + FRAMES):
        noisy = base + grain.normal(0, 0.01, base.shape).astype(np.float32)
        write_image(folder / f"plate.{frame}.exr", noisy.astype(np.float16))
    return str(folder / "plate.####.exr")


def processor_s(work: Callable[[], object]) -> float:
    """The fastest of a few runs."""
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def main() -> int:
    """Print a line; 3 where measuring takes longer beside decoding than it may."""
    with tempfile.TemporaryDirectory() as folder:
        clip = clip_of(find_medium(make_plate(Path(folder))))
        frames = range(1001, 1001 + FRAMES)
        bare = processor_s(lambda: [read_image(frame_path(clip.media, frame)) for frame in frames])
        ours = processor_s(lambda: list(measure_clip(clip, frames)))
    ratio = ours / bare
    print(f"decode {bare / FRAMES * 1000:>7.1f} ms   qc {ours / FRAMES * 1000:>7.1f} ms   {ratio:.2f} x, goal {GOAL} x")
    return MISSED if ratio > GOAL else 0


if __name__ == "__main__":
    raise SystemExit(main())

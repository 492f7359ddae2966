"""SAM 2: one warm frame, a further click, and following an object, against the official predictor's own loop.

Both follow the same object over the same frames in the same process, and hand each mask to the CPU. The official loop
has all frames read, shrunk and on the device before its time begins; ours reads and shrinks them within its time.
Without a GPU a tiny model with random weights works at a small size: such figures are marked, and say nothing of one.
Without torch this starts itself again in the environment that the tests use.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve()
GOAL_FRAME_MS, GOAL_RATE_FPS = 500, 10
# On a CPU that others use, too, only its own seconds count; on a GPU, those on the wall.
clock = time.process_time
ROWS = (
    "warm single frame",
    "a further click there",
    "following, the official loop",
    "following, ours",
    "ours / official",
)
ROWS += ("of it spent on the model",)


class Clip:
    """A light disc on noise, two pixels further right on each frame; each picture is made when it is asked for."""

    def __init__(self, width: int, height: int, count: int) -> None:
        self.width, self.height, self.numbers = width, height, range(count)
        self._ground = np.random.default_rng(7).integers(0, 80, (height, width, 3)).astype(np.uint8)

    def disc(self, frame: int) -> Any:
        """The object of a frame: (h, w) bool."""
        y, x = np.ogrid[: self.height, : self.width]
        return (x - self.width // 3 - 2 * frame) ** 2 + (y - self.height // 2) ** 2 < (self.height // 4) ** 2

    def __getitem__(self, frame: int) -> Any:
        picture = self._ground.copy()
        picture[self.disc(frame)] += 120
        return picture


def main() -> int:
    """Measure, and print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--device", default="")
    asked.add_argument("--weights", type=Path)
    asked.add_argument("--frames", type=int, default=0)
    asked.add_argument("--image-size", type=int, default=0)
    asked.add_argument("--compile", default="")
    if importlib.util.find_spec("torch") is None:
        return _again()
    measure(asked.parse_args())
    return 0


def _again() -> int:
    sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))
    from gpu_programs import gpu_environment, gpu_settings  # noqa: PLC0415 - of the tests, and only here

    command = [str(gpu_environment().python), str(HERE), *sys.argv[1:]]
    return subprocess.run(command, env=gpu_settings(), check=False).returncode


def measure(asked: argparse.Namespace) -> None:
    import torch  # noqa: PLC0415 - not in every environment

    from shotmill.pipeline.roto.backend import Choice, Hint  # noqa: PLC0415 - as torch
    from shotmill.pipeline.roto.registry import make_backend  # noqa: PLC0415 - same

    on_gpu = (asked.device or ("cuda" if torch.cuda.is_available() else "cpu")).startswith("cuda")
    size = asked.image_size or (1024 if on_gpu else 256)
    global clock  # noqa: PLW0603 - one for the whole process
    clock = time.perf_counter if on_gpu else time.process_time
    clip = Clip(1920, 1080, asked.frames or 100) if on_gpu else Clip(480, 270, asked.frames or 12)
    options = {"image_size": str(size), "pinholes": "0", "logits": "model", "compile": asked.compile}
    options |= {} if asked.weights else {"random_weights": "for a benchmark", "model": "base+" if on_gpu else "tiny"}
    weights = {"sam2": asked.weights} if asked.weights else {}
    choice = Choice(device=asked.device, weights=weights, options=options)
    propagator = make_backend("sam2", "propagate", choice)  # type: ignore[arg-type] # a stage is text
    begins = {0: {"disc": Hint(mask=np.where(clip.disc(0), 5.0, -5.0).astype(np.float32))}}

    _follow(propagator, Clip(clip.width, clip.height, 3), begins)  # warm
    official = _official(propagator._model, clip)  # noqa: SLF001 - the very same predictor
    ours, on_model = _follow(propagator, clip, begins)
    first, further = _clicks(propagator._model, clip)  # noqa: SLF001 - same
    name = torch.cuda.get_device_name() if on_gpu else f"CPU, {torch.get_num_threads()} threads"
    unit = "seconds on the wall" if on_gpu else "CPU seconds"
    print(f"device: {name}; {unit}; {clip.width}x{clip.height}, {len(clip.numbers)} frames; model at {size}")
    if not asked.weights:
        print(f"random weights ({options['model']}): times alone mean anything")
    values = (f"{first * 1000:.0f} ms", f"{further * 1000:.0f} ms", f"{official:.2f} fps", f"{ours:.2f} fps")
    values += (f"{ours / official:.2f}", f"{on_model:.0%}")
    print(f"{'':34}{'GPU':>16}{'CPU, small':>16}")
    for row, value in zip(ROWS, values, strict=True):
        gpu, cpu = (value, "not measured") if on_gpu else ("not measured", value)
        print(f"{row:34}{gpu:>16}{cpu:>16}")
    if on_gpu:
        assert first * 1000 < GOAL_FRAME_MS
        assert ours > GOAL_RATE_FPS


def _follow(propagator: Any, clip: Clip, begins: Any) -> tuple[float, float]:
    """Frames a second over a whole walk, and the share of its time spent in steps."""
    from shotmill.pipeline.roto.ahead import Ahead  # noqa: PLC0415 - as torch

    run, spent, ahead = propagator.start(clip.width, clip.height), 0.0, Ahead(clip)
    started = clock()
    for frame in clip.numbers:
        picture = ahead.take(frame, clip.numbers[frame + 1 :], run=run)
        stepped = clock()
        run.step(frame, picture, begins.get(frame, {}))
        spent += clock() - stepped
    whole = clock() - started
    ahead.close()
    return len(clip.numbers) / whole, spent / whole


def _official(model: Any, clip: Clip) -> float:
    """Frames a second of sam2's own loop on a folder of JPEGs that was read before."""
    import torch  # noqa: PLC0415 - not in every environment
    from PIL import Image  # noqa: PLC0415 - as torch

    with tempfile.TemporaryDirectory() as folder, model.working():
        for frame in clip.numbers:
            Image.fromarray(clip[frame]).save(Path(folder) / f"{frame:05d}.jpg", quality=95)
        state = model.predictor.init_state(folder)
        started = clock()
        model.predictor.add_new_mask(state, 0, "disc", torch.from_numpy(clip.disc(0)))
        for _, _, logits in model.predictor.propagate_in_video(state):
            logits.cpu().numpy()
        return len(clip.numbers) / (clock() - started)


def _clicks(model: Any, clip: Clip) -> tuple[float, float]:
    """Seconds of the first click on a new frame, and of another on the same one; medians of five."""
    from shotmill.farm_plugins.gpu.sam2.segmentation import Sam2Segmenter  # noqa: PLC0415 - as torch
    from shotmill.pipeline.roto.backend import Hint  # noqa: PLC0415 - same
    from shotmill.schema.roto import PromptPoint  # noqa: PLC0415 - same

    segmenter = Sam2Segmenter(model)
    hints = {"disc": Hint(points=(PromptPoint(x=clip.width / 3, y=clip.height / 2),))}
    first, further = [], []
    for frame in range(min(5, len(clip.numbers))):
        picture = clip[frame]
        first.append(_seconds(lambda picture=picture: segmenter.segment(picture, hints)))
        further.append(_seconds(lambda picture=picture: segmenter.segment(picture, hints)))
    return float(np.median(first)), float(np.median(further))


def _seconds(call: Callable[[], Any]) -> float:
    started = clock()
    call()
    return clock() - started


if __name__ == "__main__":
    raise SystemExit(main())

"""What programs that try the sam2 backend look at: a disc that moves, walks over it, and how far masks are apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from shotmill.pipeline.roto.backend import Hint, Mask, Run
from shotmill.schema.errors import ShotmillError
from shotmill.schema.roto import PromptPoint

WIDTH, HEIGHT = 120, 80
OPTIONS = {"random_weights": "for tests", "image_size": "128", "logits": "model", "pinholes": "0"}
SMALLER = {**OPTIONS, "image_size": "64"}
INSIDE = (PromptPoint(x=45, y=40),)
Findings = dict[str, Any]


@cache
def picture(frame: int) -> tuple[Any, Any]:
    """A light disc on a dark, noisy ground, two pixels further right on each frame; and its truth."""
    ground = np.random.default_rng(7).integers(0, 80, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    disc = (x - 40 - 2 * frame) ** 2 + (y - 40) ** 2 < 400
    ground[disc] += 120
    return ground, disc


def first(frame: int = 0) -> dict[str, Hint]:
    return {"disc": Hint(mask=np.where(picture(frame)[1], 5.0, -5.0).astype(np.float32))}


def walked(run: Run, frames: range, hints: Mapping[int, dict[str, Hint]]) -> list[dict[str, Mask]]:
    return [run.step(frame, picture(frame)[0], hints.get(frame, {})) for frame in frames]


def told(made: list[dict[str, Mask]]) -> list[str]:
    return [hashlib.sha256(b"".join(mask.logits.tobytes() for mask in each.values())).hexdigest() for each in made]


def apart(one: list[dict[str, Mask]], other: list[dict[str, Mask]]) -> float:
    pairs = zip(one, other, strict=True)
    return max(float(np.abs(a[n].logits - b[n].logits).max()) for a, b in pairs for n in a)


def refusal(call: Any) -> str:
    try:
        call()
    except ShotmillError as error:
        return f"{type(error).__name__}: {error.message}"
    return "nothing was refused"

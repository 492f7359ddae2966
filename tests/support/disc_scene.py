"""What programs that try neural backends look at: a disc that moves, walks over it, and how far masks are apart."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from shotmill.pipeline.roto.backend import Hint, Mask, Propagator, Run
from shotmill.pipeline.roto.cache import FrameCache
from shotmill.pipeline.roto.following import State, Walking
from shotmill.schema.errors import ShotmillError
from shotmill.schema.roto import PromptPoint

WIDTH, HEIGHT = 120, 80
INSIDE = (PromptPoint(x=45, y=40),)
CHUNK = range(8)
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


class Plate:
    """The pictures of a job."""

    width, height, numbers = WIDTH, HEIGHT, range(6)

    def __getitem__(self, frame: int) -> Any:
        return picture(frame)[0]


def job_chunks(make: Callable[[], Propagator], folder: Path) -> Findings:
    """As the tasks of a job walk: whole, in two chunks with a state between them, and again from the cache."""

    def walking(cache: str, begun: State | None = None) -> Walking:
        kept = FrameCache(folder / cache, most_mib=64)
        return Walking(make, Plate(), str, {0: first()}, "tried", kept, begun)

    def packed(walk: Walking, frames: range) -> list[bytes]:
        return [masks["disc"] for _, masks in walk.follow(frames)]

    whole = packed(walking("whole"), range(6))
    head = walking("chunks")
    made = packed(head, range(3))
    tail = walking("chunks", State.unpack(head.state().pack()))
    made += packed(tail, range(3, 6))
    again = walking("whole")
    return {"same": whole == made == packed(again, range(6)), "stepped": [head.stepped, tail.stepped, again.stepped]}


def chunk(propagator: Propagator, folder: Path, *, killed_after: int | None = None) -> list[int]:
    """Go through a chunk as a task does: a mask and a snapshot for each frame; what is there is not made again."""
    snapshots = folder / "snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    done = [frame for frame in CHUNK if (snapshots / str(frame)).exists()]
    run = propagator.start(WIDTH, HEIGHT)
    if done:
        run = propagator.resume(WIDTH, HEIGHT, (snapshots / str(done[-1])).read_bytes())
    for frame in CHUNK[len(done) :]:
        result = run.step(frame, picture(frame)[0], first() if frame == 0 else {})
        (folder / f"{frame}.mask").write_bytes(result["disc"].logits.tobytes())
        part = snapshots / f"{frame}.part"
        part.write_bytes(run.snapshot())
        if frame == killed_after:
            os.kill(os.getpid(), signal.SIGKILL)
        part.rename(snapshots / str(frame))
    return list(CHUNK[len(done) :])


def killed_chunk(make: Callable[[], Propagator], folder: Path) -> Findings:
    """A process killed midway through a chunk, its work taken up by another, and beside it a chunk that was let be."""
    killed, whole = folder / "killed", folder / "whole"
    child = os.fork()
    if not child:
        chunk(make(), killed, killed_after=3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    again, made = chunk(make(), killed), chunk(make(), whole)
    names = [f"{frame}.mask" for frame in CHUNK]
    return {
        "signal": os.WTERMSIG(status),
        "again": again,
        "whole": made,
        "same": [(killed / name).read_bytes() for name in names] == [(whole / name).read_bytes() for name in names],
    }

"""Roto backends that only tests have: one that needs weights, and one that counts what it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from shotmill.pipeline.roto.backend import Backend, Choice, Found, Hint, Mask
from shotmill.pipeline.roto.stub import StubPropagator, StubRun, StubSegmenter
from shotmill.schema.job import Needs
from shotmill.schema.roto import PromptBox, Stage

NEEDS = {stage: Needs(cpu=1, memory_mib=512, gpu=1, gpu_memory_mib=4096) for stage in Stage}
MAKERS = {Stage.SEGMENT: f"{__name__}:make_segmenter", Stage.PROPAGATE: f"{__name__}:make_propagator"}
BACKEND = Backend(name="counting", makers=MAKERS)
SEEING = Backend(name="seeing", makers={Stage.DETECT: f"{__name__}:make_detector"})
WEIGHTY = Backend(name="weighty", makers=MAKERS, needs=NEEDS, weights=("weighty_small",))


SHY = Backend(name="shy", makers={Stage.PROPAGATE: f"{__name__}:make_shy"})


class Asked:
    """What was asked of the counting backend; ``die_after`` steps it fails, as a killed process would."""

    steps: int = 0
    resumed: int = 0
    segments: int = 0
    die_after: int | None = None

    @classmethod
    def forget(cls) -> None:
        cls.steps, cls.resumed, cls.segments, cls.die_after = 0, 0, 0, None


class _Run:
    def __init__(self, run: Any) -> None:
        self._run = run

    def step(self, frame: int, picture: Any, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        if Asked.die_after is not None and Asked.steps >= Asked.die_after:
            raise KeyboardInterrupt
        Asked.steps += 1
        found: dict[str, Mask] = self._run.step(frame, picture, hints)
        return found

    def snapshot(self) -> bytes:
        snapshot: bytes = self._run.snapshot()
        return snapshot


class _Propagator:
    def start(self, width: int, height: int) -> _Run:
        return _Run(StubRun(width, height))

    def resume(self, width: int, height: int, snapshot: bytes) -> _Run:
        Asked.resumed += 1
        return _Run(StubPropagator().resume(width, height, snapshot))


class _ShyRun(_Run):
    """Things are gone for good where an artist says that they are not there."""

    _gone = False

    def step(self, frame: int, picture: Any, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        self._gone |= any(hint.corrects and not any(point.inside for point in hint.points) for hint in hints.values())
        found = super().step(frame, picture, {} if self._gone else hints)
        return {name: Mask(np.minimum(mask.logits, -1), 0.0) for name, mask in found.items()} if self._gone else found


class _ShyPropagator(_Propagator):
    def start(self, width: int, height: int) -> _Run:
        return _ShyRun(StubRun(width, height))

    def resume(self, width: int, height: int, snapshot: bytes) -> _Run:
        return _ShyRun(StubPropagator().resume(width, height, snapshot))


def make_shy(_choice: Choice) -> _ShyPropagator:
    return _ShyPropagator()


class _Segmenter(StubSegmenter):
    def segment(self, picture: Any, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        Asked.segments += 1
        return super().segment(picture, hints)


def make_segmenter(_choice: Choice) -> _Segmenter:
    return _Segmenter()


def make_propagator(_choice: Choice) -> _Propagator:
    return _Propagator()


class _Detector:
    """Finds what is called red: the pixels of the test plates' square."""

    def detect(self, picture: Any, text: str) -> list[Found]:
        if text != "red":
            return []
        rows, columns = (picture[:, :, 0] > 120).nonzero()  # no noise is as bright
        ends = {"left": columns.min(), "top": rows.min(), "right": columns.max() + 1, "bottom": rows.max() + 1}
        return [Found(PromptBox(**{name: float(value) for name, value in ends.items()}), 0.9)]


def make_detector(_choice: Choice) -> _Detector:
    return _Detector()

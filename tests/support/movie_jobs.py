"""Clips and jobs of movies for tests: small numbered plates, and jobs run task by task without an engine."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from image_makers import KINDS, image
from numpy.typing import NDArray
from ran_jobs import RanJob

from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec
from shotmill.schema.media import Clip, EntityKind, EntityRef, Rate
from shotmill.schema.receipts import Output

SIZE = (256, 144)


class Ran(RanJob):
    """A job whose tasks were run up to the publish, or to the first failure."""

    def outputs(self, step: str = "movie") -> list[Output]:
        assert not self.failure
        return [output for receipt in self.receipts(step) for output in receipt.outputs]

    def paths(self, step: str = "movie") -> list[Path]:
        assert not self.failure
        return [
            self.folder.root / receipt.root / file.path
            for receipt in self.receipts(step)
            for output in receipt.outputs
            for file in output.files
        ]

    @property
    def movie(self) -> Path:
        """The only movie."""
        [path] = self.paths()
        return path

    @property
    def notes(self) -> list[str]:
        return [note for step in ("prepare", "movie", "reel") for one in self.receipts(step) for note in one.notes]


class MovieStudio:
    """Runs jobs in a folder, with tools that stay warm."""

    def __init__(self, folder: Path, tools: StudioTools) -> None:
        self.folder, self.tools, self.settings = folder, tools, Settings(home=folder / "home", user="artist")
        self.jobs = 0

    def run(self, job_type: str, clips: Sequence[Clip], params: dict[str, Any] | None = None, **more: Any) -> Ran:
        """Plan a job and run its tasks."""
        return self.run_spec(self.planned(job_type, clips, params, **more))

    def planned(
        self, job_type: str, clips: Sequence[Clip], params: dict[str, Any] | None = None, **more: Any
    ) -> JobSpec:
        """A job as it is submitted; ``allow_holes`` is no parameter of it."""
        allow_holes = bool(more.pop("allow_holes", False))
        filled = {**(params or {}), **more, "clips": [clip.model_dump(mode="json") for clip in clips]}
        return plan(SubmitRequest(job_type, params=filled, allow_holes=allow_holes), self.settings).spec

    def run_spec(self, spec: JobSpec) -> Ran:
        self.jobs += 1
        return Ran.run(spec, self.folder / f"job-{self.jobs}", self.settings, self.tools)


def shot(name: str, *, sequence: str = "sq010") -> EntityRef:
    return EntityRef(project="demo", kind=EntityKind.SHOT, parent=sequence, name=name)


def plate(
    folder: Path, first: int, last: int, *, name: str = "plate", size: tuple[int, int] = SIZE, rate: str = "24"
) -> Clip:
    """A sequence of numbered EXR frames in ACEScg."""
    for frame in range(first, last + 1):
        image(folder / f"{name}.{frame:04d}.exr", KINDS["EXR ZIP"], frame, size=size)
    return Clip(
        name=name,
        media=str(folder / f"{name}.####.exr"),
        frames=FrameSet.span(first, last),
        entity=shot(name),
        rate=Rate.parse(rate),
    )


def planes(path: Path, number: int) -> list[NDArray[np.float64]]:
    """Y', Cb and Cr of a frame as they are stored, in 0..1 of full and -0.5..0.5, from limited range, by PyAV."""
    with av.open(str(path)) as container:
        frame = next(found for index, found in enumerate(container.decode(video=0)) if index == number)
        bits = frame.format.components[0].bits
        kind = np.uint16 if bits > 8 else np.uint8
        stored = [
            np.frombuffer(bytes(plane), kind).reshape(plane.height, -1)[:, : plane.width].astype(np.float64)
            for plane in frame.planes
        ]
    unit = 2.0 ** (bits - 8)
    return [(stored[0] / unit - 16) / 219, *((plane / unit - 128) / 224 for plane in stored[1:])]


def luma(rgb: NDArray[Any], *, red: float = 0.2126, blue: float = 0.0722) -> NDArray[np.float64]:
    """Y' of pixels in 0..1, by the weights of ITU-R BT.709."""
    return np.asarray(rgb @ np.array([red, 1 - red - blue, blue]), dtype=np.float64)


def rising_sound(path: Path, seconds: float, *, rate: int = 48_000) -> Path:
    """A WAV file whose samples count milliseconds from its start: what is in it says where it came from."""
    count = (np.arange(round(seconds * rate)) * 1000 // rate).astype("<i2")
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes(count.tobytes())
    return path

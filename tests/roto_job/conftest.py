"""Fixtures of roto jobs: small plates, and jobs run task by task without an engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from roto_plates import Plate, make_plate

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.submission import SubmitRequest, plan
from shotmill.farm_plugins.task import Attempted, TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.images import read_matte
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.job import PUBLISH_TASK, JobSpec
from shotmill.schema.receipts import Output

STUB = {"segment": "stub", "propagate": "stub"}


@dataclass(frozen=True)
class Rotoed:
    """A roto whose tasks were run up to the publish."""

    spec: JobSpec
    folder: JobFolder
    attempts: Sequence[Attempted]

    @property
    def failure(self) -> str:
        """The first failure's one line, or nothing."""
        return next((attempt.failure or "" for attempt in self.attempts if attempt.exit_code), "")

    @property
    def code(self) -> str:
        """The first failure's code, or nothing."""
        return next((attempt.failure_code or "" for attempt in self.attempts if attempt.exit_code), "")

    def outputs(self, step: str) -> list[tuple[Output, list[Path]]]:
        return [
            (output, [self.folder.root / receipt.root / file.path for file in output.files])
            for receipt in read_receipts(self.folder, step)
            for output in receipt.outputs
        ]

    def files(self, step: str) -> dict[str, bytes]:
        """All files of a step by name."""
        return {str(path.name): path.read_bytes() for _output, paths in self.outputs(step) for path in paths}

    def document(self, step: str, representation: str) -> Any:
        [path] = [paths[0] for output, paths in self.outputs(step) if output.representation == representation]
        return json.loads(path.read_text())

    def matte(self, frame: int, channel: str = "A") -> np.ndarray:
        [path] = [
            paths[[file.frame for file in output.files].index(frame)]
            for output, paths in self.outputs("matte")
            if frame in [file.frame for file in output.files]
        ]
        return np.asarray(read_matte(path, channel))

    def stepped(self) -> int:
        """Frames that walks worked on, rather than found in the cache."""
        walks = {
            (step.name, output.facts["walk"]): output.facts.get("stepped", 0)
            for step in self.spec.steps
            if step.task == "propagate"
            for output, _paths in self.outputs(step.name)
            if "stepped" in output.facts
        }
        return sum(walks.values())


RunRoto = Callable[..., Rotoed]


@pytest.fixture
def plate(tmp_path: Path) -> Plate:
    return make_plate(tmp_path / "plates")


@pytest.fixture
def run_roto(tmp_path: Path, settings: Settings) -> RunRoto:
    """Plan a roto and run its tasks in order, up to the publish or the first failure."""
    runs = iter(range(1000))

    def run(
        plate: Plate | str,
        *objects: Any,
        settings: Settings = settings,
        until: str = PUBLISH_TASK,
        **params: Any,
    ) -> Rotoed:
        media = plate if isinstance(plate, str) else plate.pattern
        request = SubmitRequest("roto", params={"objects": list(objects), **params}, plates=[media])
        spec = plan(request, settings).spec
        folder = JobFolder(tmp_path / f"job-{next(runs)}")
        bundle = write_bundle(spec, folder)
        tools = StudioTools(settings)
        attempts: list[Attempted] = []
        for step in spec.steps:
            if step.task in {until, PUBLISH_TASK}:
                break
            for chunk in step.chunks():
                attempts.append(run_task(TaskRequest(bundle, step.name, chunk), settings, tools=tools))
                if attempts[-1].exit_code:
                    return Rotoed(spec, folder, attempts)
        return Rotoed(spec, folder, attempts)

    return run

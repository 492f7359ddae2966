"""Jobs whose tasks are run one by one, up to the publish, without an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from shotmill.farm_plugins.bundle import write_bundle
from shotmill.farm_plugins.task import Attempted, TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.receipts import read_receipts
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.job import PUBLISH_TASK, JobSpec
from shotmill.schema.receipts import Receipt


@dataclass(frozen=True)
class RanJob:
    """A job whose tasks were run up to the publish, or to the first failure."""

    spec: JobSpec
    folder: JobFolder
    attempts: Sequence[Attempted]

    @classmethod
    def run(cls, spec: JobSpec, root: Path, settings: Settings, tools: StudioTools) -> Self:
        """Run the tasks in order, in this process."""
        folder = JobFolder(root)
        bundle = write_bundle(spec, folder)
        attempts: list[Attempted] = []
        for step in spec.steps:
            for chunk in step.chunks() if step.task != PUBLISH_TASK else ():
                attempts.append(run_task(TaskRequest(bundle, step.name, chunk), settings, tools=tools))
                if attempts[-1].exit_code:
                    return cls(spec, folder, attempts)
        return cls(spec, folder, attempts)

    @property
    def failure(self) -> str:
        """The first failure's one line, or nothing."""
        return next((attempt.failure or "" for attempt in self.attempts if attempt.exit_code), "")

    def receipts(self, step: str) -> list[Receipt]:
        return read_receipts(self.folder, step)

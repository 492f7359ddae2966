"""A show with plates, whose jobs run in the test's own process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from shotmill.farm_plugins.memory import MemoryEngine
from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.pipeline.images import write_image
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.catalog import versions_of_job


class Show:
    """A show with plates, whose jobs run in this process."""

    def __init__(self, folder: Path, settings: Settings, database: Database) -> None:
        self.folder, self.settings, self.database = folder, settings, database
        self.engine = MemoryEngine(settings)

    def plate(self, name: str) -> Path:
        path = self.folder / f"{name}.png"
        write_image(path, np.full((32, 64, 3), len(name), np.uint8))
        return path

    def run(self, job_type: str, *plates: Path, **params: Any) -> list[Any]:
        """The versions that a job made."""
        request = SubmitRequest(job_type, plates=[str(plate) for plate in plates], params=params, project="show")
        made = submit(request, settings=self.settings, database=self.database, engine=self.engine)
        self.engine.run(made.job.id)
        return versions_of_job(self.database, made.job.id)

"""Questions that made jobs, kept with the job: whoever helps can ask the very same again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...pipeline.files import write_whole
from ...pipeline.folders import JobFolder

if TYPE_CHECKING:
    from ...pipeline.store.jobs import JobRow
    from .serve import Asking


def keep_question(job: JobRow, asking: Asking) -> None:
    """Keep the question in the job's folder, once; a disk that refuses is told, and the job goes on."""
    folder = JobFolder(Path(job.folder)).requests
    place = folder / f"{asking.id}.json"
    try:
        if not place.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(place, asking.text)
    except OSError as error:
        asking.speaker.warning(f"the question was not kept with {job.handle}: {error}")

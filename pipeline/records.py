"""Records of attempts on disk: one small file for each, written once and never changed."""

from __future__ import annotations

import os
from collections.abc import Collection

from pydantic import ValidationError

from ..schema.attempts import AttemptRecord
from .files import write_whole
from .folders import JobFolder, chunk_name

SUFFIX = ".json"


def keep_record(folder: JobFolder, record: AttemptRecord) -> None:
    """Store how an attempt ended.

    Raises:
        OSError: it could not be written.
    """
    place = folder.records(record.step)
    place.mkdir(parents=True, exist_ok=True)
    write_whole(place / f"{chunk_name(record.frames)}.{record.attempt}{SUFFIX}", record.canonical())


def read_records(folder: JobFolder, step: str, *, known: Collection[str] = ()) -> list[AttemptRecord]:
    """The records of a step, oldest first; half-written and damaged ones are left out until they are whole.

    Args:
        folder: of the job.
        step: its name.
        known: attempts whose records need not be read again.
    """
    found = []
    for name in _names(folder, step):
        if name.removesuffix(SUFFIX).rpartition(".")[2] in known:
            continue
        try:
            found.append(AttemptRecord.model_validate_json((folder.records(step) / name).read_bytes()))
        except (FileNotFoundError, ValidationError):
            continue
    return sorted(found, key=lambda record: (record.started, record.attempt))


def count_attempts(folder: JobFolder, step: str, chunk: str) -> int:
    """How many attempts at a task left a record."""
    return sum(name.startswith(f"{chunk}.") for name in _names(folder, step))


def _names(folder: JobFolder, step: str) -> list[str]:
    try:
        with os.scandir(folder.records(step)) as entries:
            return [entry.name for entry in entries if entry.name.endswith(SUFFIX)]
    except FileNotFoundError:
        return []

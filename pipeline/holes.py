"""Marks of holes on disk: frames that a farm was told to leave out, for a publish that may go on without them.

A frame without a receipt is no hole by itself: it may still run. Only a mark says so, and a receipt counts more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from ..schema.holes import HoleMark
from .files import write_whole
from .folders import JobFolder, chunk_name

SUFFIX = ".json"


def mark_hole(folder: JobFolder, mark: HoleMark) -> bool:
    """Store a mark, to survive a power cut; whether it was not there before.

    Raises:
        OSError: it could not be written.
    """
    path = folder.holes(mark.step) / f"{chunk_name(mark.frames)}{SUFFIX}"
    if _read(path) is not None:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, mark.canonical())
    return True


def read_holes(folder: JobFolder, step: str, *, job: str) -> list[HoleMark]:
    """The marks of a step by frames; damaged ones, and those of other jobs, are none.

    Args:
        folder: of the job.
        step: its name.
        job: its id.
    """
    found = [mark for path in _paths(folder, step) if (mark := _read(path)) is not None]
    mine = [mark for mark in found if (mark.job, mark.step) == (job, step)]
    return sorted(mine, key=lambda mark: mark.frames.frames)


def forget_holes(folder: JobFolder, step: str, frames: Iterable[int]) -> int:
    """Take away the marks of these frames, since somebody tries them again; how many.

    Raises:
        OSError: one could not be taken away.
    """
    again, count = frozenset(frames), 0
    for path in _paths(folder, step):
        mark = _read(path)
        if mark is not None and not again.isdisjoint(mark.frames):
            path.unlink(missing_ok=True)
            count += 1
    return count


def marked_frames(marks: Iterable[HoleMark]) -> frozenset[int]:
    """All frames of some marks."""
    return frozenset(frame for mark in marks for frame in mark.frames)


def _paths(folder: JobFolder, step: str) -> Iterator[Path]:
    try:
        with os.scandir(folder.holes(step)) as entries:
            return iter([Path(entry.path) for entry in entries if entry.name.endswith(SUFFIX)])
    except (FileNotFoundError, NotADirectoryError):
        return iter(())


def _read(path: Path) -> HoleMark | None:
    try:
        return HoleMark.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None

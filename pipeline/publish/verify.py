"""Reading published files again: what lies there against what the manifest beside it says; no database is needed."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ...schema.errors import InputCorruptError
from ...schema.publishing import MANIFEST_NAME, ManifestFile
from ..hashes import hash_file
from .register import read_manifest
from .stage import STAGING

READ_THREADS = 4
ADDED = "was added after the publish"
QUARANTINE = ".quarantine"  # where fsck moves what belongs nowhere


@dataclass(frozen=True)
class Problem:
    """One file that is not what it was."""

    path: Path
    problem: str
    frame: int | None = None


@dataclass(frozen=True)
class Verified:
    """What was read in one version's folder."""

    folder: Path
    files: int
    size_bytes: int
    problems: tuple[Problem, ...]


def verify_folder(folder: Path, *, manifest_checksum: str | None = None) -> Verified:
    """Read every file of a version again.

    Args:
        folder: of the version.
        manifest_checksum: as the database keeps it; None when there is no database to ask.
    """
    try:
        manifest = read_manifest(folder)
    except FileNotFoundError:
        return Verified(folder, 0, 0, (Problem(folder / MANIFEST_NAME, "is not there"),))
    except InputCorruptError as error:
        why = error.message.partition(f"{MANIFEST_NAME} ")[2]
        return Verified(folder, 0, 0, (Problem(folder / MANIFEST_NAME, why),))
    problems: list[Problem] = []
    if manifest_checksum is not None and hash_file(folder / MANIFEST_NAME)[0] != manifest_checksum:
        problems.append(Problem(folder / MANIFEST_NAME, "was changed after the publish"))
    files = [file for form in manifest.representations for file in form.files]
    with ThreadPoolExecutor(READ_THREADS) as pool:
        problems += [found for found in pool.map(lambda file: _check(folder, file), files) if found is not None]
    known = {file.path for file in files} | {MANIFEST_NAME}
    problems += [Problem(path, ADDED) for path in _others(folder, known)]
    return Verified(folder, len(files), sum(file.size for file in files), tuple(problems))


def _check(folder: Path, file: ManifestFile) -> Problem | None:
    path = folder / file.path
    try:
        if not stat.S_ISREG(path.lstat().st_mode):  # reading a pipe or a device may never end
            return Problem(path, "is no file any more", file.frame)
        checksum, size = hash_file(path)
    except FileNotFoundError:
        return Problem(path, "is not there", file.frame)
    except OSError as error:
        return Problem(path, f"cannot be read: {error.strerror}", file.frame)
    if size != file.size:
        return Problem(path, f"has {size} bytes instead of {file.size}", file.frame)
    if checksum != file.checksum:
        return Problem(path, "holds other bytes than were published", file.frame)
    return None


def _others(folder: Path, known: set[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name not in known:
            yield path


def version_folders(project_root: Path) -> Iterator[Path]:
    """Every folder below a root that holds a manifest; what lies in staging is no version yet, and may go meanwhile."""
    for folder, folders, files in os.walk(project_root):
        folders[:] = sorted(set(folders) - {STAGING, QUARANTINE})
        if MANIFEST_NAME in files:
            yield Path(folder)


def version_in(folder: Path) -> uuid.UUID | None:
    """The version that the manifest in a folder speaks of; None when there is none that can be read."""
    try:
        return uuid.UUID(read_manifest(folder).version_id)
    except (OSError, InputCorruptError, ValueError):
        return None

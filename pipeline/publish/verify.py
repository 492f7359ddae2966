"""Reading published files again: what lies there against what the manifest beside it says; no database is needed."""

from __future__ import annotations

import errno
import os
import stat
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ...schema.errors import InputCorruptError
from ...schema.publishing import MANIFEST_NAME, ManifestFile
from ..hashes import hash_file, hash_handle
from .register import read_manifest
from .stage import STAGING

READ_THREADS = 4
NO_FILE = "is no file any more"
# A link is not followed, and a pipe does not wait for whoever writes.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NOT_PLAIN = frozenset({errno.ELOOP, errno.ENXIO})  # a link; a socket
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
    problems += _wrong(folder, files)
    known = {file.path for file in files} | {MANIFEST_NAME}
    problems += [Problem(folder / name, ADDED) for name in sorted({path.name for path in folder.iterdir()} - known)]
    return Verified(folder, len(files), sum(file.size for file in files), tuple(problems))


def _wrong(folder: Path, files: Sequence[ManifestFile]) -> list[Problem]:
    """Read the files on several threads; what is wrong, in their order."""
    waiting = iter(list(enumerate(files)))  # its next() is one step to all threads

    def work(_number: int) -> list[tuple[int, Problem]]:
        found = ((index, _check(folder, file)) for index, file in waiting)
        return [(index, problem) for index, problem in found if problem is not None]

    with ThreadPoolExecutor(READ_THREADS) as pool:
        found = [one for part in pool.map(work, range(READ_THREADS)) for one in part]
    return [problem for _index, problem in sorted(found, key=lambda one: one[0])]


def _check(folder: Path, file: ManifestFile) -> Problem | None:
    try:
        found = _hashed(f"{folder}/{file.path}")
    except FileNotFoundError:
        return Problem(folder / file.path, "is not there", file.frame)
    except OSError as error:
        what = NO_FILE if error.errno in _NOT_PLAIN else f"cannot be read: {error.strerror}"
        return Problem(folder / file.path, what, file.frame)
    if found is None:
        return Problem(folder / file.path, NO_FILE, file.frame)
    if found == (file.checksum, file.size):
        return None
    size = found[1]
    what = f"has {size} bytes instead of {file.size}" if size != file.size else "holds other bytes than were published"
    return Problem(folder / file.path, what, file.frame)


def _hashed(path: str) -> tuple[str, int] | None:
    """Checksum and size of a file; None where it is none: reading a pipe or a device may never end."""
    handle = os.open(path, _FLAGS)
    try:
        return hash_handle(handle) if stat.S_ISREG(os.fstat(handle).st_mode) else None
    finally:
        os.close(handle)


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

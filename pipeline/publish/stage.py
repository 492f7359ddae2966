"""Staging: bring what will be published next to where it will lie, hash it on the way, push it to the disk.

No version number is taken before every byte was checked, so a publish that is refused burns none.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...schema.errors import ReceiptMismatchError
from ..files import storage_error
from ..hashes import hash_handle, new_hash
from ..jail import open_file, opened
from ..seals import is_sealed
from .draft import Draft, DraftFile, DraftForm
from .faults import fault

STAGING = ".staging"
BLOCK = 1024 * 1024  # as fast as larger ones, and stays in the processor's cache
COPY_THREADS = 4
SMALL = 256 * 1024  # bytes of all files; read in the time that a thread takes to start
PUBLISHED_MODE = 0o444  # what was published is never written again


@dataclass(frozen=True)
class StagedFile:
    """One file in the staging folder, under a name of no meaning. ``place``: in the list of its form, from 0."""

    name: str
    form: DraftForm
    file: DraftFile
    place: int


@dataclass(frozen=True)
class Staged:
    """A draft whose every byte lies checked in its staging folder."""

    draft: Draft
    folder: Path
    files: tuple[StagedFile, ...]


def stage(draft: Draft, project_folder: Path) -> Staged:
    """Bring a draft's files into a folder of its own below ``<project>/.staging``.

    Args:
        draft: complete; see ``check_complete``.
        project_folder: of the project; staged files are renamed later, so both lie on one file system.

    Raises:
        ReceiptMismatchError: a file is gone, cut off or changed since its receipt; names file and frame.
        DiskFullError: no space is left; nothing stays behind.
    """
    folder = project_folder / STAGING / f"{draft.key[:16]}-{uuid.uuid4().hex}"
    numbers = itertools.count()
    staged = tuple(
        StagedFile(f"f{next(numbers):07d}", form, file, place)
        for form in draft.forms
        for place, file in enumerate(form.files)
    )
    try:
        with opened(project_folder, PurePosixPath(STAGING, folder.name), make=True) as inside:
            fault("stage:folder")
            _bring_all(staged, draft.root, inside)
            fault("stage:verified")
            os.fsync(inside)
        fault("stage:folder-synced")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise storage_error(folder, error) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Staged(draft, folder, staged)


def _bring_all(files: Sequence[StagedFile], root: Path, folder: int) -> None:
    """Work on several threads, each with one buffer for all its files; the first error ends them all."""
    waiting = iter(files)  # its next() is one step to all threads
    largest = max((one.file.size for one in files), default=0)
    failed = threading.Event()

    def work(_number: int) -> None:
        buffer = memoryview(bytearray(min(BLOCK, largest + 1)))
        try:
            for one in waiting:
                if failed.is_set():
                    return
                _bring_checked(one, root, folder, buffer)
        except BaseException:
            failed.set()
            raise

    threads = min(COPY_THREADS, len(files))
    if sum(one.file.size for one in files) <= SMALL:
        work(0)
        return
    with ThreadPoolExecutor(max(threads, 1)) as pool:
        list(pool.map(work, range(threads)))


def _bring_checked(staged: StagedFile, root: Path, folder: int, buffer: memoryview) -> None:
    """Bring one file into an open folder, hashing what lies there, and compare with its receipt.

    A file that its task sealed gets a second name, since nobody writes to it any more; any other is copied.
    """
    file = staged.file
    given = _opened(file, root)
    try:
        fault("stage:copying")
        if _linked(given, staged.name, folder):
            checksum, size = hash_handle(given)
            fault("stage:copied")
            os.fdatasync(given)
        else:
            checksum, size = _copied(given, staged.name, folder, buffer)
    finally:
        os.close(given)
    fault("stage:synced")
    if (checksum, size) != (file.checksum, file.size):
        what = f"has {size} bytes instead of {file.size}" if size != file.size else "holds other bytes"
        raise ReceiptMismatchError(
            f"{file.source} {what} than its receipt says; run its task again",
            hint=f"shotmill retry {root.name}",
            path=file.source,
            frame=file.frame,
        )


def _linked(given: int, name: str, folder: int) -> bool:
    """Give an open file a second name, if it is sealed and the system can; whether it did."""
    if not is_sealed(os.fstat(given)):
        return False
    try:
        os.link(f"/proc/self/fd/{given}", name, dst_dir_fd=folder, follow_symlinks=True)  # this file, and no other
    except OSError:  # another file system, or one without links, or no Linux
        return False
    return True


def _copied(given: int, name: str, folder: int, buffer: memoryview) -> tuple[str, int]:
    """Copy an open file; the checksum and size of what was written."""
    hasher = new_hash()
    size = 0
    made = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PUBLISHED_MODE, dir_fd=folder)
    try:
        while count := os.readv(given, [buffer]):
            hasher.update(buffer[:count])
            _write_all(made, buffer[:count])
            size += count
        fault("stage:copied")
        os.fdatasync(made)
    finally:
        os.close(made)
    return str(hasher.hexdigest()), size


def _opened(file: DraftFile, root: Path) -> int:
    try:
        return open_file(file.source, root=root)
    except OSError as error:
        raise ReceiptMismatchError(
            f"{file.source} cannot be opened any more: {error.strerror}; run its task again",
            hint=f"shotmill retry {root.name}",
            path=file.source,
            frame=file.frame,
        ) from error


def _write_all(handle: int, content: memoryview) -> None:
    while content:
        content = content[os.write(handle, content) :]


def clean_staging(project_folder: Path, key: str) -> None:
    """Remove what runs of this key left in staging, this one's and those that were killed."""
    place = project_folder / STAGING
    with contextlib.suppress(OSError):  # another publish has work there, or was the last to leave
        for leftover in place.glob(f"{key[:16]}-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        place.rmdir()

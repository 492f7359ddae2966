"""Files on disk: written whole, pushed to the disk, and failures in our words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ..schema.errors import DiskFullError, StorageError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file and push it to the disk; what could only be written in part is removed.

    Raises:
        OSError: it could not be written; names it.
    """
    try:
        with path.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        error.filename = error.filename or str(path)  # a full disk names none
        raise


def storage_error(path: Path, error: OSError) -> StorageError:
    """An operating system's error in our words."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return DiskFullError(f"no space is left for {path}", hint="make space and run the command again", path=path)
    return StorageError(f"{path} cannot be written: {error.strerror or error}", hint="check its permissions", path=path)


def free_bytes(folder: Path) -> int:
    """Space that is left for ordinary users on the disk of a folder.

    Raises:
        OSError: it is not there.
    """
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize


def sync_folder(path: Path) -> None:
    """Push a folder's entries to the disk, so that a rename in it survives a power cut.

    Raises:
        OSError: the folder cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

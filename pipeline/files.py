"""Files on disk: written whole, pushed to the disk, and failures in our words."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from ..schema.errors import DiskFullError, StorageError

_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC


def write_whole(path: Path, content: bytes, *, folder: int | None = None) -> None:
    """Write a file and push it to the disk; what could only be written in part is removed.

    Args:
        path: of the file.
        content: all of it.
        folder: an open folder to write it into, wherever its path leads by now; see ``jail``.

    Raises:
        OSError: it could not be written; names it.
    """
    place = str(path) if folder is None else path.name
    try:
        with open(os.open(place, _WRITE, 0o666, dir_fd=folder), "wb") as stream:  # noqa: PTH123 - a handle is no path
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(place, dir_fd=folder)
        error.filename = error.filename or str(path)  # a full disk names none
        raise


def read_file(path: Path, *, most: int) -> bytes:
    """The content of a file, and of nothing else: reading a pipe or a device may never end.

    Raises:
        OSError: it cannot be read, is no file, or holds more than ``most`` bytes.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        if facts.st_size > most:
            raise OSError(errno.EFBIG, f"it has {facts.st_size} bytes, {most} are allowed", str(path))
        return stream.read()


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

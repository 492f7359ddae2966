"""Folders below a root, held open: what is done through such a handle stays there, whatever links appear meanwhile."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PurePosixPath

from ..schema.errors import PathJailError
from .files import sync_folder

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # opening a pipe would wait for somebody who writes
_IS_A_LINK = frozenset({errno.ELOOP, errno.ENOTDIR})
MAKING_TRIES = 20  # a folder that was just made may go again: whoever leaves staging removes it when it is empty


@contextmanager
def opened(root: Path, relative: str | PurePosixPath, *, make: bool = False, sync: bool = False) -> Iterator[int]:
    """A folder below a root as a handle for ``dir_fd``; links on the way are followed once, and must stay inside.

    Args:
        root: where it must stay; made when it is not there and ``make`` says so.
        relative: the folder, relative to the root.
        make: whether folders that are not there are made.
        sync: whether the names of all folders on the way, the root's too, are pushed to the disk. Whoever made one of
            them may not have come to it.

    Raises:
        PathJailError: a link on the way leads out of the root, or appeared while this looked.
        FileNotFoundError: it is not there.
    """
    handle = _make(root, relative, sync=sync) if make else _walk(root, relative, make=False, sync=sync)
    try:
        yield handle
    finally:
        os.close(handle)


def open_file(path: Path, *, root: Path) -> int:
    """A file below a root as a handle to read it.

    Raises:
        OSError: it is not there, is no file, or a link is on the way; says which.
    """
    *folders, name = path.relative_to(root).parts
    place = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            place = _into(place, folder, make=False)
        handle = os.open(name, _FILE, dir_fd=place)
    except OSError as error:
        if error.errno in _IS_A_LINK and _is_link(root, path.relative_to(root)):
            raise OSError(errno.ELOOP, "it is a link, or lies behind one", str(path)) from error
        raise
    finally:
        os.close(place)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return handle


def _make(root: Path, relative: str | PurePosixPath, *, sync: bool) -> int:
    root.mkdir(parents=True, exist_ok=True)
    for _ in range(MAKING_TRIES - 1):
        with contextlib.suppress(FileNotFoundError):
            return _walk(root, relative, make=True, sync=sync)
    return _walk(root, relative, make=True, sync=sync)


def _walk(root: Path, relative: str | PurePosixPath, *, make: bool, sync: bool) -> int:
    top = root.resolve()
    real = (top / relative).resolve()
    if not real.is_relative_to(top):
        raise _leads_out(root, relative)
    if sync:
        with contextlib.suppress(PermissionError):  # then it was none of us who made the root
            sync_folder(top.parent)
    handle = os.open(top, _FOLDER)
    try:
        for part in real.relative_to(top).parts:
            handle = _into(handle, part, make=make, sync=sync)
    except OSError as error:
        os.close(handle)
        if error.errno in _IS_A_LINK and _is_link(root, relative):
            raise _leads_out(root, relative) from error
        raise
    return handle


def _into(handle: int, part: str, *, make: bool, sync: bool = False) -> int:
    """The folder inside an open one, which is closed; makes it where it is missing."""
    if make:
        with contextlib.suppress(FileExistsError):  # or a link is there, which opening refuses
            os.mkdir(part, dir_fd=handle)
    if sync:
        os.fsync(handle)
    found = os.open(part, _FOLDER, dir_fd=handle)
    os.close(handle)
    return found


def _is_link(root: Path, relative: str | PurePath) -> bool:
    path = root / relative
    return any(one.is_symlink() for one in (path, *path.parents) if one != root and one.is_relative_to(root))


def _leads_out(root: Path, relative: str | PurePosixPath) -> PathJailError:
    path = root / relative
    return PathJailError(
        f"{path} leads out of {root} through a link; remove the link", path=path, hint=f"ls -l {path.parent}"
    )

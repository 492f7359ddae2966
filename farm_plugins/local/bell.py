"""Wakes a sleeping engine: a named pipe in its place, so that nobody has to look for work all the time."""

from __future__ import annotations

import errno
import os
import select
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

NAME = "bell"


class Bell:
    """The engine's end of the pipe, and a pipe of its own for its threads and signal handlers.

    Args:
        place: folder of the pipe. Where it cannot be made, the engine still looks for work now and then.
    """

    def __init__(self, place: Path) -> None:
        self._outside = _open(place / NAME)
        self._inside, self._rope = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._rope).atexit = False  # until then a signal or a thread may ring
        self._poll = select.poll()
        for descriptor in (self._inside, self._outside):
            if descriptor is not None:
                self._poll.register(descriptor, select.POLLIN)

    def ring(self) -> None:
        """Wake the engine, from any thread or signal handler of its own process."""
        try:
            os.write(self._rope, b"!")
        except (BlockingIOError, BrokenPipeError):
            return  # it rings already, or the engine is leaving

    def wait(self, timeout_s: float) -> bool:
        """Sleep until somebody rings, but no longer than this many seconds; whether another process rang."""
        rung = [descriptor for descriptor, _event in self._poll.poll(timeout_s * 1000)]
        for descriptor in rung:
            try:
                os.read(descriptor, 4096)
            except BlockingIOError:
                continue
        return self._outside in rung

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for descriptor in (self._outside, self._inside):
            if descriptor is not None:
                os.close(descriptor)


def ring(place: Path) -> None:
    """Wake the engine that sleeps in this place; nothing happens when there is none."""
    try:
        pipe = os.open(place / NAME, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENXIO, errno.EACCES, errno.ENOTDIR, errno.EROFS}:
            return  # nobody sleeps there, or it is not for us to wake
        raise
    try:
        os.write(pipe, b"!")
    except (BlockingIOError, BrokenPipeError):
        return
    finally:
        os.close(pipe)


def _open(path: Path) -> int | None:
    try:
        if os.path.lexists(path) and not path.is_fifo():
            path.unlink(missing_ok=True)
        os.mkfifo(path, 0o600)
    except FileExistsError:
        pass  # it is there, and perhaps another engine listens already
    except OSError:
        return None
    try:
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)  # for writing too: it never reads as closed
    except OSError:
        return None

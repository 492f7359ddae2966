"""The log of a home's engines: one file, to which all of them append, and which never grows without end."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

NAME = "engine.log"
MAX_BYTES = 4 * 1024 * 1024
KEPT_BYTES = 1024 * 1024


def keep_small(log: Path) -> None:
    """Take the oldest lines out of a log that has grown too large; whoever has it open goes on appending.

    Raises:
        OSError: it cannot be read or written.
    """
    if log.stat().st_size <= MAX_BYTES:
        return
    with log.open("a+b") as lines:
        try:
            fcntl.flock(lines, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another engine does it
        lines.seek(-KEPT_BYTES, os.SEEK_END)
        newest = lines.read().partition(b"\n")[2]
        lines.truncate(0)  # first: it makes room on a full disk
        lines.write(newest)

"""Seals: a task's output that nobody writes to any more, so that a second name does for a copy.

A file with two names may be one that an artist still works on; such a file is never sealed, and so always copied.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def seal(path: Path) -> None:
    """Take away the right to write a file that has this one name; any other stays as it is.

    Raises:
        OSError: it is not there, or it is somebody else's.
    """
    facts = path.lstat()
    if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1:
        path.chmod(stat.S_IMODE(facts.st_mode) & ~WRITABLE)


def is_sealed(facts: os.stat_result) -> bool:
    """Whether these are the facts of a file of ours that has one name and that nobody may write."""
    ours = facts.st_uid == os.geteuid()
    return ours and stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1 and not facts.st_mode & WRITABLE

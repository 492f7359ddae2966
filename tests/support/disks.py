"""Where tests write: in memory, where there is room, because they write and remove very many small files."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # on Linux, a disk that is none
ROOM = 8 * 1024**3  # bytes; a whole run writes less than half of that


def write_in_memory() -> None:
    """Let temporary files of this process and of those that it starts lie in memory, unless somebody chose a place."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # is looked for again


def other_disk(than: Path) -> Path:
    """A folder on another disk than this one; the test that needs one fails where none is found."""
    for place in (MEMORY, Path("/tmp"), Path("/var/tmp"), Path(__file__).parent):
        if place.is_dir() and os.access(place, os.W_OK) and place.stat().st_dev != than.stat().st_dev:
            return place
    raise AssertionError(f"this machine has no other disk than that of {than}")

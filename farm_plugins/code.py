"""What code a process runs: of job types from other wheels, and of what is installed. Stamps differ when it changed."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

INSTALLS = frozenset({"site-packages", "dist-packages"})
METADATA = (".dist-info", ".egg-info", ".egg-link", ".pth")
MAX_FILES = 5000  # of one package; what is behind them is not looked at


def installed_stamp(environment: Mapping[str, str]) -> tuple[frozenset[tuple[str, int]], ...]:
    """What is installed where Python looks for packages; an import that caches its bytecode changes nothing.

    Args:
        environment: of the process that would look.
    """
    own = [path for path in sys.path if Path(path).name in INSTALLS]
    given = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    return tuple(_installed(folder, changed) for folder in (*own, *given) if (changed := _changed_ns(folder)))


def code_stamp(place: str) -> str:
    """Names, sizes and times of the Python files of a package's folder, or of one file, as a hash."""
    hasher = hashlib.blake2b(digest_size=16)
    for count, entry in enumerate(_sources(place)):
        if count == MAX_FILES:
            break
        hasher.update(f"{entry[0]}\0{entry[1]}\0{entry[2]}\n".encode(errors="surrogateescape"))
    return hasher.hexdigest()


def _sources(place: str) -> Iterator[tuple[str, int, int]]:
    """Path, size and time of each Python file, by path."""
    if not os.path.isdir(place):  # noqa: PTH112 - asked for every batch of tasks
        yield place, *_facts(place)
        return
    for folder, folders, files in os.walk(place):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            if name.endswith(".py"):
                path = os.path.join(folder, name)  # noqa: PTH118 - same
                yield path, *_facts(path)


def _facts(path: str) -> tuple[int, int]:
    try:
        facts = os.stat(path)  # noqa: PTH116 - same
    except OSError:
        return 0, 0
    return facts.st_size, facts.st_mtime_ns


def _changed_ns(folder: str) -> int:
    """When an entry of a folder came or went; 0 where there is no folder."""
    return _facts(folder)[1]


@lru_cache(maxsize=64)
def _installed(folder: str, _changed: int) -> frozenset[tuple[str, int]]:
    try:
        with os.scandir(folder) as entries:
            return frozenset((one.name, one.stat().st_mtime_ns) for one in entries if one.name.endswith(METADATA))
    except OSError:
        return frozenset()

"""Paths as Nuke writes them, and as Shotmill does."""

from __future__ import annotations

import re
from typing import Mapping, NamedTuple

MAP_VARIABLE = "SHOTMILL_PATHS"
PERCENT = re.compile(r"%(?:0(\d+))?d")
DRIVE = re.compile(r"^[A-Za-z]:/")


class PathMap(NamedTuple):
    """Folders of this host, and the same as Shotmill's hosts see them.

    Attributes:
        pairs: (here, there), without a slash at the end; the first that fits is taken.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def there(self, path: str) -> str:
        """A path of this host as Shotmill sees it; drive letters and their folders are alike in capitals and not."""
        for here, there in self.pairs:
            if _lies_in(path, here):
                return there + path[len(here) :]
        return path

    def here(self, path: str) -> str:
        """A path of Shotmill's as this host sees it."""
        for here, there in self.pairs:
            if _lies_in(path, there):
                return here + path[len(there) :]
        return path


def path_map(environment: Mapping[str, str]) -> PathMap:
    """The map of ``SHOTMILL_PATHS``: ``Z:/shows=/mnt/shows;Y:=/mnt/cache``."""
    pairs: list[tuple[str, str]] = []
    for part in environment.get(MAP_VARIABLE, "").split(";"):
        here, equals, there = part.partition("=")
        if equals and here.strip() and there.strip():
            pairs.append((forward(here.strip()).rstrip("/"), forward(there.strip()).rstrip("/")))
    return PathMap(tuple(pairs))


def forward(path: str) -> str:
    """A path with ``/``, whatever Windows wrote; other backslashes are letters of a name."""
    looks_windows = bool(re.match(r"^([A-Za-z]:[\\/]|\\\\)", path))
    return path.replace("\\", "/") if looks_windows else path


def is_absolute(path: str) -> bool:
    """Whether a path names one place, on whichever system."""
    return path.startswith("/") or bool(DRIVE.match(path))


def hashes(path: str) -> str:
    """A path with ``#`` for its frame number, as Shotmill writes sequences: ``%04d`` is ``####``."""
    return PERCENT.sub(lambda found: "#" * int(found.group(1) or 1), path)


def percents(path: str) -> str:
    """A path with ``%04d`` for its frame number, as Nuke writes sequences; only the file's name has one."""
    folder, slash, name = path.rpartition("/")
    return folder + slash + re.sub("#+", lambda found: f"%0{len(found.group())}d", name, count=1)


def for_view(path: str, view: str) -> str:
    """A path with a view's name for ``%V``, and its first letter for ``%v``."""
    return path.replace("%V", view).replace("%v", view[:1])


def has_views(path: str) -> bool:
    """Whether each view has a file of its own."""
    return "%V" in path or "%v" in path


def _lies_in(path: str, folder: str) -> bool:
    if DRIVE.match(f"{folder}/"):  # Windows does not tell capitals apart
        path, folder = path.lower(), folder.lower()
    return path == folder or path.startswith(f"{folder}/")

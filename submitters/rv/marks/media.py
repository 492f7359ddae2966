"""How RV writes a sequence's path, and how Shotmill does."""

from __future__ import annotations

import re

PADDING = 4  # RV: one '#' stands for four digits, one '@' for one
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_FRAMES = r"-?\d+(?:-(?:-?\d+))?(?:x\d+)?"
_SEQUENCE = re.compile(
    r"(?:(?P<frames>" + _FRAMES + r"(?:," + _FRAMES + r")*))?(?P<marks>#+|@+)|%0?(?P<width>\d*)d",
)


def media_pattern(path: str) -> str:
    """A path as RV has it, with its padding as ``#`` and without the frames that RV writes before it.

    ``plate.1001-1048#.exr``, ``plate.%04d.exr`` and ``plate.@@@@.exr`` are all ``plate.####.exr``; a movie's path
    comes back as it is, and so does the folder.
    """
    plain = path.replace("\\", "/") if _WINDOWS.match(path) else path
    folder, slash, name = plain.rpartition("/")
    found = _SEQUENCE.search(name)
    if found is None:
        return folder + slash + name
    head, tail = name[: found.start()], name[found.end() :]
    return folder + slash + head + "#" * _width(found) + tail


def _width(found: re.Match[str]) -> int:
    marks = found.group("marks")
    if marks is None:
        return int(found.group("width") or 1)
    return PADDING if marks == "#" else len(marks)

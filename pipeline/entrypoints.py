"""What other wheels offer Shotmill, by entry point groups; nothing of theirs is imported before it is wanted."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_INSTALLED = (".dist-info", ".egg-info", ".egg")
_GROUP = b"[shotmill."


def offered(group: str) -> dict[str, list[EntryPoint]]:
    """The entry points of a group by name; several where wheels claim one name.

    Args:
        group: such as ``shotmill.jobs``.
    """
    return _offered(group, tuple(sys.path))


@cache
def _offered(group: str, _where: tuple[str, ...]) -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    points = _all(_where)
    for point in points.select(group=group) if points is not None else ():
        if point not in found.setdefault(point.name, []):
            found[point.name].append(point)
    return found


def look_anew() -> None:
    """Forget what was offered, since something may have been installed."""
    _all.cache_clear()
    _offered.cache_clear()


def owner(point: EntryPoint) -> str:
    """The wheel that offers something, for people."""
    wheel = f"{point.dist.name} {point.dist.version}" if point.dist else "an unnamed wheel"
    return f"{wheel} ({point.value})"


@cache
def _all(_where: tuple[str, ...]) -> Any:  # what it is called differs between Pythons
    if not any(map(_may_offer, _where)):
        return None
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow: parses the metadata of every installed wheel

    return entry_points()


def _may_offer(place: str) -> bool:
    """Whether wheels that are installed in a folder may offer Shotmill something; nothing is parsed.

    What is no folder, such as a zip file, may.
    """
    try:
        with os.scandir(place or os.curdir) as entries:
            installed = [entry for entry in entries if entry.name.endswith(_INSTALLED)]
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return any(entry.name.endswith(".egg") or _names_a_group(f"{entry.path}/entry_points.txt") for entry in installed)


def _names_a_group(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - there are hundreds: a Path object each costs more than the look
            return _GROUP in file.read()
    except OSError:  # most wheels have none
        return False

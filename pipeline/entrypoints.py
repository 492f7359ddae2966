"""What other wheels offer Shotmill, by entry point groups; nothing of theirs is imported before it is wanted."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def offered(group: str) -> dict[str, list[EntryPoint]]:
    """The entry points of a group by name; several where wheels claim one name.

    Args:
        group: such as ``shotmill.jobs``.
    """
    return _offered(group, tuple(sys.path))


@cache
def _offered(group: str, _where: tuple[str, ...]) -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for point in _all(_where).select(group=group):
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
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow: reads the metadata of every installed wheel

    return entry_points()

"""Paths of other machines as paths of this one: a mixed studio calls one disk ``P:/shows`` and ``/mnt/shows``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..schema.errors import PathJailError

_OTHERS = re.compile(r"[A-Za-z]:[/\\]|\\\\|//")  # a drive, or a share
_WINDOWS = re.compile(r"[A-Za-z]:[/\\]|\\\\")  # what no path here begins with


def roots_of(pairs: Sequence[str]) -> dict[str, str]:
    """The setting ``path_map`` as prefixes and what they are here."""
    return {old: new for old, _sign, new in (pair.partition("=") for pair in pairs)}


def mapped(path: str, roots: Mapping[str, str]) -> str:
    """The path with the longest prefix that fits replaced; drives and shares are compared without case.

    Args:
        path: of any machine; slashes lean either way.
        roots: prefixes, which are folders, and what stands for them here.
    """
    text = path.replace("\\", "/") if _OTHERS.match(path) else path
    for old in sorted(roots, key=len, reverse=True):
        wanted = old.replace("\\", "/").rstrip("/")
        head = text[: len(wanted)]
        same = head.lower() == wanted.lower() if _OTHERS.match(old) else head == wanted
        if same and text[len(wanted) :][:1] in {"", "/"}:
            return roots[old].rstrip("/") + text[len(wanted) :]
    return path


def on_this_machine(path: str, pairs: Sequence[str], *, field: str) -> str:
    """The path of a plate or file as this machine sees it.

    Raises:
        PathJailError: it is a path of Windows that no pair maps, or it is relative.
    """
    found = mapped(path, roots_of(pairs))
    if _WINDOWS.match(found):
        raise PathJailError(
            f"{path[:200]!r} is a path of Windows, and nothing says where it is on this machine",
            hint="add FROM=TO to the setting path_map, such as P:/shows=/mnt/shows",
            field=field,
        )
    if not found.startswith("/"):
        raise PathJailError(
            f"{path[:200]!r} is relative, and a host stands in no folder; send the absolute path", field=field
        )
    return found

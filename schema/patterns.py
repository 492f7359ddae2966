"""Patterns of burn-in: text with fields such as ``{shot}`` and ``{frame}``."""

from __future__ import annotations

import difflib
import string

FIELDS = (
    "project", "sequence", "shot", "name", "version", "frame", "timecode", "artist", "date", "text", "source",
    "display", "view",
)  # fmt: skip
COUNTING = frozenset({"frame", "timecode"})  # another one on each frame
MAX_PATTERN = 200


def fields_of(pattern: str) -> list[str]:
    """The fields of a pattern, in order.

    Raises:
        ValueError: it has a field that is not known, or a brace alone.
    """
    found = []
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise ValueError(f"{pattern[:60]!r} has a brace alone ({error}); write {{{{ for one that is shown") from error
    for _text, name, form, conversion in parts:
        if name is None:
            continue
        if name not in FIELDS or form or conversion:
            near = ", ".join("{" + one + "}" for one in difflib.get_close_matches(name, FIELDS, n=3, cutoff=0.0))
            raise ValueError(f"{pattern[:60]!r} has the field {{{name[:40]}}}, which is not known; nearest: {near}")
        found.append(name)
    return found


def check_pattern(pattern: str) -> str:
    """The pattern, when all of its fields are known; see ``fields_of``."""
    fields_of(pattern)
    return pattern

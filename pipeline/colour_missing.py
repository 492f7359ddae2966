"""What to say of a file that is not there: where it was looked for, and which three there are nearest to it."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..schema.errors import ColourError

_SOUGHT = re.compile(r"file reference '([^']+)' could not be located")  # OpenColorIO's words
MOST_LISTED = 10_000  # files of a folder that are compared


def nearest_files(name: str, folders: Iterable[Path], *, kinds: Iterable[str] = ()) -> str:
    """The nearest three of the files in folders, as words for the end of a message.

    Args:
        name: of the file that was sought.
        folders: those that are not there are left out.
        kinds: suffixes that may be meant; empty: that of the name.
    """
    wanted = {kind.lower() for kind in kinds} or {Path(name).suffix.lower()}
    there = {one for folder in folders for one in _files(folder) if Path(one).suffix.lower() in wanted}
    found = difflib.get_close_matches(Path(name).name, sorted(there), n=3, cutoff=0.0)
    return f"nearest: {', '.join(found)}" if found else "there is none of its kind"


def missing_file(config: Any, context: Any, said: str) -> ColourError | None:
    """The error for a file that OpenColorIO did not find; None: it complains of something else.

    Args:
        config: of OpenColorIO.
        context: by which names and search paths were resolved.
        said: its own message.
    """
    sought = _SOUGHT.search(said)
    if sought is None:
        return None
    home = str(config.getWorkingDir())
    paths = [str(context.resolveStringVar(path)) for path in context.getSearchPaths()] or [""]
    name = str(context.resolveStringVar(sought[1]))
    folders = [Path(home, path, name).parent for path in paths]
    there = nearest_files(name, folders)
    return ColourError(
        f"LUT file {name!r} is not in {' or '.join(map(str, folders))}; {there}",
        hint="bring it, or mend the config; shotmill colour explain SHOT shows who names it",
        path=str(folders[0] / Path(name).name),
    )


def _files(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for _number, entry in zip(range(MOST_LISTED), entries, strict=False)]
    except OSError:
        return []

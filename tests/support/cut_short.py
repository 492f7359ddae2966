"""What processes that tests killed had begun to write of their coverage: it cannot be combined, and may end the run."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def remove_cut_short(folder: Path) -> list[str]:
    """Remove data files of coverage that are not whole; their names."""
    broken = sorted(path for path in folder.glob(".coverage.*") if not _is_whole(path))
    for path in broken:
        path.unlink(missing_ok=True)
    return [path.name for path in broken]


def _is_whole(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            found.execute("SELECT version FROM coverage_schema").fetchone()
            return bool(found.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False

"""A backup put back in the place of a database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...schema.errors import BadRequestError, DatabaseError, NotFoundError
from .backup import backup_database
from .database import BUSY_TIMEOUT_S, Database
from .doubt import doubt_letters
from .migrate import revision, upgrade


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of it.

    Attributes:
        kept: where the database of before is; None: there was none.
        letters: how many wait to be told, and are looked for before they are.
    """

    kept: Path | None
    letters: int


def restore_database(database: Database, source: Path, *, by: str) -> Restored:
    """Put a backup of an SQLite database in its place; what was there before is kept beside it.

    It is copied through SQLite itself, so that programs that have the database open see the old rows or the new ones.

    Args:
        database: to be replaced.
        source: what ``backup_database`` made.
        by: who does it.

    Raises:
        BadRequestError: it is PostgreSQL, which has a program of its own for this.
        NotFoundError: there is no such file, or it is no backup of ours; nothing was changed.
        DatabaseError: the copy failed.
    """
    if not database.is_sqlite:
        raise BadRequestError(
            f"database {database.place} is restored by PostgreSQL's own program",
            hint=f"pg_restore --clean --if-exists --single-transaction --dbname {database.url.database} {source}; "
            "then shotmill db restored",
        )
    _check_backup(source)
    place = Path(str(database.url.database))
    kept = _keep(database, place)
    try:
        with (
            closing(sqlite3.connect(source)) as given,
            closing(sqlite3.connect(place, timeout=BUSY_TIMEOUT_S)) as made,
        ):
            given.backup(made)
    except sqlite3.Error as error:
        raise DatabaseError(f"{source} could not be put in the place of {place}: {error}") from error
    upgrade(database, by=by)
    return Restored(kept, note_restored(database, by=by, why=f"restored from {source.name}"))


def note_restored(database: Database, *, by: str, why: str) -> int:
    """Have all that waits looked for before it is told: it may have been told since; how many letters wait."""
    return doubt_letters(database, moment=datetime.now(UTC), by=by, why=why)


def _check_backup(source: Path) -> None:
    if not source.is_file():
        raise NotFoundError(f"there is no backup {source}; nothing was changed", path=source)
    copy = Database(f"sqlite:///{source}")
    try:
        with copy.read() as connection:
            whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        ours = revision(copy) is not None
    except DatabaseError as error:
        raise NotFoundError(f"{source} is no backup: {error.message}; nothing was changed", path=source) from error
    finally:
        copy.dispose()
    if whole != "ok" or not ours:
        what = "holds nothing of Shotmill's" if whole == "ok" else f"is not whole: {whole}"
        raise NotFoundError(f"{source} {what}; nothing was changed", path=source)


def _keep(database: Database, place: Path) -> Path | None:
    if not place.is_file() or revision(database) is None:
        return None
    kept = place.with_name(f"{place.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    backup_database(database, kept)
    return kept

"""A copy of the database, made while it is in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from ...schema.errors import BadRequestError, DatabaseError, DiskFullError, MachineError, NotFoundError
from .database import Database
from .migrate import revision

_PASSED = frozenset({"PATH", "HOME", "LANG", "SYSTEMROOT", "APPDATA"})  # where pg_dump looks for its own settings


def backup_database(database: Database, target: Path) -> None:
    """Copy the database to a file: SQLite through its online backup, PostgreSQL through ``pg_dump``.

    Raises:
        BadRequestError: something lies at the target already.
        NotFoundError: there is no database, or it has no tables of ours.
        MachineError: ``pg_dump`` is not installed.
        DatabaseError: the copy failed; nothing is left at the target.
        DiskFullError: no space is left.
    """
    if target.exists():
        raise BadRequestError(f"{target} is there already; name a new file", path=target)
    _check_source(database)
    half_written = target.with_name(f".{target.name}.part")
    try:
        if database.is_sqlite:
            _copy_sqlite(str(database.url.database), half_written)
        else:
            _dump_postgresql(database, half_written)
        half_written.replace(target)
    finally:
        half_written.unlink(missing_ok=True)


def _check_source(database: Database) -> None:
    """Refuse to back up nothing, which a mistyped home would be."""
    lies_there = not database.is_sqlite or Path(str(database.url.database)).is_file()
    if not lies_there or revision(database) is None:
        raise NotFoundError(
            f"database {database.place} holds nothing of Shotmill's; nothing was backed up",
            hint="shotmill config explain database",
        )


def _copy_sqlite(source: str, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as given, closing(sqlite3.connect(target)) as made:
            given.backup(made)
            answer = made.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        if "full" in str(error):
            raise DiskFullError(f"no space is left for {target}", hint="make space and run it again") from error
        raise DatabaseError(f"{source} could not be copied to {target}: {error}") from error
    if answer != "ok":
        raise DatabaseError(f"the copy of {source} is not whole: {answer}", hint="shotmill db check")


def _dump_postgresql(database: Database, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise MachineError(
            "pg_dump is not on PATH", hint="install PostgreSQL's client programs, such as postgresql-client"
        )
    url = database.url
    # pg_dump's arguments can be read by everybody on the machine: the password goes another way.
    server = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    command = [program, "--format=custom", "--file", str(target), "--dbname", server.render_as_string()]
    environment = {name: value for name, value in os.environ.items() if name in _PASSED or name.startswith("PG")}
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise DatabaseError(f"pg_dump failed: {ran.stderr.strip().splitlines()[-1] if ran.stderr else ran.returncode}")

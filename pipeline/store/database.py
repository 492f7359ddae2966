"""Connections to SQLite and PostgreSQL, with the locking and durability that publishing needs."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError as PlainDatabaseError
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError, ProgrammingError, SQLAlchemyError

from ...schema.errors import ConfigError, DatabaseDamagedError, DatabaseError, DiskFullError, MissingExtraError
from ...schema.roles import Role
from ..files import free_bytes
from .bulk import copy_from
from .refusals import is_refusal, refusal, watchman

BUSY_TIMEOUT_S = 30
BUSY_PAUSE_S = 0.01
SHARED_MEMORY = 32 * 1024  # bytes by which SQLite's -shm file grows: sqlite.org/walformat.html
RESHAPE_LOCK = 0x53484F544D494C4C  # "SHOTMILL" in ASCII: the advisory lock of table changes


_EMPTY = {type(None): "null", dict: "{}", list: "[]"}


def _to_json(value: Any) -> str:
    """JSON as ``json.dumps`` writes it; an ingest has tens of thousands of empty ones, and each call costs."""
    return _EMPTY[type(value)] if not value and type(value) in _EMPTY else json.dumps(value)


class Database:
    """One database. Make it once, pass it down; safe to use from several threads.

    Args:
        url: with its driver named, as ``Settings.database_url`` gives it.
        durable: SQLite only: ``synchronous=FULL``, so that a commit survives a power cut. The publish
            transaction needs it; queue bookkeeping does not.
        max_pause_s: PostgreSQL only: the server ends a transaction that stands still for longer, so that a machine
            that froze in the middle of one keeps nobody waiting.
        role: to work as; None: whatever the login may, which on SQLite is everything.

    Raises:
        ConfigError: the URL cannot be read, or names another kind of database.
        MissingExtraError: the driver is not installed.
    """

    def __init__(
        self, url: str, *, durable: bool = True, max_pause_s: float | None = None, role: Role | None = None
    ) -> None:
        try:
            self.url = make_url(url)
        except SQLAlchemyError as error:
            raise ConfigError(
                "the database URL cannot be read; write sqlite:///PATH or postgresql://HOST/NAME"
            ) from error
        self.role = role
        self.dialect = self.url.get_backend_name()
        if self.dialect not in {"sqlite", "postgresql"}:
            raise ConfigError(
                f"database kind {self.dialect!r} is not supported; SQLite and PostgreSQL are",
                hint="set SHOTMILL_DATABASE to sqlite:///PATH or postgresql://USER@HOST/NAME",
            )
        self.engine = self._sqlite(durable=durable) if self.dialect == "sqlite" else self._postgresql(max_pause_s)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.dialect == "sqlite"

    @property
    def place(self) -> str:
        """Where the database is, fit for people: never a password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection in a transaction that changes nothing; SQLite takes no write lock.

        Raises:
            DatabaseError: the database cannot be reached.
        """
        with (
            self._translated(),
            self.engine.connect() as connection,
            connection.execution_options(readonly=True).begin(),
        ):
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a transaction that is committed at the end, or rolled back when something is raised.

        SQLite: ``BEGIN IMMEDIATE``, so writers queue instead of failing half-way.

        Raises:
            DatabaseError: the database cannot be reached or refused.
            DiskFullError: no space is left where it lies.
        """
        with self._translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reshape(self) -> Iterator[Connection]:
        """A transaction that changes tables: whole or not at all, and one process at a time.

        SQLite follows no foreign key meanwhile, because a table that is made anew would take the rows that point
        at it along; every key is checked before the commit.

        Raises:
            DatabaseError: the database cannot be reached or refused, or a row would point at nothing.
            DiskFullError: no space is left where it lies.
        """
        with self._translated(), self.engine.connect() as connection:
            if not self.is_sqlite:
                with connection.begin():
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({RESHAPE_LOCK})")
                    yield connection
                return
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
            try:
                with connection.begin():
                    yield connection
                    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                        raise DatabaseError(
                            f"database {self.place}: {len(broken)} rows of {broken[0][0]} would point at nothing; "
                            "nothing was changed",
                            hint="shotmill db check",
                        )
            finally:
                driver.execute("PRAGMA foreign_keys=ON")

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, ProgrammingError) as error:
            raise self._as_ours(error) from error
        except DBAPIError as error:
            # Plain DatabaseError: SQLite's "malformed" and "not a database". InternalError: PostgreSQL set read-only.
            if error.connection_invalidated or type(error) in {PlainDatabaseError, InternalError}:
                raise self._as_ours(error) from error
            raise

    def _as_ours(self, error: DBAPIError) -> DatabaseError | DiskFullError:
        text = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
        if is_refusal(error.orig):
            user = f"the role {self.role.value}" if self.role else str(self.url.username or "this login")
            return refusal(text, error.statement, place=self.place, user=user)
        if "disk is full" in text or "No space left" in text or self._lacks_space(error):
            return DiskFullError(
                f"no space is left for the database {self.place}: {text}",
                hint="make space and run the command again",
            )
        if getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            mend = f"move {self.url.database} away, with its -wal and -shm, and put a backup in its place"
            return DatabaseDamagedError(f"database {self.place}: {text}", hint=mend)
        return DatabaseError(f"database {self.place}: {text}", hint="shotmill db check")

    def _lacks_space(self, error: DBAPIError) -> bool:
        """Whether what SQLite calls an I/O error is a disk so full that its lock file cannot grow."""
        failed = getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_IOERR")
        return failed and free_bytes(Path(str(self.url.database)).parent) < SHARED_MEMORY

    def _sqlite(self, *, durable: bool) -> Engine:
        if self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url, json_serializer=_to_json, connect_args={"timeout": BUSY_TIMEOUT_S, "isolation_level": None}
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            _write_ahead(cursor)
            cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()
            if self.role is not None and self.role is not Role.ADMIN:
                connection.set_authorizer(watchman(self.role))

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if connection.get_execution_options().get("readonly", False):
                driver: Any = connection.connection.driver_connection
                driver.execute("BEGIN")  # touches no file yet, so nothing can refuse it
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    def _postgresql(self, max_pause_s: float | None) -> Engine:
        if self.url.drivername != "postgresql+psycopg2":
            raise ConfigError(f"driver {self.url.drivername!r} is not supported; write postgresql://HOST/NAME")
        try:
            engine = create_engine(
                self.url,
                json_serializer=_to_json,
                executemany_mode="values_plus_batch",  # else each row of ON CONFLICT is a journey of its own
                pool_pre_ping=True,
                pool_size=5,
                max_overflow=10,
            )
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                "PostgreSQL needs psycopg2, which is not installed",
                hint="pip install 'shotmill[postgres]'",
            ) from error
        event.listen(engine, "do_execute", copy_from)
        # For each transaction: a pooler between may hand out another connection.
        first = [] if self.role is None else [f"SET LOCAL ROLE {self.role.name_on_server}"]
        if max_pause_s is not None:
            first.append(f"SET LOCAL idle_in_transaction_session_timeout = {round(max_pause_s * 1000)}")
        if first:

            @event.listens_for(engine, "begin")
            def begin(connection: Connection) -> None:
                connection.exec_driver_sql("; ".join(first))

        return engine


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Let SQLite keep a write-ahead log; for that, unlike for all else, it does not wait for others by itself."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(BUSY_PAUSE_S)
        else:
            return

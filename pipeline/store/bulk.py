"""Much at once, thousands of rows or megabytes of content: one statement on SQLite, COPY on PostgreSQL.

COPY takes rows in a quarter of the time of an INSERT of many, and bytes in a third.
https://www.postgresql.org/docs/current/sql-copy.html has its formats.
"""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Column, Connection, Dialect, Insert, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from ...schema.tables import Blob, now
from .entities import insert_or_ignore

Row = Mapping[str, Any]
COPIED = "shotmill_copied"  # the execution option that holds what a COPY reads
NOTHING = "\\N"  # NULL in COPY's text format
_PLAIN = (int, float, Decimal, UUID, date)  # bool and datetime are of these; each reads as it prints
_LINES = 250
_BUFFER = 1 << 20
_BINARY = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_BINARY_END = struct.pack("!h", -1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL counts microseconds from here


def insert_many(connection: Connection, table: Any, rows: Sequence[Row], *, ignore: bool = False) -> None:
    """Insert rows, or leave those alone that are there already.

    Writers that race for the same rows must give them in the same order, else PostgreSQL sees a deadlock.

    Args:
        connection: in a transaction.
        table: one of ours.
        rows: values by column; each names every column, so that neither database fills in one of its own.
        ignore: whether a row that is there already is left as it is. COPY knows no such thing: the rows must be
            believed new, and where another writer was faster they are sent anew, the slow way.

    Raises:
        ValueError: the rows do not name the table's columns.
    """
    if not rows:
        return
    name, columns = table.__table__.name, list(table.__table__.columns)
    if rows[0].keys() != {column.name for column in columns}:
        raise ValueError(f"rows for {name} name {sorted(rows[0])}, which are not its columns")
    plain = insert_or_ignore(connection, table) if ignore else insert(table)
    if connection.dialect.name == "sqlite":
        _insert(connection, plain, columns, rows)
        return
    names = ", ".join(f'"{column.name}"' for column in columns)
    copy = f'COPY "{name}" ({names}) FROM STDIN'
    if ignore:
        _copy_unless_there(connection, copy, _Lines(columns, rows, connection.dialect), (plain, rows))
    else:
        _copy(connection, copy, _Lines(columns, rows, connection.dialect))


def _insert(connection: Connection, statement: Insert, columns: Sequence[Column[Any]], rows: Sequence[Row]) -> None:
    """Hand rows to the driver; SQLAlchemy would gather each row's values by name, one after another."""
    dialect = connection.dialect
    text = str(statement.compile(dialect=dialect, column_keys=[column.name for column in columns]))
    makers = [(column.name, column.type.dialect_impl(dialect).bind_processor(dialect)) for column in columns]
    values = [tuple([make(row[name]) if make else row[name] for name, make in makers]) for row in rows]
    connection.exec_driver_sql(text, values)


def insert_content(connection: Connection, checksum: str, media_type: str, content: bytes) -> None:
    """Keep content under its hash, unless it is kept already.

    Args:
        connection: in a transaction.
        checksum: of the content; ASCII.
        media_type: ASCII.
        content: the bytes.
    """
    if connection.execute(select(Blob.checksum).where(Blob.checksum == checksum)).scalar() is not None:
        return
    created = now()
    row = {"checksum": checksum, "media_type": media_type, "content": content, "created": created}
    plain = insert_or_ignore(connection, Blob)
    if connection.dialect.name == "sqlite":
        connection.execute(plain, row)
        return
    moment = struct.pack("!q", (created - _EPOCH) // timedelta(microseconds=1))
    source = io.BytesIO(_binary(checksum.encode("ascii"), media_type.encode("ascii"), content, moment))
    copy = "COPY blob (checksum, media_type, content, created) FROM STDIN (FORMAT binary)"
    _copy_unless_there(connection, copy, source, (plain, row))


def copy_from(cursor: Any, statement: str, _parameters: object, context: Any) -> bool:
    """Hand a COPY its content; a listener to ``do_execute``, so that its errors become SQLAlchemy's as all others do.

    Returns:
        Whether this was a COPY, and is done.
    """
    source: object = context.execution_options.get(COPIED)
    if source is None:
        return False
    cursor.copy_expert(statement, source, _BUFFER)
    return True


class _Source(Protocol):
    def read(self, size: int, /) -> str | bytes: ...


def _copy(connection: Connection, statement: str, source: _Source) -> None:
    try:
        connection.exec_driver_sql(statement, execution_options={COPIED: source})
    except DBAPIError:
        if isinstance(source, _Lines) and source.failure is not None:  # of which the driver kept the text alone
            raise source.failure from None
        raise


def _copy_unless_there(connection: Connection, statement: str, source: _Source, plain: tuple[Any, Any]) -> None:
    """Copy what is believed new; where it is not, run the plain statement instead, with its rows."""
    try:
        with connection.begin_nested():
            _copy(connection, statement, source)
    except IntegrityError:
        connection.execute(*plain)


class _Lines:
    """Rows in COPY's text format, as a file: the server stores some hundred of them while the next are written."""

    def __init__(self, columns: Sequence[Column[Any]], rows: Sequence[Row], dialect: Dialect) -> None:
        writers = [(column.name, _writer(column, dialect)) for column in columns]
        self._lines = ("\t".join([write(row[name]) for name, write in writers]) + "\n" for row in rows)
        self.failure: Exception | None = None

    def read(self, _size: int, /) -> str:
        """The next lines; nothing at the end."""
        try:
            return "".join(itertools.islice(self._lines, _LINES))
        except Exception as error:
            self.failure = error
            raise


def _writer(column: Column[Any], dialect: Dialect) -> Callable[[Any], str]:
    """How COPY's text says a value of a column, after the column's type made of it what an INSERT would send."""
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    if bind is None:
        return copy_text
    return lambda value: copy_text(bind(value))


def copy_text(value: object) -> str:
    """A value in COPY's text format.

    Raises:
        TypeError: nobody said yet how this kind of value is written.
    """
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    if value is None:
        return NOTHING
    if isinstance(value, _PLAIN):
        return str(value)
    raise TypeError(f"COPY is not told how to write a {type(value).__name__}")


def _binary(*fields: bytes) -> bytes:
    """One row in COPY's binary format."""
    sized = itertools.chain.from_iterable((struct.pack("!i", len(field)), field) for field in fields)
    return b"".join((_BINARY, struct.pack("!h", len(fields)), *sized, _BINARY_END))

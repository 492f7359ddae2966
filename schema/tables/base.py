"""Base class, column types and naming rules of all tables; one set for SQLite and PostgreSQL."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import JSON, Column, ColumnClause, DateTime, Dialect, Enum, MetaData, String, Uuid
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeDecorator, TypeEngine

from ..ids import uuid7

Value = TypeVar("Value")
Kind = TypeVar("Kind", bound=StrEnum)
NAME = String(128)
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware going in, aware coming out; SQLite keeps no zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time reached the database; use datetime.now(UTC)")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back aware UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """JSON on SQLite, JSONB on PostgreSQL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database at hand stores it as."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON())
        from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415 - slow: no SQLite user pays for it

        return dialect.type_descriptor(JSONB())


def json_dict() -> TypeEngine[dict[str, Any]]:
    """A JSON object."""
    return Json()


def json_list() -> TypeEngine[list[Any]]:
    """A JSON array."""
    return Json()


def enum_column(kind: type[Kind], name: str) -> TypeEngine[Kind]:
    """Text with a CHECK on both databases; stores the enum's values."""
    stored: Any = Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )
    return stored  # type: ignore[no-any-return]


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def column(kind: TypeEngine[Value], *rules: SchemaItem, **more: Any) -> ColumnClause[Value]:
    """A column that always holds a value; ``rules`` and ``more`` are those of SQLAlchemy's Column."""
    return Column(kind, *rules, nullable=False, **more)


def optional(kind: TypeEngine[Value], *rules: SchemaItem, **more: Any) -> ColumnClause[Value | None]:
    """A column that may hold nothing."""
    return Column(kind, *rules, nullable=True, **more)


def key() -> ColumnClause[uuid.UUID]:
    """The primary key: made here and not by the database, in the order of time."""
    return column(Uuid(), primary_key=True, default=uuid7)


def moment() -> ColumnClause[datetime]:
    """When the row was made, unless said otherwise."""
    return column(UtcDateTime(), default=now)


class _TableClass(type):
    """Lets a class stand for its table in a statement: ``insert(Job)``, ``select(Job.id).select_from(Job)``."""

    __table__: sqlalchemy.Table

    def __clause_element__(cls) -> sqlalchemy.Table:
        return cls.__table__


class Table(metaclass=_TableClass):
    """The base of every table. A class's columns, in their order, are the table ``name``; no row is ever an object.

    Every statement is SQLAlchemy Core over these columns. The mapper of its ORM would cost each command 130 ms of
    start-up and give nothing that is used; the columns are typed all the same.

    Args of a subclass:
        name: of the table in the database.
        rules: its constraints and indexes.
    """

    metadata = MetaData(naming_convention=NAMING)

    def __init_subclass__(cls, *, name: str, rules: tuple[SchemaItem, ...] = ()) -> None:
        columns = {key: value for key, value in vars(cls).items() if isinstance(value, Column)}
        for key, value in columns.items():
            value.name = value.key = key
        cls.__table__ = sqlalchemy.Table(name, cls.metadata, *columns.values(), *rules)

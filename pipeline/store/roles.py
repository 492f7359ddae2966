"""Roles on a PostgreSQL server: what it is told of them. SQLite has a watchman instead, see ``refusals``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from sqlalchemy import text

from ...schema.errors import BadRequestError
from ...schema.roles import Role, grants
from .database import Database

SHOW_SCHEMA = "SELECT quote_ident(current_schema())"
ROW_RULES = """
ALTER TABLE {schema}.pointer ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS shotmill_read ON {schema}.pointer;
CREATE POLICY shotmill_read ON {schema}.pointer FOR SELECT USING (true);
DROP POLICY IF EXISTS shotmill_publish ON {schema}.pointer;
CREATE POLICY shotmill_publish ON {schema}.pointer TO {artist}
    USING (name <> 'approved') WITH CHECK (name <> 'approved');
DROP POLICY IF EXISTS shotmill_review ON {schema}.pointer;
CREATE POLICY shotmill_review ON {schema}.pointer TO {supervisor} USING (true) WITH CHECK (true);
"""


def roles_sql(schema: str = "public") -> str:
    """What a PostgreSQL server is told of the roles; told again, it changes nothing.

    Args:
        schema: of the tables, quoted where it must be.
    """
    return "\n".join(_statements(schema)) + "\n"


def _statements(schema: str) -> Iterator[str]:
    names = [role.name_on_server for role in Role]
    yield "-- Roles of Shotmill: GRANT one of them to each login. Run as the owner of the tables, with CREATEROLE."
    for name in names:
        there = "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL"
        yield f"DO $$ BEGIN CREATE ROLE {name} NOLOGIN; {there}; END $$;"
    for weaker, stronger in itertools.pairwise(names):
        yield f"GRANT {weaker} TO {stronger};"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {names[0]};"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {', '.join(names)};"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {names[0]};"
    before: dict[str, frozenset[str]] = {}
    for role in Role:
        now = grants(role)
        for table in sorted(now):
            if new := now[table] - before.get(table, frozenset()):
                yield f"GRANT {', '.join(sorted(new))} ON {schema}.{table} TO {role.name_on_server};"
        before = now
    yield "-- The pointer 'approved' is moved by supervisors alone."
    known = {"artist": Role.ARTIST.name_on_server, "supervisor": Role.SUPERVISOR.name_on_server}
    yield ROW_RULES.format(schema=schema, **known).strip()


def apply_roles(database: Database) -> None:
    """Tell the server of the roles, whole or not at all.

    Raises:
        BadRequestError: SQLite has no roles.
        DatabaseError: the server refused; says what is needed.
    """
    if database.is_sqlite:
        raise BadRequestError(
            f"database {database.place} is SQLite, which has no roles: it serves one person, who is admin",
            hint="set SHOTMILL_ROLE to work as less than that",
        )
    with database.write() as connection:
        schema = connection.execute(text(SHOW_SCHEMA)).scalar_one()
        connection.exec_driver_sql(roles_sql(schema).replace("%", "%%"))


def has_roles(database: Database) -> bool:
    """Whether the server knows the roles."""
    if database.is_sqlite:
        return False
    with database.read() as connection:
        asked = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
        return connection.execute(asked, {"name": Role.VIEWER.name_on_server}).first() is not None

"""What a role may not do: a watchman on SQLite, and for both databases words that say which role is needed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable

from ...schema.errors import NotAllowedError
from ...schema.roles import DELETE, INSERT, SELECT, UPDATE, Role, role_for

NOT_ALLOWED = "42501"  # SQLSTATE insufficient_privilege: postgresql.org/docs/current/errcodes-appendix.html
_TABLE = re.compile(r'(?:table|relation) "?(\w+)"?')
_STATEMENT = re.compile(r'\s*(INSERT|UPDATE|DELETE|COPY|SELECT)\b(?:\s+(?:INTO|FROM))?\s+"?(\w+)', re.IGNORECASE)
_CHANGES = {sqlite3.SQLITE_INSERT: INSERT, sqlite3.SQLITE_UPDATE: UPDATE, sqlite3.SQLITE_DELETE: DELETE}
_HARMLESS = frozenset({
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_RECURSIVE,
})  # fmt: skip
Watchman = Callable[[int, str | None, str | None, str | None, str | None], int]


def watchman(role: Role) -> Watchman:
    """What SQLite asks of each statement, so that it refuses a role what a server's grants would."""

    def allows(action: int, table: str | None, _column: str | None, _database: str | None, _trigger: str | None) -> int:
        if action in _HARMLESS:
            return sqlite3.SQLITE_OK
        needed = role_for(_CHANGES[action], str(table)) if action in _CHANGES else None
        may = needed is not None and role.rank >= needed.rank
        return sqlite3.SQLITE_OK if may else sqlite3.SQLITE_DENY

    return allows


def is_refusal(error: BaseException | None) -> bool:
    """Whether a driver's error says that this was not allowed."""
    return getattr(error, "pgcode", None) == NOT_ALLOWED or getattr(error, "sqlite_errorname", "") == "SQLITE_AUTH"


def refusal(text: str, statement: str | None, *, place: str, user: str) -> NotAllowedError:
    """A refusal in words: what was tried, and who may.

    Args:
        text: as the driver put it.
        statement: that was refused.
        place: of the database, fit for people.
        user: who tried.
    """
    found = _STATEMENT.match(statement or "")
    verb = "" if found is None else found.group(1).upper().replace("COPY", INSERT)
    if verb == SELECT and "UPDATE" in str(statement):
        verb = UPDATE  # to lock a row is to change it
    named = _TABLE.search(text)
    table = named.group(1) if named else found.group(2) if found else ""
    if "set role" in text:
        hint = "ask an administrator for it, or leave the setting 'role' empty"
        return NotAllowedError(f"database {place}: {user} is not given to this login", hint=hint, user=user, role=user)
    if verb == "" or "owner" in text:
        what = f"database {place}: {text}"
        return NotAllowedError(
            f"{what}; only the owner of its tables may do that", hint="run it as the owner", user=user, role="owner"
        )
    needed = role_for(verb, table)
    if needed is not None and "row-level security" in text:
        needed = Role.SUPERVISOR
    tried = f"database {place}: {user} may not {_WORDS[verb]} {table!r}"
    if needed is None:
        return NotAllowedError(f"{tried}; nobody may: what it holds is only added to", user=user, role="nobody")
    return NotAllowedError(
        f"{tried}; that needs the role {needed.value}",
        hint=f"ask an administrator for GRANT {needed.name_on_server} TO a login, or see the setting 'role'",
        user=user,
        role=needed.value,
    )


_WORDS = {SELECT: "read", INSERT: "add to", UPDATE: "change", DELETE: "delete from"}

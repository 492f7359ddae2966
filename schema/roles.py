"""Who may do what: four roles and one table of operations, of which grants and refusals are both made.

::

    viewer < artist < supervisor < admin        each may do what those before it may

On PostgreSQL they are roles of the server, ``shotmill_viewer`` and so on, and the server refuses. SQLite is for one
person, who is admin unless the setting ``role`` says less; the same table then refuses there, statement by statement.
Tables are made and changed by their owner alone, who is none of these. The audit is added to by everybody who works,
and changed by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

INSERT, UPDATE, DELETE, SELECT = "INSERT", "UPDATE", "DELETE", "SELECT"


class Role(StrEnum):
    """Weakest first; each may do what those before it may."""

    VIEWER = "viewer"
    ARTIST = "artist"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """How much it may: 0 for the weakest."""
        return list(Role).index(self)

    @property
    def name_on_server(self) -> str:
        """The role of a PostgreSQL server."""
        return f"shotmill_{self.value}"


class Operation(NamedTuple):
    """Something people do: the weakest role that may, and what it does to which tables besides reading.

    To lock a row counts as changing it.
    """

    role: Role
    summary: str
    does: Mapping[str, tuple[str, ...]]


def _adds(*tables: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(tables, (INSERT,))


_CHANGES = (INSERT, UPDATE)
_ALL = (INSERT, UPDATE, DELETE)

OPERATIONS: Mapping[str, Operation] = {
    "read": Operation(Role.VIEWER, "look at everything: jobs, versions, notes, lineage, the audit", {}),
    "note": Operation(Role.ARTIST, "say something about a version", _adds("note", "delivery", "event")),
    "submit": Operation(
        Role.ARTIST, "submit, cancel and retry jobs",
        {**_adds("event"), "job": _CHANGES, "step": _CHANGES, "task_run": _CHANGES},
    ),
    "work": Operation(
        Role.ARTIST, "run tasks, as engines and farm hosts do",
        {
            **dict.fromkeys(("job", "step", "task_run"), (UPDATE,)),
            **dict.fromkeys(("attempt", "engine"), _ALL),
            **_adds("receipt"),
        },
    ),
    "publish": Operation(
        Role.ARTIST, "publish versions",
        {
            **_adds("project", "sequence", "shot", "asset", "representation", "file", "version_link"),
            **_adds("publish_run", "delivery", "event"),
            "product": _CHANGES,
            "version": _CHANGES,
            "pointer": _CHANGES,
        },
    ),
    "ingest": Operation(
        Role.ARTIST, "put cuts into the database",
        {**_adds("project", "sequence", "cut_version", "clip", "blob", "event"), "shot": _CHANGES, "cut": _CHANGES},
    ),
    "review": Operation(
        Role.SUPERVISOR, "approve, reject, omit and reopen versions",
        {**_adds("note", "delivery", "event"), "review": _CHANGES, "pointer": _ALL, "product": (UPDATE,)},
    ),
    "colour": Operation(
        Role.SUPERVISOR, "say what the colour of projects, sequences and shots is",
        {"colour": _CHANGES, **_adds("project", "event")},
    ),
    "deliver": Operation(
        Role.ADMIN, "tell trackers and chats, and mend the outbox",
        {"delivery": _ALL, "note": (UPDATE,), "event": (INSERT,)},
    ),
    "pull": Operation(
        Role.ADMIN, "bring in what trackers know",
        {
            **dict.fromkeys(("person", "project", "sequence", "shot", "asset", "task"), _CHANGES),
            **_adds("note", "delivery", "event"),
            "review": _CHANGES,
            "pointer": _ALL,
            "product": (UPDATE,),
        },
    ),
}  # fmt: skip


def may(role: Role, operation: str) -> bool:
    """Whether a role may do one of the operations."""
    return role.rank >= OPERATIONS[operation].role.rank


def grants(role: Role) -> dict[str, frozenset[str]]:
    """What a role may do to each table besides reading it, with what weaker roles may."""
    found: dict[str, frozenset[str]] = {}
    for operation in OPERATIONS.values():
        if operation.role.rank <= role.rank:
            for table, verbs in operation.does.items():
                found[table] = found.get(table, frozenset()) | frozenset(verbs)
    return found


def role_for(verb: str, table: str) -> Role | None:
    """The weakest role that may do this to a table; None: nobody may."""
    return next((role for role in Role if verb == SELECT or verb in grants(role).get(table, ())), None)

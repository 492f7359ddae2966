"""The database's tables brought to this program's revision: looked at, upgraded, downgraded, checked, backed up.

Alembic is loaded only when there is something to change; ``ensure_schema`` costs two small questions.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from ...schema.errors import BadRequestError, SchemaVersionError
from ...schema.migrations import FOLDER, HEAD, REVISIONS
from .audit import record
from .database import Database

AUDITED = "0004"  # the revision that made the audit
_HAS_TABLE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name = '{name}'",
    "postgresql": "SELECT to_regclass('{name}')",
}


def ensure_schema(database: Database) -> None:
    """Make sure the tables fit this program; call it once, before the first question.

    An embedded SQLite database is created or upgraded by itself; several processes may do so at once. A server is
    upgraded only by ``shotmill db upgrade``, because other machines may still run the older program.

    Raises:
        SchemaVersionError: the server's tables are older, or any database's are newer or of unknown make.
        DatabaseError: the database cannot be reached.
    """
    with database.read() as connection:
        found = _revision(database, connection)
    if found == HEAD:
        return
    if database.is_sqlite:
        _check_known(database, found)
        upgrade(database)
        return
    _check_known(database, found)
    state = "has no tables yet" if found is None else f"is at revision {found}"
    raise SchemaVersionError(
        f"database {database.place} {state}; this program needs revision {HEAD}",
        hint="shotmill db upgrade",
        found=found or "none",
        needed=HEAD,
    )


def revision(database: Database) -> str | None:
    """The revision of the database's tables; None when it has none yet.

    Raises:
        SchemaVersionError: it holds our tables but no revision.
        DatabaseError: the database cannot be reached.
    """
    with database.read() as connection:
        return _revision(database, connection)


def upgrade(database: Database, target: str = "head", *, by: str = "shotmill") -> tuple[str, ...]:
    """Bring the tables up to ``target``, whole or not at all; safe to run from several processes at once.

    Args:
        database: which.
        target: a revision, or ``head``.
        by: who does it, for the audit.

    Returns:
        The revisions that were applied, oldest first; empty when there was nothing to do.

    Raises:
        SchemaVersionError: the database was made by a newer program.
        BadRequestError: there is no such revision, or it lies below the database's own.
    """
    wanted = HEAD if target == "head" else target
    if wanted not in REVISIONS:
        raise BadRequestError(f"there is no revision {target!r}; known: {', '.join(REVISIONS)}", revision=target)
    with database.reshape() as connection:
        found = _revision(database, connection)  # asked again: another process may have been faster
        _check_known(database, found)
        done = 0 if found is None else REVISIONS.index(found) + 1
        if done > REVISIONS.index(wanted) + 1:
            raise BadRequestError(
                f"database {database.place} is at revision {found}, above {wanted}",
                hint=f"shotmill db downgrade --steps {done - REVISIONS.index(wanted) - 1}",
            )
        applied = REVISIONS[done : REVISIONS.index(wanted) + 1]
        if applied:
            _run("upgrade", connection, wanted)
            if found is not None:
                _record(connection, "db-upgrade", wanted, by, applied)
    return applied


def downgrade(database: Database, steps: int = 1, *, by: str = "shotmill") -> tuple[str, ...]:
    """Take back the newest revisions, whole or not at all. Rows of tables that go are lost: back up first.

    Returns:
        The revisions that were taken back, newest first.

    Raises:
        SchemaVersionError: the database was made by a newer program.
        BadRequestError: it has fewer revisions than ``steps``.
    """
    with database.reshape() as connection:
        found = _revision(database, connection)
        _check_known(database, found)
        have = 0 if found is None else REVISIONS.index(found) + 1
        if not 1 <= steps <= have:
            raise BadRequestError(
                f"database {database.place} has {have} revisions; {steps} cannot be taken back",
                hint="shotmill db check",
            )
        left = have - steps
        _run("downgrade", connection, REVISIONS[left - 1] if left else "base")
        taken = tuple(reversed(REVISIONS[left:have]))
        if left:
            _record(connection, "db-downgrade", REVISIONS[left - 1], by, taken)
    return taken


def _record(connection: Connection, verb: str, reached: str, by: str, revisions: tuple[str, ...]) -> None:
    """Write into the audit that the tables changed, where they have one."""
    if reached >= AUDITED:
        record(connection, verb, "database", actor=by, facts={"revisions": list(revisions), "now": reached})


def _run(verb: str, connection: Connection, target: str) -> None:
    from alembic import command  # noqa: PLC0415 - heavy: 100 ms, and a current database needs none of it
    from alembic.config import Config  # noqa: PLC0415 - same

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    getattr(command, verb)(config, target)


def _revision(database: Database, connection: Connection) -> str | None:
    def has(name: str) -> bool:
        return connection.execute(text(_HAS_TABLE[database.dialect].format(name=name))).scalar() is not None

    # Asked first: a server shows tables that are made between two questions, and both are made at once.
    has_ours = has("project")
    if has("alembic_version"):
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found is not None:
            return str(found)
    if has_ours:
        raise SchemaVersionError(
            f"database {database.place} holds tables but does not say of which revision; "
            "start with an empty one, or restore a backup",
            hint="shotmill db backup",
        )
    return None


def _check_known(database: Database, found: str | None) -> None:
    if found is not None and found not in REVISIONS:
        raise SchemaVersionError(
            f"database {database.place} is at revision {found}, made by a newer Shotmill; "
            f"this program knows revisions up to {HEAD}",
            hint="install the newer Shotmill on this machine",
            found=found,
            needed=HEAD,
        )

"""``db``: the database's schema and safety."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....schema.errors import BadRequestError
from ....schema.names import counted
from ..output import json_option
from ..studio import open_database, studio

if TYPE_CHECKING:
    from ....pipeline.store import Database


@click.group("db", help="Upgrade, downgrade, check, back up or restore the database.")
def db_command() -> None:
    """The database."""


def _database(ctx: click.Context) -> Database:
    where = studio(ctx)
    found = open_database(where.settings)
    ctx.find_root().call_on_close(found.dispose)
    return found


@db_command.command("upgrade", help="Bring the tables up to this program's revision.")
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Apply migrations."""
    from ....pipeline.store import migrate
    from ....pipeline.store.roles import has_roles

    database = _database(ctx)
    applied = migrate.upgrade(database, by=studio(ctx).settings.login)
    print(f"applied {', '.join(applied)}" if applied else "nothing to do: the tables are current")
    if applied and has_roles(database):
        print("next: shotmill db roles --apply; new tables are nobody's until then")


@db_command.command("downgrade", help="Take the newest revisions back; back up first.")
@click.option("--steps", type=click.IntRange(min=1), default=1, show_default=True, help="how many")
@click.option("--yes", is_flag=True, help="do not ask")
@click.pass_context
def downgrade(ctx: click.Context, steps: int, yes: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Take migrations back."""
    from ....pipeline.store import migrate

    database = _database(ctx)
    _refuse_under_way(database)
    if not yes:
        _ask(f"{database.place}: rows of all that the newest {counted(steps, 'revision')} added are lost. Go on?")
    taken = migrate.downgrade(database, steps, by=studio(ctx).settings.login)
    print(f"took back {', '.join(taken)}")
    if database.is_sqlite:
        print("next: install the older Shotmill now; any command of this one brings the tables up again")


def _refuse_under_way(database: Database) -> None:
    """Raises: BadRequestError: an engine works with the tables."""
    from ....pipeline.store.engines import live_engines
    from ....pipeline.store.migrate import revision
    from ....schema.migrations import HEAD

    if revision(database) == HEAD and (found := live_engines(database)):
        raise BadRequestError(
            f"an engine works with {database.place}: process {found[0].pid} on {found[0].host}",
            hint="shotmill engine stop",
        )


def _ask(question: str) -> None:
    """Ask at the terminal. Raises: BadRequestError: there is none. Abort: the answer was no."""
    if not sys.stdin.isatty():
        raise BadRequestError(f"{question} Nobody is there to answer; nothing was done", hint="say --yes")
    click.confirm(question, abort=True)


@db_command.command("roles", help="Print what a PostgreSQL server is told of the four roles, or tell it.")
@click.option("--apply", is_flag=True, help="tell the server; as the owner of the tables, who may make roles")
@click.pass_context
def roles(ctx: click.Context, apply: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Make roles."""
    from ....pipeline.store.roles import apply_roles, roles_sql

    if not apply:
        print(roles_sql(), end="")
        return
    apply_roles(_database(ctx))
    studio(ctx).record("db-roles", "database")
    print("viewer, artist, supervisor and admin are there; next: GRANT shotmill_artist TO a login, and so on")


@db_command.command("backup", help="Copy the database while it is in use.")
@click.argument("target", type=click.Path())
@click.pass_context
def backup(ctx: click.Context, target: str) -> None:
    """Make a copy."""
    from ....pipeline.store.backup import backup_database

    backup_database(_database(ctx), Path(target))
    print(target)


@db_command.command(
    "restore", help="Put a backup in the place of an SQLite database; what was there is kept beside it."
)
@click.argument("backup", type=click.Path())
@click.option("--yes", is_flag=True, help="do not ask")
@click.pass_context
def restore(ctx: click.Context, backup: str, yes: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Put a copy back."""
    from ....pipeline.store.restoring import restore_database

    database = _database(ctx)
    _refuse_under_way(database)
    if not yes:
        _ask(f"{database.place}: all that it learnt since {backup} was made is set aside. Go on?")
    done = restore_database(database, Path(backup), by=studio(ctx).settings.login)
    _forget_told(ctx, database)
    if done.kept is not None:
        print(f"what was there is kept as {done.kept}")
    print(f"restored from {backup}; {_looked_for(done.letters)}")
    print("next: shotmill fsck; it finds what was published since")


@db_command.command("restored", help="Say that the database was put back by other means, such as pg_restore.")
@click.pass_context
def restored(ctx: click.Context) -> None:
    """Have letters looked for."""
    from ....pipeline.store.restoring import note_restored

    where = studio(ctx)
    count = note_restored(where.database, by=where.settings.login, why="somebody said so")
    _forget_told(ctx, where.database)
    print(_looked_for(count))


def _forget_told(ctx: click.Context, database: Database) -> None:
    """What this machine told last tells nothing that is not known by now."""
    from ....pipeline.outbox.mark import TOLD, Marks

    Marks(studio(ctx).settings.home / TOLD, database.place).forget()


def _looked_for(letters: int) -> str:
    waits = f"{counted(letters, 'letter')} that {'waits' if letters == 1 else 'wait'}" if letters else "what waits"
    return f"{waits} to be told may have been told since, and will be looked for first"


@db_command.command("check", help="Check that the database can be reached, is current and whole.")
@json_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Check the database."""
    from ..checks import database_checks
    from .doctor import show_checks

    return show_checks(database_checks(studio(ctx).settings), as_json=as_json)

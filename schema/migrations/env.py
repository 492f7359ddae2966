"""Run by Alembic: hands it the connection it was given, and the tables of this program to compare with.

``pipeline.store.migrate`` passes an open connection inside a transaction, so that an upgrade happens whole or not
at all. A developer who writes a new revision passes a URL instead (``alembic -x url=sqlite:///...``).
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, create_engine

from shotmill.schema.tables import Json, Table, UtcDateTime


def _plain(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """What a new revision writes for a type of this program's own: a revision must outlive the program's code."""
    if kind == "type" and isinstance(item, Json):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,  # SQLite changes a table by making it anew
        transactional_ddl=True,  # SQLite too: the connection begins its transaction itself
        compare_type=True,
        render_item=_plain,
    )
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not isinstance(url, str):
        raise SystemExit("give the database: alembic -x url=sqlite:///PATH ...")
    engine = create_engine(url)
    with engine.begin() as connection:
        _run(connection)
    engine.dispose()


_main()

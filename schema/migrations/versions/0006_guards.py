"""Guards: what is published, and what was told, is never edited, whoever holds the connection.

A version that is no longer reserved may change its state alone (retire, reinstate); its job may be forgotten.
Its representations, files and links, and all events, are written once; blobs keep the content their name says.
Alembic sees no triggers, and making an SQLite table anew (batch mode) drops its own: such a revision must run
``upgrade`` of this one again.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FROZEN = (
    "id", "product_id", "number", "key", "author", "comment", "folder", "manifest_checksum", "holes", "created",
    "published",
)  # fmt: skip
# table -> the changes that are refused
WRITTEN_ONCE = {
    "representation": ("UPDATE", "DELETE"),
    "file": ("UPDATE", "DELETE"),
    "version_link": ("UPDATE", "DELETE"),
    "event": ("UPDATE", "DELETE"),
    "blob": ("UPDATE",),
}
FUNCTION = """
CREATE OR REPLACE FUNCTION shotmill_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed once they are published', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
    for table, verbs in WRITTEN_ONCE.items():
        for verb in verbs:
            _guard(table, verb, "")
    _guard("version", "DELETE", "OLD.state <> 'reserved'")
    differ = " OR ".join(_differs(column) for column in FROZEN)
    _guard("version", "UPDATE", f"OLD.state <> 'reserved' AND (NEW.state = 'reserved' OR {differ})")


def downgrade() -> None:
    server = op.get_bind().dialect.name == "postgresql"
    for table, verbs in {**WRITTEN_ONCE, "version": ("UPDATE", "DELETE")}.items():
        for verb in verbs:
            op.execute(f"DROP TRIGGER guard_{table}_{verb.lower()}" + (f" ON {table}" if server else ""))
    if server:
        op.execute("DROP FUNCTION shotmill_guard()")


def _differs(column: str) -> str:
    if op.get_bind().dialect.name == "postgresql":
        return f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    return f"NEW.{column} IS NOT OLD.{column}"


def _guard(table: str, verb: str, when: str) -> None:
    name = f"guard_{table}_{verb.lower()}"
    if op.get_bind().dialect.name == "postgresql":
        only = f"WHEN ({when}) " if when else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW {only}EXECUTE FUNCTION shotmill_guard()"
        )
        return
    only = f"WHEN {when} " if when else ""
    message = f"rows of {table} are never changed once they are published"
    op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {only}BEGIN SELECT RAISE(ABORT, '{message}'); END")

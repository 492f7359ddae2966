"""The outbox knows its facts by name: a job, a note or a review is told beside versions, each once to each target."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
VERSION_AS_TEXT = {
    "postgresql": "version_id::text",
    "sqlite": (
        "substr(version_id, 1, 8) || '-' || substr(version_id, 9, 4) || '-' || substr(version_id, 13, 4)"
        " || '-' || substr(version_id, 17, 4) || '-' || substr(version_id, 21)"
    ),
}


def upgrade() -> None:
    op.drop_index(op.f("ix_delivery_state_next_attempt"), table_name="delivery")
    with op.batch_alter_table("delivery") as table:
        table.drop_constraint(op.f("uq_delivery_version_id_target_kind"), type_="unique")
        table.add_column(sa.Column("fact", sa.String(160), nullable=True))
        table.add_column(sa.Column("job_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("told", JSON, nullable=True))
        table.create_foreign_key(op.f("fk_delivery_job_id_job"), "job", ["job_id"], ["id"], ondelete="CASCADE")
    version = VERSION_AS_TEXT[op.get_bind().dialect.name]
    # Until now only the publishing of versions was told; whatever else stands there keeps its kind as its name.
    op.execute(
        f"UPDATE delivery SET told = '{{}}', fact = CASE WHEN version_id IS NULL THEN kind || ':' || id"  # noqa: S608 - no input
        f" WHEN kind = 'version-published' THEN 'version:' || {version} ELSE kind || ':' || {version} END"
    )
    with op.batch_alter_table("delivery") as table:
        table.alter_column("fact", existing_type=sa.String(160), nullable=False)
        table.alter_column("told", existing_type=JSON, nullable=False)
        table.create_unique_constraint(op.f("uq_delivery_target_fact"), ["target", "fact"])
    op.create_index(op.f("ix_delivery_target_state_created"), "delivery", ["target", "state", "created"])
    op.create_index(op.f("ix_delivery_version_id_target"), "delivery", ["version_id", "target"])
    op.create_index(op.f("ix_delivery_job_id_target"), "delivery", ["job_id", "target"])


def downgrade() -> None:
    for name in ("job_id_target", "version_id_target", "target_state_created"):
        op.drop_index(op.f(f"ix_delivery_{name}"), table_name="delivery")
    # What the older tables cannot hold: rows without a version, and a second row of a kind for one version.
    op.execute("DELETE FROM delivery WHERE version_id IS NULL OR kind <> 'version-published'")
    with op.batch_alter_table("delivery") as table:
        table.drop_constraint(op.f("uq_delivery_target_fact"), type_="unique")
        table.drop_constraint(op.f("fk_delivery_job_id_job"), type_="foreignkey")
        table.drop_column("fact")
        table.drop_column("job_id")
        table.drop_column("told")
        table.create_unique_constraint(op.f("uq_delivery_version_id_target_kind"), ["version_id", "target", "kind"])
    op.create_index(op.f("ix_delivery_state_next_attempt"), "delivery", ["state", "next_attempt"])

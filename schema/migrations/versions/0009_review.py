"""Review: only standings that exist, what trackers said last, and a way from a tracker's id to our version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STATUS = "ck_review_review_status"


def upgrade() -> None:
    op.add_column("review", sa.Column("remote", JSON, nullable=True))
    op.execute("UPDATE review SET remote = '{}'")
    with op.batch_alter_table("review") as table:  # which has no triggers that this would drop
        table.alter_column("remote", existing_type=JSON, nullable=False)
        table.create_check_constraint(op.f(STATUS), "status IN ('pending', 'approved', 'rejected', 'omitted')")
    op.create_index(op.f("ix_delivery_target_remote_id"), "delivery", ["target", "remote_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_delivery_target_remote_id"), table_name="delivery")
    with op.batch_alter_table("review") as table:
        table.drop_constraint(op.f(STATUS), type_="check")
        table.drop_column("remote")

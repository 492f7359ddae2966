"""Colour: what a project, a sequence or a shot says of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OWNERS = ("project", "sequence", "shot")


def upgrade() -> None:
    op.create_table(
        "colour",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(f"{owner}_id", sa.Uuid(), nullable=True) for owner in OWNERS),
        sa.Column("setup", JSON, nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            " + ".join(f"(CASE WHEN {owner}_id IS NULL THEN 0 ELSE 1 END)" for owner in OWNERS) + " = 1",
            name=op.f("ck_colour_one_owner"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{owner}_id"], [f"{owner}.id"], name=op.f(f"fk_colour_{owner}_id_{owner}"), ondelete="CASCADE"
            )
            for owner in OWNERS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colour")),
        *(sa.UniqueConstraint(f"{owner}_id", name=op.f(f"uq_colour_{owner}_id")) for owner in OWNERS),
    )


def downgrade() -> None:
    op.drop_table("colour")

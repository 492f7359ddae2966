"""What was said, drawn and told: notes, reviews, mattes, model runs, deliveries, events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers rows only in INTEGER keys
TABLES = ("note", "review", "matte", "matte_shape", "model_run", "delivery", "event")


def upgrade() -> None:
    _note()
    _review()
    _matte()
    _matte_shape()
    _model_run()
    _delivery()
    _event()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _note() -> None:
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("drawing", JSON, nullable=True),
        sa.Column("remote", JSON, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_note_version_id_version"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_note_version_id"), "note", ["version_id"])


def _review() -> None:
    op.create_table(
        "review",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("by", sa.String(128), nullable=True),
        sa.Column("moved", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_review")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_review_version_id_version"), ondelete="CASCADE"
        ),
    )


def _matte() -> None:
    op.create_table(
        "matte",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shot_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(128), nullable=False),
        sa.Column("colour", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matte")),
        sa.ForeignKeyConstraint(["shot_id"], ["shot.id"], name=op.f("fk_matte_shot_id_shot"), ondelete="CASCADE"),
        sa.UniqueConstraint("shot_id", "label", name=op.f("uq_matte_shot_id_label")),
    )


def _matte_shape() -> None:
    op.create_table(
        "matte_shape",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("matte_id", sa.Uuid(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("points", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matte_shape")),
        sa.ForeignKeyConstraint(
            ["matte_id"], ["matte.id"], name=op.f("fk_matte_shape_matte_id_matte"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_matte_shape_version_id_version"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_matte_shape_version_id_frame"), "matte_shape", ["version_id", "frame"])


def _model_run() -> None:
    op.create_table(
        "model_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("weights_checksum", sa.String(64), nullable=True),
        sa.Column("device", sa.String(128), nullable=True),
        sa.Column("settings", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_run")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_model_run_version_id_version"), ondelete="CASCADE"
        ),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("target", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(128), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "sending",
                "delivered",
                "failed",
                "dead",
                name="delivery_state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt", MOMENT, nullable=True),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("remote_id", sa.String(255), nullable=True),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("delivered", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_delivery_version_id_version"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("version_id", "target", "kind", name=op.f("uq_delivery_version_id_target_kind")),
    )
    op.create_index(op.f("ix_delivery_state_next_attempt"), "delivery", ["state", "next_attempt"])


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("number", BIG, sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("host", sa.String(128), nullable=False),
        sa.Column("verb", sa.String(128), nullable=False),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_subject_number"), "event", ["subject", "number"])

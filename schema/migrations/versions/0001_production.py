"""What is made and what was cut: people, projects, sequences, shots, assets, tasks, cuts, clips."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
ONE_ENTITY = (
    "(CASE WHEN shot_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN asset_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN sequence_id IS NULL THEN 0 ELSE 1 END) = 1"
)
TABLES = ("person", "project", "sequence", "shot", "asset", "task", "cut", "cut_version", "clip")


def upgrade() -> None:
    _person()
    _project()
    _sequence()
    _shot()
    _asset()
    _task()
    _cut()
    _cut_version()
    _clip()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(128), nullable=False),
        sa.Column("name", sa.String(256), nullable=True),
        sa.Column("email", sa.String(256), nullable=True),
        sa.Column("remote", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )


def _project() -> None:
    op.create_table(
        "project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(128), nullable=False),
        sa.Column("name", sa.String(256), nullable=True),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("remote", JSON, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("code", name=op.f("uq_project_code")),
    )


def _sequence() -> None:
    op.create_table(
        "sequence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(128), nullable=False),
        sa.Column("remote", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sequence")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_sequence_project_id_project"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("project_id", "code", name=op.f("uq_sequence_project_id_code")),
    )


def _shot() -> None:
    op.create_table(
        "shot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("sequence_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(128), nullable=False),
        sa.Column("cut_in", sa.Integer(), nullable=True),
        sa.Column("cut_out", sa.Integer(), nullable=True),
        sa.Column("handle_in", sa.Integer(), nullable=False),
        sa.Column("handle_out", sa.Integer(), nullable=False),
        sa.Column("rate_num", sa.Integer(), nullable=True),
        sa.Column("rate_den", sa.Integer(), nullable=True),
        sa.Column("colour", JSON, nullable=False),
        sa.Column("remote", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shot")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_shot_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sequence_id"], ["sequence.id"], name=op.f("fk_shot_sequence_id_sequence"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("sequence_id", "code", name=op.f("uq_shot_sequence_id_code")),
    )
    op.create_index(op.f("ix_shot_project_id"), "shot", ["project_id"])


def _asset() -> None:
    op.create_table(
        "asset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(128), nullable=False),
        sa.Column("code", sa.String(128), nullable=False),
        sa.Column("remote", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_asset_project_id_project"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("project_id", "kind", "code", name=op.f("uq_asset_project_id_kind_code")),
    )


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shot_id", sa.Uuid(), nullable=True),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("sequence_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(128), nullable=False),
        sa.Column("status", sa.String(64), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("remote", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.CheckConstraint(ONE_ENTITY, name=op.f("ck_task_one_entity")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_task_asset_id_asset"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["person.id"], name=op.f("fk_task_assignee_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["sequence_id"], ["sequence.id"], name=op.f("fk_task_sequence_id_sequence"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shot_id"], ["shot.id"], name=op.f("fk_task_shot_id_shot"), ondelete="CASCADE"),
    )
    op.create_index(op.f("uq_task_asset_code"), "task", ["asset_id", "code"], unique=True)
    op.create_index(op.f("uq_task_shot_code"), "task", ["shot_id", "code"], unique=True)


def _cut() -> None:
    op.create_table(
        "cut",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cut")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_cut_project_id_project"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_cut_project_id_name")),
    )


def _cut_version() -> None:
    op.create_table(
        "cut_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cut_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stored", sa.Text(), nullable=True),
        sa.Column("rate_num", sa.Integer(), nullable=False),
        sa.Column("rate_den", sa.Integer(), nullable=False),
        sa.Column("start_frame", sa.Integer(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cut_version")),
        sa.ForeignKeyConstraint(["cut_id"], ["cut.id"], name=op.f("fk_cut_version_cut_id_cut"), ondelete="CASCADE"),
        sa.UniqueConstraint("cut_id", "checksum", name=op.f("uq_cut_version_cut_id_checksum")),
        sa.UniqueConstraint("cut_id", "number", name=op.f("uq_cut_version_cut_id_number")),
    )


def _clip() -> None:
    op.create_table(
        "clip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cut_version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shot_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("track", sa.String(256), nullable=False),
        sa.Column("path", JSON, nullable=False),
        sa.Column("media", sa.Text(), nullable=True),
        sa.Column(
            "media_state",
            sa.Enum(
                "online",
                "missing",
                "generated",
                name="media_state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("source_in", sa.Integer(), nullable=False),
        sa.Column("source_out", sa.Integer(), nullable=False),
        sa.Column("record_in", sa.Integer(), nullable=False),
        sa.Column("record_out", sa.Integer(), nullable=False),
        sa.Column("available_in", sa.Integer(), nullable=True),
        sa.Column("available_out", sa.Integer(), nullable=True),
        sa.Column("handle_in", sa.Integer(), nullable=False),
        sa.Column("handle_out", sa.Integer(), nullable=False),
        sa.Column("rate_num", sa.Integer(), nullable=False),
        sa.Column("rate_den", sa.Integer(), nullable=False),
        sa.Column("speed", sa.Double(), nullable=False),
        sa.Column("transition_in", JSON, nullable=True),
        sa.Column("transition_out", JSON, nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clip")),
        sa.ForeignKeyConstraint(
            ["cut_version_id"], ["cut_version.id"], name=op.f("fk_clip_cut_version_id_cut_version"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shot_id"], ["shot.id"], name=op.f("fk_clip_shot_id_shot"), ondelete="SET NULL"),
        sa.UniqueConstraint("cut_version_id", "position", name=op.f("uq_clip_cut_version_id_position")),
    )
    op.create_index(op.f("ix_clip_shot_id"), "clip", ["shot_id"])

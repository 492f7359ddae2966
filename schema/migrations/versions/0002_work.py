"""What runs: jobs, steps, task runs, attempts, receipts, engines, stored documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("job", "step", "task_run", "attempt", "receipt", "engine", "blob")


def upgrade() -> None:
    _job()
    _step()
    _task_run()
    _attempt()
    _receipt()
    _engine()
    _blob()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.String(16), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("active_key", sa.String(64), nullable=True),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("project", sa.String(128), nullable=False),
        sa.Column("user", sa.String(128), nullable=False),
        sa.Column("engine", sa.String(32), nullable=False),
        sa.Column("engine_job_id", sa.String(255), nullable=True),
        sa.Column("engine_facts", JSON, nullable=False),
        sa.Column(
            "priority",
            sa.Enum("high", "normal", "low", name="priority", native_enum=False, create_constraint=True, length=16),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "blocked",
                "succeeded",
                "failed",
                "cancelled",
                name="job_state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("spec", JSON, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("publishes", sa.Boolean(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("started", MOMENT, nullable=True),
        sa.Column("finished", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("active_key", name=op.f("uq_job_active_key")),
        sa.UniqueConstraint("handle", name=op.f("uq_job_handle")),
        sa.UniqueConstraint("token", name=op.f("uq_job_token")),
    )
    op.create_index(op.f("ix_job_key"), "job", ["key"])
    op.create_index(op.f("ix_job_project_created"), "job", ["project", "created"])
    op.create_index(op.f("ix_job_state_created"), "job", ["state", "created"])


def _step() -> None:
    op.create_table(
        "step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("needs", JSON, nullable=False),
        sa.Column("warm", sa.Boolean(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("timeout_s", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "blocked",
                "succeeded",
                "failed",
                "cancelled",
                name="step_state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("tasks", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_step_job_id_job"), ondelete="CASCADE"),
        sa.UniqueConstraint("job_id", "name", name=op.f("uq_step_job_id_name")),
        sa.UniqueConstraint("job_id", "position", name=op.f("uq_step_job_id_position")),
    )


def _task_run() -> None:
    op.create_table(
        "task_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "blocked",
                "succeeded",
                "failed",
                "cancelled",
                name="task_state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("failure_code", sa.String(8), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("engine_task_id", sa.String(255), nullable=True),
        sa.Column("exclude_hosts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_run")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_task_run_job_id_job"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_task_run_step_id_step"), ondelete="CASCADE"),
        sa.UniqueConstraint("step_id", "position", name=op.f("uq_task_run_step_id_position")),
    )
    op.create_index(op.f("ix_task_run_job_id_state"), "task_run", ["job_id", "state"])
    op.create_index(op.f("ix_task_run_state_lease_until"), "task_run", ["state", "lease_until"])


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "blocked",
                "succeeded",
                "failed",
                "cancelled",
                name="attempt_state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("host", sa.String(128), nullable=False),
        sa.Column("worker", sa.String(64), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("failure_code", sa.String(8), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("log", sa.Text(), nullable=True),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("finished", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.ForeignKeyConstraint(
            ["task_run_id"], ["task_run.id"], name=op.f("fk_attempt_task_run_id_task_run"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("task_run_id", "number", name=op.f("uq_attempt_task_run_id_number")),
    )
    op.create_index(op.f("ix_attempt_failure_code_started"), "attempt", ["failure_code", "started"])


def _receipt() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(128), nullable=False),
        sa.Column("frames", sa.String(512), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_receipt_job_id_job"), ondelete="CASCADE"),
        sa.UniqueConstraint("job_id", "step", "frames", name=op.f("uq_receipt_job_id_step_frames")),
    )


def _engine() -> None:
    op.create_table(
        "engine",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(128), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("slots", JSON, nullable=False),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("heartbeat", MOMENT, nullable=False),
        sa.Column("stopping", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engine")),
    )


def _blob() -> None:
    op.create_table(
        "blob",
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(128), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("checksum", name=op.f("pk_blob")),
    )

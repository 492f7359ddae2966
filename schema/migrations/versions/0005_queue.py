"""What the queue asks for often, and attempts that a person forgave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task_run", sa.Column("forgiven", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_task_run_step_id_state_position"), "task_run", ["step_id", "state", "position"])


def downgrade() -> None:
    op.drop_index(op.f("ix_task_run_step_id_state_position"), table_name="task_run")
    op.drop_column("task_run", "forgiven")

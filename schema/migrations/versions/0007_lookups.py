"""What people ask for often: a product by its address, and the newest versions of all."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_product_project_id"), table_name="product")
    op.create_index(op.f("ix_product_project_id_entity_path_name"), "product", ["project_id", "entity_path", "name"])
    op.create_index(op.f("ix_version_published_id"), "version", ["published", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_version_published_id"), table_name="version")
    op.drop_index(op.f("ix_product_project_id_entity_path_name"), table_name="product")
    op.create_index(op.f("ix_product_project_id"), "product", ["project_id"])

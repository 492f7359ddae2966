"""What was published: products, versions, pointers, representations, files, lineage, publish runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
ONE_ENTITY = (
    "(CASE WHEN shot_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN asset_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN sequence_id IS NULL THEN 0 ELSE 1 END) = 1"
)
TABLES = ("product", "version", "pointer", "representation", "file", "version_link", "publish_run")


def upgrade() -> None:
    _product()
    _version()
    _pointer()
    _representation()
    _file()
    _version_link()
    _publish_run()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _product() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("shot_id", sa.Uuid(), nullable=True),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("sequence_id", sa.Uuid(), nullable=True),
        sa.Column("entity_key", sa.Uuid(), nullable=False),
        sa.Column("entity_path", sa.String(256), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(128), nullable=False),
        sa.Column("next_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.CheckConstraint(ONE_ENTITY, name=op.f("ck_product_one_entity")),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name=op.f("fk_product_asset_id_asset"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_product_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sequence_id"], ["sequence.id"], name=op.f("fk_product_sequence_id_sequence"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["shot_id"], ["shot.id"], name=op.f("fk_product_shot_id_shot"), ondelete="RESTRICT"),
        sa.UniqueConstraint("entity_key", "name", name=op.f("uq_product_entity_key_name")),
    )
    op.create_index(op.f("ix_product_project_id"), "product", ["project_id"])
    op.create_index(op.f("ix_product_shot_id"), "product", ["shot_id"])


def _version() -> None:
    op.create_table(
        "version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reserved",
                "published",
                "retired",
                name="version_state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("manifest_checksum", sa.String(64), nullable=True),
        sa.Column("holes", sa.Text(), nullable=True),
        sa.Column("lineage", JSON, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("published", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_version_job_id_job"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_version_product_id_product"), ondelete="RESTRICT"
        ),
        sa.UniqueConstraint("key", name=op.f("uq_version_key")),
        sa.UniqueConstraint("product_id", "number", name=op.f("uq_version_product_id_number")),
    )
    op.create_index(op.f("ix_version_job_id"), "version", ["job_id"])


def _pointer() -> None:
    op.create_table(
        "pointer",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("moved", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("product_id", "name", name=op.f("pk_pointer")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_pointer_product_id_product"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_pointer_version_id_version"), ondelete="RESTRICT"
        ),
    )


def _representation() -> None:
    op.create_table(
        "representation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("padding", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Text(), nullable=True),
        sa.Column("missing", sa.Text(), nullable=True),
        sa.Column("colourspace", sa.String(256), nullable=True),
        sa.Column("colour_config", sa.Text(), nullable=True),
        sa.Column("colour_config_hash", sa.String(64), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("pixel_aspect", sa.Double(), nullable=True),
        sa.Column("rate_num", sa.Integer(), nullable=True),
        sa.Column("rate_den", sa.Integer(), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representation")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_representation_version_id_version"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("version_id", "name", name=op.f("uq_representation_version_id_name")),
    )


def _file() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("representation_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("algorithm", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.ForeignKeyConstraint(
            ["representation_id"],
            ["representation.id"],
            name=op.f("fk_file_representation_id_representation"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("representation_id", "path", name=op.f("uq_file_representation_id_path")),
    )
    op.create_index(op.f("ix_file_checksum"), "file", ["checksum"])


def _version_link() -> None:
    op.create_table(
        "version_link",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("version_id", "source_id", "kind", name=op.f("pk_version_link")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["version.id"], name=op.f("fk_version_link_source_id_version"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_version_link_version_id_version"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_version_link_source_id"), "version_link", ["source_id"])


def _publish_run() -> None:
    op.create_table(
        "publish_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("finished", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publish_run")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_publish_run_job_id_job"), ondelete="SET NULL"),
    )
    op.create_index(op.f("ix_publish_run_job_id"), "publish_run", ["job_id"])

"""What was published: products, versions, representations, files, lineage, publish runs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)

from ..states import VersionState
from .base import NAME, Table, UtcDateTime, column, enum_column, json_dict, key, moment, optional
from .production import ONE_ENTITY


class Product(
    Table,
    name="product",
    rules=(
        CheckConstraint(ONE_ENTITY, name="one_entity"),
        UniqueConstraint("entity_key", "name"),
        Index(None, "shot_id"),
        Index(None, "project_id", "entity_path", "name"),
    ),
):
    """A stream of versions of one thing for one shot, asset or sequence. ``next_version`` is the counter."""

    id = key()
    project_id = column(Uuid(), ForeignKey("project.id", ondelete="CASCADE"))
    shot_id = optional(Uuid(), ForeignKey("shot.id", ondelete="RESTRICT"))
    asset_id = optional(Uuid(), ForeignKey("asset.id", ondelete="RESTRICT"))
    sequence_id = optional(Uuid(), ForeignKey("sequence.id", ondelete="RESTRICT"))
    entity_key = column(Uuid())
    entity_path = column(String(256))
    name = column(NAME)
    kind = column(NAME)
    next_version = column(Integer(), default=1)


class Version(
    Table,
    name="version",
    rules=(
        UniqueConstraint("product_id", "number"),
        Index(None, "job_id"),
        Index(None, "published", "id"),
    ),
):
    """One numbered publish. Published rows are never edited; ``key`` makes publishing repeatable."""

    id = key()
    product_id = column(Uuid(), ForeignKey("product.id", ondelete="RESTRICT"))
    number = column(Integer())
    state = column(enum_column(VersionState, "version_state"), default=VersionState.RESERVED)
    key = column(String(64), unique=True)
    job_id = optional(Uuid(), ForeignKey("job.id", ondelete="SET NULL"))
    author = column(NAME)
    comment = column(Text(), default="")
    folder = column(Text())
    manifest_checksum = optional(String(64))
    holes = optional(Text())
    lineage = column(json_dict(), default=dict)
    created = moment()
    published = optional(UtcDateTime())


class Pointer(Table, name="pointer"):
    """A named pointer of a product, such as ``latest`` or ``approved``; the only thing about versions that moves."""

    product_id = column(Uuid(), ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    name = column(NAME, primary_key=True)
    version_id = column(Uuid(), ForeignKey("version.id", ondelete="RESTRICT"))
    moved = moment()


class Representation(Table, name="representation", rules=(UniqueConstraint("version_id", "name"),)):
    """A version's content in one form. ``pattern`` is ``head####tail`` for sequences, the file name otherwise."""

    id = key()
    version_id = column(Uuid(), ForeignKey("version.id", ondelete="CASCADE"))
    name = column(NAME)
    pattern = column(Text())
    padding = column(Integer(), default=0)
    frames = optional(Text())
    missing = optional(Text())
    colourspace = optional(String(256))
    colour_config = optional(Text())
    colour_config_hash = optional(String(64))
    width = optional(Integer())
    height = optional(Integer())
    pixel_aspect = optional(Double())
    rate_num = optional(Integer())
    rate_den = optional(Integer())
    facts = column(json_dict(), default=dict)


class PublishedFile(
    Table,
    name="file",
    rules=(
        UniqueConstraint("representation_id", "path"),
        Index(None, "checksum"),
    ),
):
    """One file of a representation, with its checksum."""

    id = key()
    representation_id = column(Uuid(), ForeignKey("representation.id", ondelete="CASCADE"))
    path = column(Text())
    frame = optional(Integer())
    size = column(BigInteger())
    checksum = column(String(64))
    algorithm = column(String(16), default="xxh128")


class VersionLink(Table, name="version_link", rules=(Index(None, "source_id"),)):
    """Lineage: ``version`` was made from ``source``."""

    version_id = column(Uuid(), ForeignKey("version.id", ondelete="CASCADE"), primary_key=True)
    source_id = column(Uuid(), ForeignKey("version.id", ondelete="RESTRICT"), primary_key=True)
    kind = column(NAME, primary_key=True, default="derived_from")


class PublishRun(Table, name="publish_run", rules=(Index(None, "job_id"),)):
    """One run of the publish step and its report."""

    id = key()
    job_id = optional(Uuid(), ForeignKey("job.id", ondelete="SET NULL"))
    outcome = column(String(32))
    report = column(json_dict(), default=dict)
    started = moment()
    finished = optional(UtcDateTime())

"""What was published: products, versions, representations, files, lineage, publish runs."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..states import VersionState
from .base import Key, Moment, Name, Table, enum_column
from .production import ONE_ENTITY


class Product(Table):
    """A stream of versions of one thing for one shot, asset or sequence. ``next_version`` is the counter."""

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint(ONE_ENTITY, name="one_entity"),
        UniqueConstraint("entity_key", "name"),
        Index(None, "shot_id"),
        Index(None, "project_id", "entity_path", "name"),
    )
    id: Mapped[Key]
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    shot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shot.id", ondelete="RESTRICT"))
    asset_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("asset.id", ondelete="RESTRICT"))
    sequence_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sequence.id", ondelete="RESTRICT"))
    entity_key: Mapped[uuid.UUID]
    entity_path: Mapped[str] = mapped_column(String(256))
    name: Mapped[Name]
    kind: Mapped[Name]
    next_version: Mapped[int] = mapped_column(default=1)


class Version(Table):
    """One numbered publish. Published rows are never edited; ``key`` makes publishing repeatable."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("product_id", "number"), Index(None, "job_id"), Index(None, "published", "id"))
    id: Mapped[Key]
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("product.id", ondelete="RESTRICT"))
    number: Mapped[int]
    state: Mapped[VersionState] = mapped_column(
        enum_column(VersionState, "version_state"),
        default=VersionState.RESERVED,
    )
    key: Mapped[str] = mapped_column(String(64), unique=True)
    job_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    author: Mapped[Name]
    comment: Mapped[str] = mapped_column(Text(), default="")
    folder: Mapped[str] = mapped_column(Text())
    manifest_checksum: Mapped[str | None] = mapped_column(String(64))
    holes: Mapped[str | None] = mapped_column(Text())
    lineage: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created: Mapped[Moment]
    published: Mapped[datetime | None]


class Pointer(Table):
    """A named pointer of a product, such as ``latest`` or ``approved``; the only thing about versions that moves."""

    __tablename__ = "pointer"
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[Name] = mapped_column(primary_key=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id", ondelete="RESTRICT"))
    moved: Mapped[Moment]


class Representation(Table):
    """A version's content in one form. ``pattern`` is ``head####tail`` for sequences, the file name otherwise."""

    __tablename__ = "representation"
    __table_args__ = (UniqueConstraint("version_id", "name"),)
    id: Mapped[Key]
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    name: Mapped[Name]
    pattern: Mapped[str] = mapped_column(Text())
    padding: Mapped[int] = mapped_column(default=0)
    frames: Mapped[str | None] = mapped_column(Text())
    missing: Mapped[str | None] = mapped_column(Text())
    colourspace: Mapped[str | None] = mapped_column(String(256))
    colour_config: Mapped[str | None] = mapped_column(Text())
    colour_config_hash: Mapped[str | None] = mapped_column(String(64))
    width: Mapped[int | None]
    height: Mapped[int | None]
    pixel_aspect: Mapped[float | None]
    rate_num: Mapped[int | None]
    rate_den: Mapped[int | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PublishedFile(Table):
    """One file of a representation, with its checksum."""

    __tablename__ = "file"
    __table_args__ = (UniqueConstraint("representation_id", "path"), Index(None, "checksum"))
    id: Mapped[Key]
    representation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("representation.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(Text())
    frame: Mapped[int | None]
    size: Mapped[int] = mapped_column(BigInteger())
    checksum: Mapped[str] = mapped_column(String(64))
    algorithm: Mapped[str] = mapped_column(String(16), default="xxh128")


class VersionLink(Table):
    """Lineage: ``version`` was made from ``source``."""

    __tablename__ = "version_link"
    __table_args__ = (Index(None, "source_id"),)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id", ondelete="RESTRICT"), primary_key=True)
    kind: Mapped[Name] = mapped_column(primary_key=True, default="derived_from")


class PublishRun(Table):
    """One run of the publish step and its report."""

    __tablename__ = "publish_run"
    __table_args__ = (Index(None, "job_id"),)
    id: Mapped[Key]
    job_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    outcome: Mapped[str] = mapped_column(String(32))
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started: Mapped[Moment]
    finished: Mapped[datetime | None]

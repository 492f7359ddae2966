"""What is made: projects, sequences, shots, assets, tasks, people."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Key, Moment, Name, Table

ONE_ENTITY = (
    "(CASE WHEN shot_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN asset_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN sequence_id IS NULL THEN 0 ELSE 1 END) = 1"
)


class Person(Table):
    """Somebody who submits, reviews or approves."""

    __tablename__ = "person"
    id: Mapped[Key]
    login: Mapped[Name] = mapped_column(unique=True)
    name: Mapped[str | None] = mapped_column(String(256))
    email: Mapped[str | None] = mapped_column(String(256))
    remote: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Project(Table):
    """A show. ``settings`` holds what the project overrides; no secrets."""

    __tablename__ = "project"
    id: Mapped[Key]
    code: Mapped[Name] = mapped_column(unique=True)
    name: Mapped[str | None] = mapped_column(String(256))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    remote: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created: Mapped[Moment]


class Sequence(Table):
    """A run of shots."""

    __tablename__ = "sequence"
    __table_args__ = (UniqueConstraint("project_id", "code"),)
    id: Mapped[Key]
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    code: Mapped[Name]
    remote: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Shot(Table):
    """One shot; ranges are in work frames (first frame usually 1001), handles counted outside the cut.

    ``rate_num / rate_den`` is the exact rate.
    """

    __tablename__ = "shot"
    __table_args__ = (UniqueConstraint("sequence_id", "code"), Index(None, "project_id"))
    id: Mapped[Key]
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    sequence_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sequence.id", ondelete="CASCADE"))
    code: Mapped[Name]
    cut_in: Mapped[int | None]
    cut_out: Mapped[int | None]
    handle_in: Mapped[int] = mapped_column(default=0)
    handle_out: Mapped[int] = mapped_column(default=0)
    rate_num: Mapped[int | None]
    rate_den: Mapped[int | None]
    colour: Mapped[dict[str, Any]] = mapped_column(default=dict)
    remote: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Asset(Table):
    """A production asset: character, prop, plate. Never a published stream, which is a product."""

    __tablename__ = "asset"
    __table_args__ = (UniqueConstraint("project_id", "kind", "code"),)
    id: Mapped[Key]
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    kind: Mapped[Name]
    code: Mapped[Name]
    remote: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ProductionTask(Table):
    """Work a person is assigned to, as the trackers know it (compositing of sh010)."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint(ONE_ENTITY, name="one_entity"),
        Index("uq_task_shot_code", "shot_id", "code", unique=True),
        Index("uq_task_asset_code", "asset_id", "code", unique=True),
    )
    id: Mapped[Key]
    shot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shot.id", ondelete="CASCADE"))
    asset_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    sequence_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sequence.id", ondelete="CASCADE"))
    code: Mapped[Name]
    status: Mapped[str | None] = mapped_column(String(64))
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    remote: Mapped[dict[str, Any]] = mapped_column(default=dict)

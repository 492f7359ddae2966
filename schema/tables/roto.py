"""What a matte is made of: objects, their shapes, and the model that drew them."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Key, Name, Table


class Matte(Table):
    """An object that is cut out of a shot."""

    __tablename__ = "matte"
    __table_args__ = (UniqueConstraint("shot_id", "label"),)
    id: Mapped[Key]
    shot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shot.id", ondelete="CASCADE"))
    label: Mapped[Name]
    colour: Mapped[str | None] = mapped_column(String(16))


class MatteShape(Table):
    """One shape of a matte on one frame: points in pixels, origin at the lower left."""

    __tablename__ = "matte_shape"
    __table_args__ = (Index(None, "version_id", "frame"),)
    id: Mapped[Key]
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    matte_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matte.id", ondelete="CASCADE"))
    frame: Mapped[int]
    points: Mapped[list[Any]] = mapped_column(default=list)


class ModelRun(Table):
    """Which model, with which weights and settings, on which device, made a version."""

    __tablename__ = "model_run"
    id: Mapped[Key]
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    model: Mapped[Name]
    weights_checksum: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[str | None] = mapped_column(String(128))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)

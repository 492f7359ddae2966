"""What people said: notes on versions, and their standing in review."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Key, Moment, Name, Table


class Note(Table):
    """Something said about a version, or about one of its frames."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "version_id"),)
    id: Mapped[Key]
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    author: Mapped[Name]
    frame: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text())
    drawing: Mapped[dict[str, Any] | None]
    remote: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created: Mapped[Moment]


class Review(Table):
    """Where a version stands with the supervisors; one row a version, moved by ``shotmill`` alone."""

    __tablename__ = "review"
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    by: Mapped[str | None] = mapped_column(String(128))
    moved: Mapped[datetime | None]

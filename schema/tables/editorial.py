"""What was cut: cuts, their versions, and the clips in them."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Key, Moment, Name, Table, enum_column


class MediaState(StrEnum):
    """Whether a clip's media is there; missing media is a state, not an error."""

    ONLINE = "online"
    MISSING = "missing"
    GENERATED = "generated"


class Cut(Table):
    """A named timeline of a project."""

    __tablename__ = "cut"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[Key]
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[Name]


class CutVersion(Table):
    """One ingested file of a cut, kept whole by its hash; the same file again adds nothing."""

    __tablename__ = "cut_version"
    __table_args__ = (UniqueConstraint("cut_id", "number"), UniqueConstraint("cut_id", "checksum"))
    id: Mapped[Key]
    cut_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cut.id", ondelete="CASCADE"))
    number: Mapped[int]
    checksum: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(Text())
    stored: Mapped[str | None] = mapped_column(Text())
    rate_num: Mapped[int]
    rate_den: Mapped[int]
    start_frame: Mapped[int] = mapped_column(default=0)
    duration: Mapped[int] = mapped_column(default=0)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created: Mapped[Moment]


class CutClip(Table):
    """One use of one shot in a cut.

    Source frames are in the media's own numbering, record frames count from the cut's start; all ranges
    are first and last, both included. ``path`` lists the parents of a nested clip, outermost first.
    """

    __tablename__ = "clip"
    __table_args__ = (
        UniqueConstraint("cut_version_id", "position"),
        Index(None, "shot_id"),
    )
    id: Mapped[Key]
    cut_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cut_version.id", ondelete="CASCADE"))
    position: Mapped[int]
    shot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shot.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(256))
    track: Mapped[str] = mapped_column(String(256))
    path: Mapped[list[Any]] = mapped_column(default=list)
    media: Mapped[str | None] = mapped_column(Text())
    media_state: Mapped[MediaState] = mapped_column(enum_column(MediaState, "media_state"))
    source_in: Mapped[int]
    source_out: Mapped[int]
    record_in: Mapped[int]
    record_out: Mapped[int]
    available_in: Mapped[int | None]
    available_out: Mapped[int | None]
    handle_in: Mapped[int] = mapped_column(default=0)
    handle_out: Mapped[int] = mapped_column(default=0)
    rate_num: Mapped[int]
    rate_den: Mapped[int]
    speed: Mapped[float] = mapped_column(default=1.0)
    transition_in: Mapped[dict[str, Any] | None]
    transition_out: Mapped[dict[str, Any] | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)

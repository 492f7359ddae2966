"""What was cut: cuts, their versions, and the clips in them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Boolean, ColumnClause, Double, ForeignKey, Index, Integer, String, Text, UniqueConstraint, Uuid

from .base import NAME, Table, column, enum_column, json_dict, json_list, key, moment, optional


class MediaState(StrEnum):
    """Whether a clip's media is there; missing media is a state, not an error."""

    ONLINE = "online"
    MISSING = "missing"
    GENERATED = "generated"


class Cut(Table, name="cut", rules=(UniqueConstraint("project_id", "name"),)):
    """A named timeline of a project."""

    id = key()
    project_id = column(Uuid(), ForeignKey("project.id", ondelete="CASCADE"))
    name = column(NAME)


class CutVersion(
    Table,
    name="cut_version",
    rules=(
        UniqueConstraint("cut_id", "number"),
        UniqueConstraint("cut_id", "checksum"),
    ),
):
    """One ingested file of a cut, kept whole by its hash; the same file again adds nothing."""

    id = key()
    cut_id = column(Uuid(), ForeignKey("cut.id", ondelete="CASCADE"))
    number = column(Integer())
    checksum = column(String(64))
    source = column(Text())
    stored = optional(Text())
    rate_num = column(Integer())
    rate_den = column(Integer())
    start_frame = column(Integer(), default=0)
    duration = column(Integer(), default=0)
    facts = column(json_dict(), default=dict)
    created = moment()


class CutClip(
    Table,
    name="clip",
    rules=(
        UniqueConstraint("cut_version_id", "position"),
        Index(None, "shot_id"),
    ),
):
    """One use of one shot in a cut.

    Source frames are in the media's own numbering, record frames count from the cut's start; all ranges
    are first and last, both included. ``path`` lists the parents of a nested clip, outermost first.
    """

    id = key()
    cut_version_id = column(Uuid(), ForeignKey("cut_version.id", ondelete="CASCADE"))
    position = column(Integer())
    shot_id = optional(Uuid(), ForeignKey("shot.id", ondelete="SET NULL"))
    name = column(String(256))
    track = column(String(256))
    path = column(json_list(), default=list)
    media = optional(Text())
    media_state = column(enum_column(MediaState, "media_state"))
    source_in = column(Integer())
    source_out = column(Integer())
    record_in = column(Integer())
    record_out = column(Integer())
    available_in = optional(Integer())
    available_out = optional(Integer())
    handle_in = column(Integer(), default=0)
    handle_out = column(Integer(), default=0)
    rate_num = column(Integer())
    rate_den = column(Integer())
    speed: ColumnClause[float] = column(Double(), default=1.0)
    transition_in = optional(json_dict())
    transition_out = optional(json_dict())
    enabled = column(Boolean(), default=True)
    facts = column(json_dict(), default=dict)

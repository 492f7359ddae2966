"""What people said: notes on versions, and their standing in review."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String, Text, Uuid

from ..states import ReviewState
from .base import NAME, Table, UtcDateTime, column, enum_column, json_dict, key, moment, optional


class Note(Table, name="note", rules=(Index(None, "version_id"),)):
    """Something said about a version, or about one of its frames."""

    id = key()
    version_id = column(Uuid(), ForeignKey("version.id", ondelete="CASCADE"))
    author = column(NAME)
    frame = optional(Integer())
    text = column(Text())
    drawing = optional(json_dict())
    remote = column(json_dict(), default=dict)
    created = moment()


class Review(Table, name="review"):
    """Where a version stands with the supervisors; one row a version that somebody judged, moved by ``shotmill`` alone.

    ``remote`` is what each tracker said last of it, so that only what changed there counts as said.
    """

    version_id = column(Uuid(), ForeignKey("version.id", ondelete="CASCADE"), primary_key=True)
    status = column(enum_column(ReviewState, "review_status"), default=ReviewState.PENDING)
    by = optional(String(128))
    moved = optional(UtcDateTime())
    remote = column(json_dict(), default=dict)

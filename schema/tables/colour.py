"""What a project, a sequence or a shot says of its colour."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Uuid

from .base import Table, UtcDateTime, column, json_dict, key, now, optional

ONE_OWNER = (
    "(CASE WHEN project_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN sequence_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN shot_id IS NULL THEN 0 ELSE 1 END) = 1"
)


class ColourRow(Table, name="colour", rules=(CheckConstraint(ONE_OWNER, name="one_owner"),)):
    """One level's say: ``setup`` is a ``schema.colour.ColourSetup``, only the parts that are said."""

    id = key()
    project_id = optional(Uuid(), ForeignKey("project.id", ondelete="CASCADE"), unique=True)
    sequence_id = optional(Uuid(), ForeignKey("sequence.id", ondelete="CASCADE"), unique=True)
    shot_id = optional(Uuid(), ForeignKey("shot.id", ondelete="CASCADE"), unique=True)
    setup = column(json_dict(), default=dict)
    by = column(String(128))
    changed = column(UtcDateTime(), default=now)

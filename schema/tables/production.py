"""What is made: projects, sequences, shots, assets, tasks, people."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, Uuid

from .base import NAME, Table, column, json_dict, key, moment, optional

ONE_ENTITY = (
    "(CASE WHEN shot_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN asset_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN sequence_id IS NULL THEN 0 ELSE 1 END) = 1"
)


class Person(Table, name="person"):
    """Somebody who submits, reviews or approves."""

    id = key()
    login = column(NAME, unique=True)
    name = optional(String(256))
    email = optional(String(256))
    remote = column(json_dict(), default=dict)


class Project(Table, name="project"):
    """A show. ``settings`` holds what the project overrides; no secrets."""

    id = key()
    code = column(NAME, unique=True)
    name = optional(String(256))
    settings = column(json_dict(), default=dict)
    remote = column(json_dict(), default=dict)
    created = moment()


class Sequence(Table, name="sequence", rules=(UniqueConstraint("project_id", "code"),)):
    """A run of shots."""

    id = key()
    project_id = column(Uuid(), ForeignKey("project.id", ondelete="CASCADE"))
    code = column(NAME)
    remote = column(json_dict(), default=dict)


class Shot(
    Table,
    name="shot",
    rules=(
        UniqueConstraint("sequence_id", "code"),
        Index(None, "project_id"),
    ),
):
    """One shot; ranges are in work frames (first frame usually 1001), handles counted outside the cut.

    ``rate_num / rate_den`` is the exact rate.
    """

    id = key()
    project_id = column(Uuid(), ForeignKey("project.id", ondelete="CASCADE"))
    sequence_id = column(Uuid(), ForeignKey("sequence.id", ondelete="CASCADE"))
    code = column(NAME)
    cut_in = optional(Integer())
    cut_out = optional(Integer())
    handle_in = column(Integer(), default=0)
    handle_out = column(Integer(), default=0)
    rate_num = optional(Integer())
    rate_den = optional(Integer())
    colour = column(json_dict(), default=dict)
    remote = column(json_dict(), default=dict)


class Asset(Table, name="asset", rules=(UniqueConstraint("project_id", "kind", "code"),)):
    """A production asset: character, prop, plate. Never a published stream, which is a product."""

    id = key()
    project_id = column(Uuid(), ForeignKey("project.id", ondelete="CASCADE"))
    kind = column(NAME)
    code = column(NAME)
    remote = column(json_dict(), default=dict)


class ProductionTask(
    Table,
    name="task",
    rules=(
        CheckConstraint(ONE_ENTITY, name="one_entity"),
        Index("uq_task_shot_code", "shot_id", "code", unique=True),
        Index("uq_task_asset_code", "asset_id", "code", unique=True),
    ),
):
    """Work a person is assigned to, as the trackers know it (compositing of sh010)."""

    id = key()
    shot_id = optional(Uuid(), ForeignKey("shot.id", ondelete="CASCADE"))
    asset_id = optional(Uuid(), ForeignKey("asset.id", ondelete="CASCADE"))
    sequence_id = optional(Uuid(), ForeignKey("sequence.id", ondelete="CASCADE"))
    code = column(NAME)
    status = optional(String(64))
    assignee_id = optional(Uuid(), ForeignKey("person.id", ondelete="SET NULL"))
    remote = column(json_dict(), default=dict)

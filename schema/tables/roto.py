"""What a matte is made of: objects, their shapes, and the model that drew them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, Uuid

from .base import NAME, Table, column, json_dict, json_list, key, optional


class Matte(Table, name="matte", rules=(UniqueConstraint("shot_id", "label"),)):
    """An object that is cut out of a shot."""

    id = key()
    shot_id = column(Uuid(), ForeignKey("shot.id", ondelete="CASCADE"))
    label = column(NAME)
    colour = optional(String(16))


class MatteShape(Table, name="matte_shape", rules=(Index(None, "version_id", "frame"),)):
    """One shape of a matte on one frame: points in pixels, origin at the lower left."""

    id = key()
    version_id = column(Uuid(), ForeignKey("version.id", ondelete="CASCADE"))
    matte_id = column(Uuid(), ForeignKey("matte.id", ondelete="CASCADE"))
    frame = column(Integer())
    points = column(json_list(), default=list)


class ModelRun(Table, name="model_run"):
    """Which model, with which weights and settings, on which device, made a version."""

    id = key()
    version_id = column(Uuid(), ForeignKey("version.id", ondelete="CASCADE"))
    model = column(NAME)
    weights_checksum = optional(String(64))
    device = optional(String(128))
    settings = column(json_dict(), default=dict)

"""Frames of a Blender scene, rendered by the studio's Blender and published."""

from __future__ import annotations

from ...schema.job import JobType
from .look import complete
from .params import BlenderRenderParams
from .steps import steps

JOB = JobType(
    name="blender_render",
    summary="Frames of a Blender scene, rendered in chunks and published",
    params=BlenderRenderParams,
    steps=steps,
    tasks=f"{__name__}.tasks",
    complete=complete,
    named_after="scene_file",
)

__all__ = ["JOB"]

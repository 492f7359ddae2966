"""What a scene remembers: whom its frames belong to, and its jobs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it
from bpy.props import (  # pyright: ignore[reportMissingImports] - as above
    BoolProperty,
    CollectionProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

MAX_JOBS = 20
FINAL = ("succeeded", "failed", "cancelled")
TEXTS = ("handle", "job_type", "state", "verdict", "address", "product", "path", "frames", "colour", "rate")

watchers: list[Callable[[str], None]] = []  # told the scene's name whenever somebody changes what is filled in


def changed(filled: Any, _context: Any) -> None:
    """What Blender calls when a property of a form was changed."""
    for watcher in watchers:
        watcher(filled.id_data.name)


def group(name: str, **properties: Any) -> Any:
    """A class of properties; Blender reads annotations before Python could resolve them as text."""
    return type(name, (bpy.types.PropertyGroup,), {"__annotations__": properties})


Job: Any = group(
    "SHOTMILL_PG_job",
    **{name: StringProperty() for name in TEXTS},
    version=IntProperty(),
    done=FloatProperty(min=0.0, max=1.0, subtype="FACTOR"),
)
Notes: Any = group(
    "SHOTMILL_PG_scene",
    project=StringProperty(name="Project", description="Empty: as Shotmill's settings say", update=changed),
    shot=StringProperty(
        name="Shot", description="SEQUENCE/SHOT that the frames belong to; empty: the scene's own", update=changed
    ),
    comment=StringProperty(name="Comment", description="Stays with the version"),
    job_type=StringProperty(name="Job", default="blender_render", update=changed),
    advanced=BoolProperty(name="More", description="Show fields that most people never need"),
    sending=BoolProperty(options={"SKIP_SAVE"}),
    message=StringProperty(options={"SKIP_SAVE"}),
    jobs=CollectionProperty(type=Job),
)
CLASSES = (Job, Notes)


def notes_of(scene: Any) -> Any:
    """What a scene remembers."""
    return scene.shotmill


def job_of(scene: Any, handle: str) -> Any:
    """A job of the scene by its handle; made when it is new, the newest first."""
    jobs = notes_of(scene).jobs
    for one in jobs:
        if one.handle == handle:
            return one
    made = jobs.add()
    made.handle, made.name = handle, handle
    jobs.move(len(jobs) - 1, 0)
    while len(jobs) > MAX_JOBS:
        jobs.remove(len(jobs) - 1)
    return jobs[0]


@contextmanager
def forgotten(scenes: Any) -> Iterator[None]:
    """Scenes without their jobs, so that the same scene is saved as the same bytes, as far as Blender can."""
    kept: dict[str, list[dict[str, Any]]] = {}
    for scene in scenes:
        jobs = notes_of(scene).jobs
        kept[scene.name] = [{name: getattr(one, name) for name in (*TEXTS, "name", "version", "done")} for one in jobs]
        jobs.clear()
    try:
        yield
    finally:
        for scene in scenes:
            for values in kept[scene.name]:
                made = notes_of(scene).jobs.add()
                for name, value in values.items():
                    setattr(made, name, value)


def register() -> None:
    """Give scenes their notes."""
    for one in CLASSES:
        bpy.utils.register_class(one)
    bpy.types.Scene.shotmill = PointerProperty(type=Notes)


def unregister() -> None:
    """Take them away; what is saved in files stays there."""
    del bpy.types.Scene.shotmill
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)

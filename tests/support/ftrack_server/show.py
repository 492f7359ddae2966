"""A studio's ftrack with one project, small but whole."""

from __future__ import annotations

from .http import USER
from .world import World

STATUSES = ("Not started", "In progress", "Pending Review", "Approved", "Revise")


def demo_show() -> World:
    """Project ``demo`` with shot ``sq010/sh010``, its task ``comp``, the prop ``lamp`` and a review session."""
    world = World()
    status = {name: world.add("Status", name=name, sort=sort) for sort, name in enumerate(STATUSES)}
    comp = world.add("Type", name="Compositing")
    prop = world.add("Type", name="Prop")
    for name, short in (("Upload", "upload"), ("Image Sequence", "img")):
        world.add("AssetType", name=name, short=short)
    world.add("User", username=USER, first_name="Shot", last_name="Mill")
    maya = world.add("User", username="maya", first_name="Maya", last_name="Lind", email="maya@studio.example")
    world.add("User", username="rosa@studio.example", first_name="Rosa", last_name="Roth")
    project = world.add("Project", name="demo", full_name="Demo Show")
    within = {"project_id": project, "status_id": status["Not started"]}
    sequence = world.add("Sequence", name="sq010", parent_id=project, **within)
    shot = world.add("Shot", name="sh010", parent_id=sequence, **within)
    task = world.add("Task", name="comp", parent_id=shot, type_id=comp, **within)
    world.add("AssetBuild", name="lamp", parent_id=project, type_id=prop, **within)
    world.add("Appointment", type="assignment", context_id=task, resource_id=maya)
    world.add("ReviewSession", name="Dailies", project_id=project)
    return world


def attribute(world: World, entity: str, key: str, value: object) -> None:
    """Give an entity a custom attribute."""
    known = [row["id"] for row in world.rows("CustomAttributeConfiguration") if row["key"] == key]
    configuration = known[0] if known else world.add("CustomAttributeConfiguration", key=key, entity_type="task")
    world.add("ContextCustomAttributeValue", configuration_id=configuration, entity_id=entity, value=value)

"""What an artist can do: submit, cancel, load back, ask for the job types."""

from __future__ import annotations

import os
import uuid
from importlib import import_module
from typing import Any, Mapping

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it
from bpy.props import BoolProperty, StringProperty  # pyright: ignore[reportMissingImports] - as above

from . import asking, checking, forms, gather, remembered, state
from .copies import copy_of_scene, unsaved_images
from .load import load_version
from .outputs import rendered

DONE: set[str] = {"FINISHED"}
NOT_DONE: set[str] = {"CANCELLED"}
# Versions by the handle of the job that published them, as they were told while this Blender runs.
_versions: dict[str, Mapping[str, Any]] = {}


class Preferences(bpy.types.AddonPreferences):
    """What is set once for all scenes."""

    bl_idname = __package__

    def draw(self, context: Any) -> None:
        """Draw them."""
        del context
        self.layout.prop(self, "folder")


class Describe(bpy.types.Operator):
    """Ask Shotmill which jobs there are, and what is to be filled in for them."""

    bl_idname = "shotmill.describe"
    bl_label = "Read job types"

    def execute(self, context: Any) -> set[str]:
        """Ask, and return at once."""
        name = context.scene.name
        _say(name, "")

        def then(value: Mapping[str, Any]) -> None:
            forms.show(value["job_types"])
            forms.keep(value["job_types"])

        asking.ask("describe", {}, then, lambda message: _say(name, message))
        return _reported(self, name)


class Submit(bpy.types.Operator):
    """Send this scene, or what was rendered of it, to the farm; the scene's file stays as it is."""

    bl_idname = "shotmill.submit"
    bl_label = "Submit"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Not while a job of this scene is on its way."""
        return not state.notes_of(context.scene).sending

    def execute(self, context: Any) -> set[str]:
        """Look at the scene, copy it, and ask; returns before there is an answer."""
        scene = context.scene
        notes = state.notes_of(scene)
        if notes.sending:
            self.report({"INFO"}, "a job of this scene is on its way already")
            return NOT_DONE
        job_type = self.job_type or notes.job_type
        _say(scene.name, "")
        checking.forget(scene.name)  # the submit tells the same
        try:
            asked = _asked(scene, job_type, unchanged=self.unchanged)
        except gather.NotReadyError as error:
            _say(scene.name, str(error))
            return _reported(self, scene.name)
        notes.sending = True
        _send(scene.name, job_type, asked)
        return _reported(self, scene.name)


class Cancel(bpy.types.Operator):
    """End a job."""

    bl_idname = "shotmill.cancel"
    bl_label = "Cancel job"

    def execute(self, context: Any) -> set[str]:
        """Ask for its end."""
        name = context.scene.name
        _say(name, "")
        asking.ask("cancel", {"job": self.job}, lambda _: None, lambda message: _say(name, message))
        return _reported(self, name)


class Load(bpy.types.Operator):
    """Load what a job published as a movie clip; an older version of it is changed in place."""

    bl_idname = "shotmill.load"
    bl_label = "Load published frames"

    def execute(self, context: Any) -> set[str]:
        """Load at once what is known; ask for what is not."""
        name, handle = context.scene.name, self.job
        _say(name, "")
        known = _versions.get(handle)
        if known is not None:
            _load(name, known)
            return _reported(self, name)

        def then(value: Mapping[str, Any]) -> None:
            found: list[Mapping[str, Any]] = list(value["versions"])
            if found:
                _load(name, found[0])
            else:
                _say(name, handle + " has published nothing")

        asking.ask("versions", {"job": handle}, then, lambda message: _say(name, message))
        return _reported(self, name)


CLASSES = (Preferences, Describe, Submit, Cancel, Load)


def _asked(scene: Any, job_type: str, *, unchanged: bool) -> dict[str, Any]:
    """What is asked for a job of a type.

    Raises:
        NotReadyError: the scene cannot be sent; says why.
    """
    form = forms.forms().get(job_type)
    if form is None:
        msg = f"Shotmill knows no job type {job_type!r} for scenes; read the job types again"
        raise gather.NotReadyError(msg)
    notes = state.notes_of(scene)
    place = {"project": notes.project, "shot": notes.shot, "comment": notes.comment}
    given = forms.values_of(scene, job_type)
    if not gather.renders_scene(form):
        return gather.asked(job_type, given, place, [rendered(scene)])
    facts = import_module(f"{__package__}.driver").facts_of(scene)
    gather.refuse_unready(facts, unsaved_images())
    copy = copy_of_scene(_preferences().folder, unchanged=unchanged)
    if not notes.shot.strip():  # the copy's name says which copy it is, not whose
        place["asset"] = gather.asset_of(bpy.data.filepath)
    params = gather.render_params(facts, str(copy), given, os.environ.get("OCIO", ""))
    return gather.asked(job_type, params, place)


def _send(name: str, job_type: str, asked: Mapping[str, Any]) -> None:
    def then(value: Mapping[str, Any]) -> None:
        scene = _over(name)
        if scene is None:
            return
        job = state.job_of(scene, value["job"]["handle"])
        job.job_type, job.state = job_type, value["job"]["state"]
        remembered.remember(bpy.data.filepath, scene.name, job.handle, job_type)
        for warning in value["warnings"]:
            _say(name, str(warning))
        watch(name, job.handle)

    def failed(message: str) -> None:
        _over(name)
        _say(name, message)

    asking.ask("submit", asked, then, failed, id=str(uuid.uuid4()))


def _over(name: str) -> Any:
    """The scene, no more sending; None: it is gone."""
    scene = bpy.data.scenes.get(name)
    if scene is not None:
        state.notes_of(scene).sending = False
    return scene


def watch(name: str, handle: str) -> None:
    """Follow a job of a scene until it has ended."""

    def heard(event: Mapping[str, Any]) -> None:
        scene = bpy.data.scenes.get(name)
        if scene is not None:
            _take(state.job_of(scene, handle), event)

    asking.ask("watch", {"jobs": [handle]}, lambda _: None, lambda message: _say(name, message), heard=heard)


def _take(job: Any, event: Mapping[str, Any]) -> None:
    """Write down what was told of a job."""
    steps = event["steps"]
    job.state, job.verdict = event["state"], event.get("verdict") or event.get("failure") or ""
    job.done = sum(step["done"] for step in steps) / max(1, sum(step["total"] for step in steps))
    version = event.get("version")
    if not version:
        return
    _versions[job.handle] = version
    job.address, job.product, job.version = version["address"], gather.product_of(version), version["version"]
    form = gather.best_form(version)
    if form is not None:
        job.path, job.frames, job.colour, job.rate = (
            form["path"],
            form["frames"],
            form["colour"],
            form.get("rate") or "",
        )


def _load(name: str, version: Mapping[str, Any]) -> None:
    scene = bpy.data.scenes.get(name)
    if scene is None:
        return
    try:
        load_version(scene, version)
    except gather.NotReadyError as error:
        _say(name, str(error))


def _say(name: str, message: str) -> None:
    """One sentence in the panel; empty: nothing is wrong any more."""
    scene = bpy.data.scenes.get(name)
    if scene is not None:
        state.notes_of(scene).message = message


def _reported(operator: Any, name: str) -> set[str]:
    """What became of an operator: what the panel says is reported, too."""
    scene = bpy.data.scenes.get(name)
    message = state.notes_of(scene).message if scene is not None else ""
    if message:
        operator.report({"ERROR"}, message)
        return NOT_DONE
    return DONE


def _preferences() -> Any:
    return bpy.context.preferences.addons[__package__].preferences


@bpy.app.handlers.persistent
def follow_again(_file: Any) -> None:
    """After a file was opened: follow those of its jobs that had not ended, and those that it was not saved with."""
    for scene in bpy.data.scenes:
        state.notes_of(scene).sending = False
        checking.forget(scene.name)
        known = {job.handle for job in state.notes_of(scene).jobs}
        for handle, job_type in remembered.jobs_of(bpy.data.filepath, scene.name):
            if handle not in known:
                state.job_of(scene, handle).job_type = job_type
        for job in state.notes_of(scene).jobs:
            if job.state not in state.FINAL:
                watch(scene.name, job.handle)


def register() -> None:
    """Give Blender the operators."""
    folder = StringProperty(
        name="Folder of copies",
        description="Where scenes are copied to for the farm, as its hosts find it; empty: beside the scene",
        subtype="DIR_PATH",
    )
    Preferences.__annotations__ = {"folder": folder}
    Submit.__annotations__ = {
        "job_type": StringProperty(name="Job", description="Empty: the one in the panel"),
        "unchanged": BoolProperty(
            name="Unchanged", description="The scene is as its file; for scripts without a window"
        ),
    }
    for one in (Cancel, Load):
        one.__annotations__ = {"job": StringProperty(name="Job", description="Its handle")}
    for kind in CLASSES:
        bpy.utils.register_class(kind)
    bpy.app.handlers.load_post.append(follow_again)


def unregister() -> None:
    """Take them away."""
    bpy.app.handlers.load_post.remove(follow_again)
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(kind)

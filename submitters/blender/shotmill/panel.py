"""The panel in Properties > Output."""

from __future__ import annotations

from typing import Any

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it

from . import checking, forms, state

SHOWN_JOBS = 5
ICONS = {"succeeded": "CHECKMARK", "failed": "ERROR", "cancelled": "X", "running": "RENDER_ANIMATION"}


class Choose(bpy.types.Menu):
    """Choose what to submit."""

    bl_idname = "SHOTMILL_MT_job_types"
    bl_label = "Job"

    def draw(self, context: Any) -> None:
        """List the job types."""
        del context
        for name, form in sorted(forms.forms().items()):
            self.layout.operator(Pick.bl_idname, text=_title(form["name"])).job_type = name


class Pick(bpy.types.Operator):
    """Show the form of this job."""

    bl_idname = "shotmill.pick"
    bl_label = "Choose job"

    def execute(self, context: Any) -> set[str]:
        """Show it."""
        state.notes_of(context.scene).job_type = self.job_type
        return {"FINISHED"}


class Panel(bpy.types.Panel):
    """Shotmill."""

    bl_idname = "SHOTMILL_PT_output"
    bl_label = "Shotmill"
    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "output"

    def draw(self, context: Any) -> None:
        """Draw the form of the chosen job, and the scene's jobs."""
        layout, scene = self.layout, context.scene
        layout.use_property_split, layout.use_property_decorate = True, False
        notes = state.notes_of(scene)
        if not forms.forms():
            layout.operator("shotmill.describe", icon="FILE_REFRESH")
        else:
            _draw_form(layout, scene, notes)
        if notes.message:
            forms.tell(layout.box(), notes.message)
        for job in list(notes.jobs)[:SHOWN_JOBS]:
            _draw_job(layout.box(), job)


CLASSES = (Pick, Choose, Panel)


def _title(name: str) -> str:
    return str(name).replace("_", " ").capitalize()


def _draw_form(layout: Any, scene: Any, notes: Any) -> None:
    row = layout.row(align=True)
    row.menu(Choose.bl_idname, text=_title(notes.job_type))
    row.operator("shotmill.describe", text="", icon="FILE_REFRESH")
    for name in ("project", "shot", "comment"):
        layout.prop(notes, name)
    if notes.job_type in forms.forms():
        problems = dict(checking.verdict_of(scene).problems)
        forms.draw(layout.column(), scene, notes.job_type, advanced=notes.advanced, problems=problems)
        layout.prop(notes, "advanced")
        _draw_verdict(layout, scene, notes)
    row = layout.row()
    row.scale_y = 1.5
    row.operator("shotmill.submit", text="On its way ..." if notes.sending else "Submit", icon="EXPORT")


def _draw_verdict(layout: Any, scene: Any, notes: Any) -> None:
    """What is wrong with no field of the form, and what the job comes to."""
    verdict = checking.verdict_of(scene)
    shown = {field["name"] for field in forms.shown(forms.forms()[notes.job_type])}
    for field, message in verdict.problems.items():
        if field not in shown:
            forms.tell(layout, message)
    if verdict.plan:
        forms.tell(layout, verdict.plan, "INFO")


def _draw_job(layout: Any, job: Any) -> None:
    row = layout.row()
    row.label(text=f"{job.handle}  {_title(job.job_type)}", icon=ICONS.get(job.state, "TIME"))
    if job.state in state.FINAL:
        row.label(text=f"v{job.version:03d}" if job.address else job.state)
        if job.path:
            row.operator("shotmill.load", text="", icon="IMPORT").job = job.handle
    else:
        row.prop(job, "done", text=job.state)
        row.operator("shotmill.cancel", text="", icon="X").job = job.handle
    if job.state == "failed":
        forms.tell(layout, job.verdict)


def register() -> None:
    """Show the panel."""
    Pick.__annotations__ = {"job_type": bpy.props.StringProperty()}
    for one in CLASSES:
        bpy.utils.register_class(one)


def unregister() -> None:
    """Take it away."""
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)

"""Whether what is filled in would be taken, and what the job would come to, asked a moment after the last change."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any, Mapping

import bpy  # pyright: ignore[reportMissingImports] - Blender brings it

from . import asking, forms, gather, state
from .outputs import rendered

PAUSE_S = 0.4  # after the last change
UNSAVED = "save the scene to see what the job comes to"


class Verdict:
    """What is known of a scene's form as it is now.

    Attributes:
        problems: field -> what is wrong with it; what belongs to no field stands at "".
        plan: what the job comes to, in words; empty: not known.
    """

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}
        self.plan = ""


_verdicts: dict[str, Verdict] = {}  # by the scene's name; the scene itself would keep them in its file
_due: dict[str, float] = {}
_asked: dict[str, Any] = {}  # questions on their way


def verdict_of(scene: Any) -> Verdict:
    """What is known of a scene's form; nothing while nobody has changed it."""
    return _verdicts.get(scene.name) or Verdict()


def look(name: str) -> None:
    """Check a scene's form soon; called whenever somebody changes it."""
    scene = bpy.data.scenes.get(name)
    if scene is None or state.notes_of(scene).job_type not in forms.forms():
        return
    forget(name)
    _due[name] = time.monotonic() + PAUSE_S
    asking.be_awake()


def forget(name: str) -> None:
    """Check a scene no more, and know nothing of its form."""
    _due.pop(name, None)
    _verdicts.pop(name, None)
    question = _asked.pop(name, None)
    if question is not None:
        asking.drop(question)


def begin_due() -> bool:
    """Ask about the scenes that nobody has changed for a moment; whether others are still to be asked about."""
    for name in [one for one, moment in _due.items() if moment <= time.monotonic()]:
        del _due[name]
        scene = bpy.data.scenes.get(name)
        if scene is not None:
            _check(scene)
    return bool(_due)


def _check(scene: Any) -> None:
    name, verdict = scene.name, _verdicts.setdefault(scene.name, Verdict())
    try:
        asked = _about(scene)
    except gather.NotReadyError as error:
        verdict.problems[""] = str(error)
        return
    if asked is None:
        verdict.plan = UNSAVED
        return
    question: Mapping[str, Any] = asked

    def judged(value: Mapping[str, Any]) -> None:
        verdict.problems = {one["field"]: one["message"] for one in value["problems"]}
        if not verdict.problems:
            _ask(name, "plan", question, planned)

    def planned(value: Mapping[str, Any]) -> None:
        words = import_module(f"{__package__}.words")
        known = words.told_before(value.get("done_before")) if not bpy.data.is_dirty else ""
        verdict.plan = " ".join(part for part in (words.told_plan(value) + ".", known) if part)

    _ask(name, "validate", question, judged)


def _ask(name: str, op: str, asked: Mapping[str, Any], then: Any) -> None:
    def failed(message: str) -> None:
        _verdicts.setdefault(name, Verdict()).problems[""] = message

    _asked[name] = asking.ask(op, asked, then, failed)


def _about(scene: Any) -> dict[str, Any] | None:
    """What a submit would ask, of the scene's file as it is on the disk; None: it was never saved.

    Raises:
        NotReadyError: a field holds what cannot be read.
    """
    notes = state.notes_of(scene)
    form = forms.forms()[notes.job_type]
    place = {"project": notes.project, "shot": notes.shot, "comment": notes.comment}
    given = forms.values_of(scene, notes.job_type)
    if not bpy.data.filepath:
        return None
    if not gather.renders_scene(form):
        return gather.asked(notes.job_type, given, place, [rendered(scene)])
    if not notes.shot.strip():
        place["asset"] = gather.asset_of(bpy.data.filepath)
    facts = {"first": scene.frame_start, "last": scene.frame_end, "step": scene.frame_step}
    # Who looks for all that the scene reads walks the disk: the submit does.
    params = gather.render_params({**facts, "scene": scene.name, "reads": ()}, bpy.data.filepath, given, "")
    return gather.asked(notes.job_type, params, place)


def register() -> None:
    """Check forms when they are changed."""
    state.watchers.append(look)
    asking.before_look.append(begin_due)


def unregister() -> None:
    """Check none any more."""
    state.watchers.remove(look)
    asking.before_look.remove(begin_due)
    for name in {*_due, *_verdicts, *_asked}:
        forget(name)

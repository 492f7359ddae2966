"""The panel: plates with their frames, a job type, and the knobs of its form, made of what Shotmill describes.

Knobs only, no Qt: the same in Nuke 13 to 17, whichever PySide they have.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Sequence

import nuke
import nukescripts  # pyright: ignore[reportMissingImports] - where this runs

from ..client import Field, Form
from .asks import OBJECTS, Ask, Choice, Common, JobKind, asks, objects_of
from .gather import Plate, Scene
from .problems import NukeProblem
from .work import as_shown

ID = "tv.shotmill.submit"
WIDTH, HEIGHT = 640, 720
PRIORITIES = ("normal", "high", "low")
PARAM = "p_"
MULTILINE = ("list", "object")
WORDS = "NAME @FRAME box LEFT,TOP,RIGHT,BOTTOM +X,Y -X,Y"


class SubmitPanel(nukescripts.PythonPanel):
    """What is submitted, and how; ``asks`` says what was chosen.

    Args:
        kinds: job types to choose from.
        scene: what was gathered.
        said: prompts that were gathered, in short text.
        ticked: full names of nodes whose plates are chosen to begin with; without any, the only Read is.
        check: given what would be submitted and a function for the answer; called when Check is pressed.
    """

    def __init__(
        self,
        kinds: Sequence[JobKind],
        scene: Scene,
        *,
        said: Sequence[str] = (),
        ticked: Sequence[str] = (),
        job_type: str = "",
        check: Callable[[list[Ask], Callable[[str], None]], None] | None = None,
    ) -> None:
        super().__init__("Submit to Shotmill", ID)
        self._kinds = {kind.name: kind for kind in kinds}
        self._scene, self._said, self._check = scene, list(said), check
        reads = [plate.node for plate in scene.plates if not plate.is_output]
        self._ticked = list(ticked) or (reads if len(reads) == 1 else [])
        self._made: list[Any] = []
        self._objects: Any = None
        self._ids: dict[str, str] = {}
        self._fields: dict[str, Any] = {}
        self.kind = self._kinds.get(job_type) or kinds[0]
        self.form = Form(self.kind.fields)
        self._add_head()
        self._add_plates()
        self._add_fields()
        self.setMinimumSize(WIDTH, HEIGHT)

    def knobChanged(self, knob: Any) -> None:  # noqa: N802 - Nuke calls it so
        """Follow what was typed: another job type brings its own knobs."""
        name = knob.name()
        if name == "job_type":
            self._choose(str(knob.value()))
        elif name == "check":
            self._ask_check()
        elif name.startswith(PARAM):
            self._read(name[len(PARAM) :], knob)
            self._show_fields()

    def asks(self) -> list[Ask]:
        """What to submit, as the panel stands; the same panel gives the same ids for the same choice.

        Raises:
            NukeProblem: something is missing or wrong.
        """
        for name, knob in self._fields.items():
            self._read(name, knob)
        chosen, typed = self._chosen()
        choice = Choice(
            self.kind,
            self.form,
            self._scene,
            tuple(chosen),
            self._common(),
            typed=typed,
            together=bool(self._together.value()) and self.kind.takes_many,
            more=self._drawn(),
        )
        found = asks(choice)
        return [self._once(ask) for ask in found]

    @property
    def brings_in(self) -> bool:
        """Whether results become nodes when they are there."""
        return bool(self._bring.value())

    def _drawn(self) -> dict[str, Any]:
        """The objects, in short text or as JSON."""
        knob = self._objects
        text = str(knob.value() or "").strip() if knob is not None else ""
        if text.startswith(("[", "{")):
            try:
                return {OBJECTS: json.loads(text)}
            except ValueError as error:
                raise NukeProblem(
                    f"the objects are no JSON ({error})", "write NAME @FRAME box L,T,R,B, one a line"
                ) from error
        return {OBJECTS: objects_of(text)} if text else {}

    def _once(self, ask: Ask) -> Ask:
        """The same submit has the same id: pressed twice, it is one job."""
        return ask._replace(id=self._ids.setdefault(json.dumps(ask.args, sort_keys=True), ask.id))

    def _add_head(self) -> None:
        names = [self.kind.name, *(name for name in self._kinds if name != self.kind.name)]
        self._job_type = nuke.Enumeration_Knob("job_type", "Job", names)
        self._summary = nuke.Text_Knob("summary", "", as_shown(self.kind.summary))
        self._together = nuke.Boolean_Knob("together", "One job for all plates")
        self._bring = nuke.Boolean_Knob("bring_in", "Bring results in when they are there")
        self._bring.setValue(True)
        for knob in (self._together, self._bring):
            knob.setFlag(nuke.STARTLINE)
        for knob in (self._job_type, self._summary):
            self.addKnob(knob)

    def _add_plates(self) -> None:
        self._plates: list[tuple[Plate, Any, Any]] = []
        if self._scene.plates:
            self.addKnob(nuke.Text_Knob("plates", "Plates"))
        for number, plate in enumerate(self._scene.plates):
            shown = plate.path.rpartition("/")[2]
            use = nuke.Boolean_Knob(f"use{number}", as_shown(f"{plate.key}   {shown}"))
            use.setFlag(nuke.STARTLINE)
            use.setValue(plate.node in self._ticked)
            use.setTooltip(as_shown("\n".join([plate.path, *plate.notes])))
            frames = nuke.String_Knob(f"frames{number}", "frames")
            frames.setValue(plate.frames)
            frames.clearFlag(nuke.STARTLINE)
            self._plates.append((plate, use, frames))
            self.addKnob(use)
            self.addKnob(frames)
        self.addKnob(self._together)
        self._add_common()

    def _add_common(self) -> None:
        self._texts = {
            name: nuke.String_Knob(name, label)
            for name, label in (("project", "Project"), ("shot", "Shot"), ("asset", "Asset"), ("comment", "Comment"))
        }
        self._texts["shot"].setTooltip("SEQUENCE/SHOT that results belong to, such as sq010/sh010")
        self._texts["asset"].setTooltip("KIND/NAME; empty, and no shot: named as the plate")
        self._priority = nuke.Enumeration_Knob("priority", "Priority", PRIORITIES)
        self._force = nuke.Boolean_Knob("force", "Again, as a new version")
        self._holes = nuke.Boolean_Knob("allow_holes", "Publish without missing frames")
        self._status = nuke.Text_Knob("status", "", " ")
        for knob in (self._force, self._holes):
            knob.setFlag(nuke.STARTLINE)
        for knob in (*self._texts.values(), self._priority, self._force, self._holes, self._bring):
            self.addKnob(knob)
        self.addKnob(nuke.PyScript_Knob("check", "Check"))
        self.addKnob(self._status)

    def _common(self) -> Common:
        texts = {name: str(knob.value() or "").strip() for name, knob in self._texts.items()}
        return Common(
            priority=str(self._priority.value()),
            force=bool(self._force.value()),
            allow_holes=bool(self._holes.value()),
            **texts,
        )

    def _chosen(self) -> tuple[list[Plate], dict[str, str]]:
        """Plates that are ticked, and frames that were typed over those that were gathered."""
        chosen, typed = [], {}
        for plate, use, frames in self._plates:
            if not use.value():
                continue
            text = str(frames.value() or "").strip()
            if text and text != plate.frames:
                typed[plate.key] = text
            chosen.append(plate._replace(frames=text or plate.frames))
        return chosen, typed

    def _choose(self, name: str) -> None:
        for knob in self._made:
            self.removeKnob(knob)
        self._made, self._fields, self._objects = [], {}, None
        self.kind = self._kinds[name]
        self.form = Form(self.kind.fields)
        self._summary.setValue(as_shown(self.kind.summary))
        self._add_fields()

    def _add_fields(self) -> None:
        """The form's knobs; those that few people need lie in a group that is closed."""
        if OBJECTS in self.kind.names:
            self._objects = nuke.Multiline_Eval_String_Knob(OBJECTS, "Objects")
            self._objects.setTooltip(f"{WORDS}, one a line; what was drawn stands here")
            self._objects.setValue("\n".join(self._said))
            self._place(self._objects)
        fields = [field for field in self.form.fields if not field.by_host and field.name != OBJECTS]
        usual = [field for field in fields if not field.advanced]
        more = [field for field in fields if field.advanced]
        self._add_group("", usual)
        if more:
            self._place(nuke.Tab_Knob("more", "More", nuke.TABBEGINCLOSEDGROUP))
            self._add_group("", more)
            self._place(nuke.Tab_Knob("more_end", "", nuke.TABENDGROUP))
        self._show_fields()

    def _add_group(self, before: str, fields: Sequence[Field]) -> None:
        for field in fields:
            if field.group and field.group != before:
                before = field.group
                self._place(nuke.Text_Knob(f"g_{field.name}", as_shown(field.group)))
            knob = knob_of(field, self.form.values[field.name])
            self._fields[field.name] = knob
            self._place(knob)

    def _place(self, knob: Any) -> None:
        self._made.append(knob)
        self.addKnob(knob)

    def _read(self, name: str, knob: Any) -> None:
        value = knob.value()
        field = self.form.field(name)
        if isinstance(value, str) and not value.strip() and field.default is None:
            value = None
        self.form.set(name, value)

    def _show_fields(self) -> None:
        shown = {field.name for field in self.form.visible()}
        for name, knob in self._fields.items():
            knob.setVisible(name in shown)
        problems = self.form.problems()
        self._status.setValue(as_shown(problems[0]["message"]) if problems else " ")

    def _ask_check(self) -> None:
        if self._check is not None:
            try:
                chosen = self.asks()
            except NukeProblem as problem:
                self._status.setValue(as_shown(str(problem)))
                return
            self._status.setValue("asking Shotmill ...")
            self._check(chosen, lambda sentence: self._status.setValue(as_shown(sentence)) and None)


def knob_of(field: Field, value: Any) -> Any:
    """A knob for one field of a form, standing at a value."""
    name, label = PARAM + field.name, field.label + (f" ({field.unit})" if field.unit else "")
    knob = _made_knob(field, name, as_shown(label), value)
    knob.setTooltip(as_shown(field.help))
    return knob


def _made_knob(field: Field, name: str, label: str, value: Any) -> Any:
    if field.type == "boolean":
        knob = nuke.Boolean_Knob(name, label)
        knob.setFlag(nuke.STARTLINE)
        knob.setValue(bool(value))
    elif field.type == "choice" and field.choices:
        knob = nuke.Enumeration_Knob(name, label, field.choices)
        if value in field.choices:
            knob.setValue(value)
    elif field.type == "integer" and value is not None:
        knob = nuke.Int_Knob(name, label)
        knob.setValue(int(value))
    elif field.type == "number" and value is not None:
        knob = nuke.Double_Knob(name, label)
        knob.setRange(*_bounds(field, float(value)))
        knob.setValue(float(value))
    elif field.type in ("path", "folder"):
        knob = nuke.File_Knob(name, label)
        knob.setValue(str(value or ""))
    else:
        knob = _text_knob(field, name, label, value)
    return knob


def _text_knob(field: Field, name: str, label: str, value: Any) -> Any:
    """Text, and what is typed as text: a number that may be left open, frames, lists with commas or lines between."""
    knob = (nuke.Multiline_Eval_String_Knob if field.type in MULTILINE else nuke.String_Knob)(name, label)
    if isinstance(value, (list, tuple)) and not any(isinstance(one, (dict, list)) for one in value):
        knob.setValue(",".join(str(one) for one in value))
    elif isinstance(value, (dict, list, tuple)):
        knob.setValue(json.dumps(value) if value else "")
    else:
        knob.setValue("" if value is None else str(value))
    return knob


def _bounds(field: Field, value: float) -> tuple[float, float]:
    """Ends of a slider; the form says what is out of bounds."""
    low = float(field.minimum) if field.minimum is not None else min(0.0, value)
    high = float(field.maximum) if field.maximum is not None else max(1.0, 2 * value)
    return (low, max(low, high))

"""From what an artist chose to what Shotmill is asked for: one job for each plate, or one for all."""

from __future__ import annotations

import re
import uuid
from typing import Any, Mapping, NamedTuple

from ..client import Form
from .colour import NUKE
from .gather import Plate, Scene
from .problems import NukeProblem

FRAMES, COLOURSPACE, OBJECTS = "frames", "colourspace", "objects"


class JobKind(NamedTuple):
    """A job type as ``describe`` tells it.

    Attributes:
        takes_plates: whether it works on media; takes_many: whether one job may work on several.
        fields: of its form.
    """

    name: str
    summary: str
    takes_plates: bool
    takes_many: bool
    fields: tuple[Mapping[str, Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of its fields."""
        return tuple(str(field["name"]) for field in self.fields)


class Common(NamedTuple):
    """What every job may be told, whatever its type."""

    project: str = ""
    shot: str = ""
    asset: str = ""
    priority: str = "normal"
    comment: str = ""
    force: bool = False
    allow_holes: bool = False


class Ask(NamedTuple):
    """One submit: its id makes that it is one job, however often it is sent."""

    id: str
    args: dict[str, Any]
    node: str


def job_kinds(described: Mapping[str, Any]) -> list[JobKind]:
    """All job types of an answer to ``describe``."""
    return [
        JobKind(
            name=str(one["name"]),
            summary=str(one.get("summary") or ""),
            takes_plates=one.get("takes") == "plates",
            takes_many=one.get("plates_max") != 1,
            fields=tuple(one.get("fields") or ()),
        )
        for one in described.get("job_types") or ()
    ]


class Choice(NamedTuple):
    """What an artist chose.

    Attributes:
        plates: those that were ticked, with the frames to work on.
        typed: frames that were typed, by a plate's key, where they are not those that were gathered.
        together: one job for all plates; the default is one for each.
        more: parameters that stand in no form, such as objects that were drawn.
    """

    kind: JobKind
    form: Form
    scene: Scene
    plates: tuple[Plate, ...]
    common: Common = Common()
    typed: Mapping[str, str] = {}
    together: bool = False
    more: Mapping[str, Any] = {}


def asks(choice: Choice) -> list[Ask]:
    """The submits that make what was chosen.

    Raises:
        NukeProblem: nothing was chosen, a field is wrong, or frames were typed that the job type cannot be told.
    """
    problems = choice.form.problems()
    if problems:
        raise NukeProblem(problems[0]["message"], "mend it in the panel")
    if not choice.kind.takes_plates:
        return [_ask(choice, ())]
    if not choice.plates:
        raise NukeProblem("no plate is chosen", "choose at least one Read, or the output of a Write")
    _check_frames(choice)
    if choice.together:
        return [_ask(choice, choice.plates)]
    return [_ask(choice, (plate,), _own(choice, plate)) for plate in choice.plates]


def _check_frames(choice: Choice) -> None:
    if choice.typed and (choice.together or FRAMES not in choice.kind.names):
        key = min(choice.typed)
        why = "one job for all plates" if choice.together else f"the job type {choice.kind.name}"
        what = f"{why} cannot be told frames {choice.typed[key]} of {key}"
        raise NukeProblem(what, "leave its frames as they were gathered")


def _own(choice: Choice, plate: Plate) -> dict[str, Any]:
    """What the node says, for fields that the artist left as they were; names of Nuke's own LUTs are in no config."""
    found: dict[str, Any] = {}
    names, values = choice.kind.names, choice.form.values
    if FRAMES in names and not values.get(FRAMES):
        found[FRAMES] = plate.frames
    is_managed = choice.scene.colour.source != NUKE
    if is_managed and plate.colourspace and COLOURSPACE in names and not values.get(COLOURSPACE):
        found[COLOURSPACE] = plate.colourspace
    return found


def _ask(choice: Choice, plates: tuple[Plate, ...], own: Mapping[str, Any] | None = None) -> Ask:
    args: dict[str, Any] = {
        "job_type": choice.kind.name,
        "params": {**choice.form.to_params(), **(own or {}), **choice.more},
        "plates": [plate.path for plate in plates],
    }
    said = choice.common._asdict().items()
    args.update({name: value for name, value in said if value and (name, value) != ("priority", "normal")})
    return Ask(str(uuid.uuid4()), args, plates[0].node if plates else "")


def objects_of(text: str) -> list[str]:
    """Objects as they stand in the panel, one a line."""
    return [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]

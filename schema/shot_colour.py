"""A shot's colour: what cut, shot, sequence and project say of it, joined; and parameters of jobs that use it.

A job type uses shot colour in three steps, which ``JobType.grades`` asks for:

- its params are a ``ColouredParams``, or ``OwnerColouredParams`` where it reads no clips; what an artist may overrule
  is a field named as in ``ColourSetup`` (``look``, ``display``, ``cdl`` ...) whose default leaves it open;
- its ``JobType`` has ``grades``: params -> every grade that its tasks will apply;
- its tasks take ``params.colour_of(clip)``, or ``params.colour``, and make their grades of it by the same function.

The submitter fills in the colours and each clip's ``colourspace``, refuses what the config does not know, and freezes
the hashes of all files that those grades read; ``task.tools.grader(grade)`` refuses a host where one is another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import Field

from .base import Document
from .colour import Cdl, ColourSetup, Grade
from .errors import ParamsError
from .job import ClipParams, Params
from .media import Clip, EntityRef

CONTEXT = "context"
PARTS = tuple(ColourSetup.model_fields)


class Level(StrEnum):
    """Who says something of a shot's colour, the nearest first."""

    JOB = "job"
    SHOT = "shot"
    CUT = "cut"
    SEQUENCE = "sequence"
    PROJECT = "project"
    SETTINGS = "settings"
    ENVIRONMENT = "environment"
    CONFIG = "config"
    NOBODY = "nobody"


class Origin(NamedTuple):
    """Where a part of a shot's colour comes from; ``who`` is such as ``demo:sq010`` or ``cut main v003``."""

    level: Level
    who: str = ""

    def __str__(self) -> str:
        return f"{self.level} {self.who}" if self.who else str(self.level)


class Said(NamedTuple):
    """What one of them says."""

    origin: Origin
    setup: ColourSetup


class ShotColour(Document):
    """A shot's colour, whole: every name is in the config, and nothing is left open.

    Attributes:
        config: path or ``ocio://`` name of the OCIO config.
        look: in OCIO's words; empty: none.
        cdl: None: none.
        context: OCIO context variables that the config speaks of, none left to the environment of a host.
    """

    config: str
    working_space: str
    display: str
    view: str
    look: str = ""
    look_space: str = ""
    cdl: Cdl | None = None
    cdl_space: str = ""
    context: dict[str, str] = Field(default_factory=dict)

    def to_display(self, source: str) -> Grade:
        """What happens to pixels of a colour space until they are shown: CDL, looks, view."""
        return Grade(source=source, display=self.display, view=self.view, **self._correction())

    def to_space(self, source: str, space: str = "") -> Grade:
        """What happens to them until they are in a colour space, by default the working space: CDL and looks."""
        return Grade(source=source, space=space or self.working_space, **self._correction())

    def _correction(self) -> dict[str, Any]:
        found: dict[str, Any] = {"context": self.context}
        if self.cdl is not None:
            found |= {"cdl": self.cdl, "cdl_space": self.cdl_space}
        return found | ({"look": self.look, "look_space": self.look_space} if self.look else {})


class ColouredParams(ClipParams):
    """Parameters of a job that applies each shot's colour.

    Attributes:
        colours: by the clip's name; filled in by the submitter.
    """

    colours: dict[str, ShotColour] = Field(
        default_factory=dict,
        description="Each clip's colour, as its shot, cut, sequence and project say",
        json_schema_extra={"source": "colour"},
    )

    def colour_of(self, clip: Clip) -> ShotColour:
        """A clip's colour.

        Raises:
            ParamsError: the submitter has filled in none.
        """
        try:
            return self.colours[clip.name]
        except KeyError as error:
            raise ParamsError(
                f"clip {clip.name!r} has no colour; submit the job with shotmill submit, which fills it in",
                field="colours",
            ) from error


class OwnerColouredParams(Params):
    """Parameters of a job that reads no clips, and applies the colour of whom its results belong to.

    Attributes:
        colour: filled in by the submitter; None: nobody did, as in jobs of earlier versions.
    """

    owner: EntityRef | None = Field(
        default=None,
        title="Belongs to",
        description="whom the results belong to; filled in by the submitter",
        json_schema_extra={"source": "owner"},
    )
    colour: ShotColour | None = Field(
        default=None,
        title="Shot colour",
        description="The owner's colour, as its shot, cut, sequence and project say",
        json_schema_extra={"source": "colour"},
    )


def said_by(params: Params) -> dict[str, Any]:
    """The parts of a colour setup that the artist filled in: what stands at its default is left open."""
    fields = {name: field for name, field in type(params).model_fields.items() if name in PARTS}
    given = {
        name: (getattr(params, name), field.get_default(call_default_factory=True)) for name, field in fields.items()
    }
    return {name: value for name, (value, default) in given.items() if value != default}


def chain_of(grade: Grade) -> tuple[str, ...]:
    """The steps of a grade in words, in their order; one to a display without a view has pixels made for one."""
    steps = [f"pixels in {grade.source}"]
    if grade.cdl is not None:
        steps.append(f"to {grade.cdl_space}, and there the CDL {cdl_text(grade.cdl)}")
    if grade.look:
        steps.append(f"to {grade.look_space or 'where they are'}, and there the looks {grade.look}")
    view = f" by its view {grade.view}" if grade.view else ", by no view: they were made for a display already"
    steps.append(f"to {grade.space}" if grade.space else f"to the display {grade.display}{view}")
    return tuple(steps)


def cdl_text(cdl: Cdl) -> str:
    """A colour correction in one line."""
    parts = [
        f"{name} {' '.join(f'{one:g}' for one in value)}"
        for name, value in (("slope", cdl.slope), ("offset", cdl.offset), ("power", cdl.power))
    ]
    named = f" ({cdl.id})" if cdl.id else ""
    return f"{', '.join(parts)}, saturation {cdl.saturation:g}{named}"


def joined(said: Sequence[Said]) -> tuple[ColourSetup, dict[str, Origin]]:
    """What several levels say together, the nearest first.

    Returns:
        The setup, and the origin of each of its parts; context variables are ``context.NAME``.
    """
    found: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    context: dict[str, str] = {}
    for one in said:
        for part, value in _parts(one.setup):
            if part in origins:
                continue
            origins[part] = one.origin
            if part.startswith(f"{CONTEXT}."):
                context[part.removeprefix(f"{CONTEXT}.")] = value
            else:
                found[part] = value
    return ColourSetup(**found, context=dict(sorted(context.items()))), origins


def _parts(setup: ColourSetup) -> Iterator[tuple[str, Any]]:
    """The parts that are said."""
    for name in PARTS:
        value = getattr(setup, name)
        if name == CONTEXT:
            yield from ((f"{CONTEXT}.{variable}", text) for variable, text in value.items())
        elif value is not None:
            yield name, value

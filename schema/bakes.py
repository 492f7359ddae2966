"""What is asked of colour that is baked, into frames or into LUTs."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from .colour import MAX_CONTEXT, Cdl, Grade
from .job import Params
from .media import as_value_error
from .names import check_text
from .shot_colour import ShotColour

MAX_COLOUR_NAME = 256
_CDL_FILE = re.compile(r"\.(?:cc|ccc|cdl)(?:#.*)?\Z", re.IGNORECASE)
TRIPLE = 3
_PARTS = ("slope", "offset", "power", "saturation")


def _text(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_text, value, field=field))


def read_cdl(value: Any) -> Any:
    """A CDL as people type it: ``slope 1.1,1,0.9 offset 0,0,0.01 power 1,1,1 saturation 0.9``, or as JSON.

    The name of a CDL file stays as it is, for the submitter to read. What is left out stays as it is; one number stands
    for three.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    if text.startswith("{"):
        return _json(text, "CDL")
    if _CDL_FILE.search(text):
        return text
    words = re.sub(r"\s*,\s*", ",", text).replace("=", " ").split()
    names, numbers = words[::2], words[1::2]
    wrong = [name for name in names if name not in _PARTS]
    if wrong or len(names) != len(numbers):
        raise ValueError(f"{text[:80]!r} is no CDL; write slope 1.1,1,0.9 offset 0,0,0 power 1,1,1 saturation 0.9")
    return {name: _numbers(name, number) for name, number in zip(names, numbers, strict=True)}


def _numbers(name: str, text: str) -> float | list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise ValueError(f"{name} {text[:80]!r} of the CDL is no number, nor three with commas between them") from error
    if len(found) == 1:
        return found[0] if name == "saturation" else found * 3
    if len(found) != TRIPLE or name == "saturation":
        wanted = "one number" if name == "saturation" else "three numbers, for R, G and B, or one for all"
        raise ValueError(f"{name} {text[:80]!r} of the CDL has {len(found)} numbers; write {wanted}")
    return found


def read_context(value: Any) -> Any:
    """OCIO context variables as people type them: ``SHOT=sh010,LOOK=warm``, or as JSON.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("{"):
        return _json(value, "context")
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    if any(not sign or not name.strip() for name, sign, _value in pairs):
        raise ValueError(f"{value[:80]!r} is no context; write NAME=VALUE,NAME=VALUE")
    return {name.strip(): found.strip() for name, _sign, found in pairs}


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"the {what} cannot be read as JSON: {error}") from error


class GradeParams(Params):
    """What happens to colour; names are those of the OCIO config, its aliases and roles too."""

    colourspace: Annotated[str, _text("colourspace")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="From",
        description="colour space that the source is in",
        json_schema_extra={"group": "Colour", "kind": "colour_space"},
    )
    space: Annotated[str, _text("space")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="To colour space",
        description="colour space to end in, such as ACEScg; or name a display",
        json_schema_extra={"group": "Colour", "kind": "colour_space"},
    )
    display: Annotated[str, _text("display")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="To display",
        description="OCIO display to end on, instead of a colour space",
        json_schema_extra={"group": "Colour"},
    )
    view: Annotated[str, _text("view")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="View",
        description="OCIO view of that display; empty: its default view",
        json_schema_extra={"group": "Colour"},
    )
    cdl: Annotated[Cdl | str | None, BeforeValidator(read_cdl)] = Field(
        default=None,
        title="CDL",
        description="such as 'slope 1.1,1,0.9 offset 0,0,0 power 1,1,1 saturation 0.9', JSON, or FILE.ccc#ID",
        json_schema_extra={"group": "Colour", "advanced": True, "kind": "text"},
    )
    cdl_space: Annotated[str, _text("CDL space")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="CDL space",
        description="colour space that the CDL was made in, such as ACEScct; empty: the working space",
        json_schema_extra={"group": "Colour", "advanced": True, "kind": "colour_space"},
    )
    look: Annotated[str, _text("look")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="Look",
        description="looks of the OCIO config, such as '+warm, -neutral'",
        json_schema_extra={"group": "Colour", "advanced": True},
    )
    look_space: Annotated[str, _text("look space")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="Look space",
        description="colour space that looks are handed; empty: the working space",
        json_schema_extra={"group": "Colour", "advanced": True, "kind": "colour_space"},
    )
    context: Annotated[dict[str, str], BeforeValidator(read_context)] = Field(
        default_factory=dict,
        max_length=MAX_CONTEXT,
        title="Context",
        description="OCIO context variables, such as SHOT=sh010,SEQ=sq010, or as JSON",
        json_schema_extra={"group": "Colour", "advanced": True, "kind": "text"},
    )
    inverse: bool = Field(
        default=False,
        title="Inverse",
        description="whether to go the way back",
        json_schema_extra={"group": "Colour", "advanced": True},
    )
    shot_grade: bool = Field(
        default=False,
        title="Shot grade",
        description="whether the shot's own CDL and looks are applied too, as 'shotmill colour explain' tells",
        json_schema_extra={"group": "Colour"},
    )

    def grade_by(self, colour: ShotColour, source: str) -> Grade:
        """What happens to colours of a shot: what was given, what the shot says of it, and its grade if asked for.

        Args:
            colour: the shot's, in which what was given is the nearest.
            source: the colour space that they are in.
        """
        cdl = colour.cdl if self.shot_grade or self.cdl is not None else None
        look = colour.look if self.shot_grade or self.look else ""
        return Grade(
            source=source,
            cdl=cdl,
            cdl_space=colour.cdl_space if cdl is not None else "",
            look=look,
            look_space=colour.look_space if look else "",
            space=self.space,
            display=colour.display if self.display else "",
            view=colour.view if self.display else "",
            context=colour.context,
            inverse=self.inverse,
        )

    def check_ends(self) -> None:
        """Refuse colours that are to end nowhere, or in two places.

        Raises:
            ValueError: says which flags to give.
        """
        if self.space and self.display:
            raise ValueError(
                f"space {self.space!r} and display {self.display!r} are two places to end in; leave out --space or "
                "--display"
            )
        if not (self.space or self.display):
            raise ValueError("say where the colours go: name a colour space with --space, or a display with --display")
        if self.view and not self.display:
            raise ValueError(f"view {self.view!r} needs its display; name it with --display")

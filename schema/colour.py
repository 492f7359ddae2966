"""What is done to colour: grades, and what a project, a sequence or a shot says of its own."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .base import Document
from .media import as_value_error
from .names import check_text

MAX_CONTEXT = 64
Triple = tuple[float, float, float]


def _check_triple(value: Triple) -> Triple:
    if not all(math.isfinite(one) for one in value):
        raise ValueError("a number of it is infinite or no number at all")
    return value


def _text(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_text, value, field=field))


FiniteTriple = Annotated[Triple, AfterValidator(_check_triple)]


class Cdl(Document):
    """A colour correction as the ASC Color Decision List has it, version 1.2: ``(in * slope + offset) ** power``.

    Nothing is clamped, so that the light of a scene stays what it is; saturation follows, with Rec.709 weights.

    Attributes:
        id: what its file calls it.
    """

    slope: FiniteTriple = (1.0, 1.0, 1.0)
    offset: FiniteTriple = (0.0, 0.0, 0.0)
    power: FiniteTriple = (1.0, 1.0, 1.0)
    saturation: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    id: Annotated[str, _text("id")] = ""

    @model_validator(mode="after")
    def _is_a_correction(self) -> Self:
        if min(self.slope) < 0:
            raise ValueError("a slope is negative; the ASC CDL has slopes of 0 and more")
        if min(self.power) <= 0:
            raise ValueError("a power is 0 or less; the ASC CDL has powers above 0")
        return self


class ColourSetup(Document):
    """What a project, a sequence or a shot says of its colour; None is left to the level above.

    Attributes:
        config: path or ``ocio://`` name of the OCIO config.
        working_space: the colour space that is worked in.
        display, view: what pictures are made for.
        look: looks of the config, in OCIO's own words: ``+grade, -neutral``; empty: none.
        look_space: the colour space that a look is handed; None: the working space.
        cdl: a colour correction, applied in ``cdl_space``.
        cdl_space: None: the working space.
        context: OCIO context variables; those of several levels are joined, the nearest wins.
    """

    config: Annotated[str, _text("config")] | None = None
    working_space: Annotated[str, _text("working space")] | None = None
    display: Annotated[str, _text("display")] | None = None
    view: Annotated[str, _text("view")] | None = None
    look: Annotated[str, _text("look")] | None = None
    look_space: Annotated[str, _text("look space")] | None = None
    cdl: Cdl | None = None
    cdl_space: Annotated[str, _text("CDL space")] | None = None
    context: dict[str, str] = Field(default_factory=dict, max_length=MAX_CONTEXT)


class Grade(Document):
    """What happens to pixels: first the CDL, then looks, then the way to a colour space or to a view of a display.

    Attributes:
        source: colour space of the pixels.
        cdl_space: where the CDL is applied; needed with one.
        look_space: where looks begin; empty: where the pixels are.
        space: the colour space to end in; empty where there is a display.
        display, view: to end on; an empty view is the display's default one.
        context: OCIO context variables.
        inverse: the way back.
    """

    source: Annotated[str, _text("source")]
    cdl: Cdl | None = None
    cdl_space: Annotated[str, _text("CDL space")] = ""
    look: Annotated[str, _text("look")] = ""
    look_space: Annotated[str, _text("look space")] = ""
    space: Annotated[str, _text("space")] = ""
    display: Annotated[str, _text("display")] = ""
    view: Annotated[str, _text("view")] = ""
    context: dict[str, str] = Field(default_factory=dict, max_length=MAX_CONTEXT)
    inverse: bool = False

    @model_validator(mode="after")
    def _ends_somewhere(self) -> Self:
        if bool(self.space) == bool(self.display):
            raise ValueError("pixels go either to a colour space or to a display; name one of the two")
        if self.view and not self.display:
            raise ValueError(f"view {self.view!r} needs a display")
        if self.cdl is not None and not self.cdl_space:
            raise ValueError("a CDL needs the colour space that it works in; name it with the CDL space")
        return self

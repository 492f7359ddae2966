"""What an artist says of the things to be cut out: objects, and prompts on frames.

Coordinates are pixels of the plate's display window as it is stored: origin at the upper left corner, y down, the
centre of the first pixel at (0.5, 0.5).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .base import Document
from .media import as_value_error
from .names import check_media_path, check_name, check_text

MAX_OBJECTS = 64
MAX_PROMPTS = 1000
MAX_POINTS = 1000
Coordinate = Annotated[float, Field(allow_inf_nan=False)]


class Stage(StrEnum):
    """The kinds of work that backends do."""

    DETECT = "detect"
    SEGMENT = "segment"
    PROPAGATE = "propagate"
    MATTE = "matte"


class PromptPoint(Document):
    """A click: ``inside`` says whether it is on the object, or on what is not part of it."""

    x: Coordinate
    y: Coordinate
    inside: bool = True


class PromptBox(Document):
    """A rectangle around the object; the right and lower ends lie outside of it."""

    left: Coordinate
    top: Coordinate
    right: Coordinate
    bottom: Coordinate

    @model_validator(mode="after")
    def _has_an_area(self) -> Self:
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("a box needs left < right and top < bottom; give it as left,top,right,bottom")
        return self


class Prompt(Document):
    """What is said of one object on one frame.

    Attributes:
        mask: path of a picture of the display window's size; what is above half of its range is the object.
        text: what the object is called; needs a backend that detects.
        corrects: these points mend what propagation brought to this frame; else the object is found here anew.
    """

    frame: int
    points: tuple[PromptPoint, ...] = Field(default=(), max_length=MAX_POINTS)
    box: PromptBox | None = None
    mask: Annotated[str, AfterValidator(lambda value: as_value_error(check_media_path, value, field="mask"))] | None = (
        Field(default=None, json_schema_extra={"kind": "path"})
    )
    text: Annotated[str, AfterValidator(lambda value: as_value_error(check_text, value, field="text"))] = ""
    corrects: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.points or self.box or self.mask or self.text):
            raise ValueError(f"the prompt on frame {self.frame} says nothing; give points, a box, a mask or a text")
        if self.corrects and not self.points:
            raise ValueError(f"the correction on frame {self.frame} has no points; give some, inside or outside")
        if not self.corrects and not (self.box or self.mask or self.text or any(p.inside for p in self.points)):
            raise ValueError(f"the prompt on frame {self.frame} has no point inside the object; give one")
        return self


class RotoObject(Document):
    """One thing to be cut out: its name in files and channels, and where it is.

    Attributes:
        name: letters, digits, ``_`` and ``-``; becomes the matte's channel.
        label: for people.
    """

    name: Annotated[str, AfterValidator(lambda value: as_value_error(check_name, value, field="object"))]
    label: Annotated[str, AfterValidator(lambda value: as_value_error(check_text, value, field="label"))] = ""
    prompts: tuple[Prompt, ...] = Field(min_length=1, max_length=MAX_PROMPTS)

    @model_validator(mode="after")
    def _begins_somewhere(self) -> Self:
        frames = [prompt.frame for prompt in self.prompts]
        if len(frames) != len(set(frames)):
            raise ValueError(f"object {self.name!r} has two prompts on one frame; make one of them")
        if all(prompt.corrects for prompt in self.prompts):
            raise ValueError(f"object {self.name!r} has corrections only; say on one frame where it is")
        return self

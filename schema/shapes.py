"""Roto shapes: closed cubic Bezier curves with keys in time, the document that every export is made from.

Coordinates are pixels of the plate's display window as it is stored: origin at the upper left corner of the window, y
down, the centre of the first pixel at (0.5, 0.5). On a plate with a pixel aspect of 2, one unit of x is twice as wide
on the screen as one of y. Frames are the plate's own numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .base import Document
from .media import Rate, Window, as_value_error
from .names import check_name, check_text

SHAPES_VERSION = 1
Number = Annotated[float, Field(allow_inf_nan=False)]
# x, y, in x, in y, out x, out y, feather: the handles are relative to the point, in pixels; the feather is how far the
# soft edge reaches outwards from the curve, in pixels.
Knot = tuple[Number, Number, Number, Number, Number, Number, Number]
Name = Annotated[str, AfterValidator(lambda value: as_value_error(check_name, value, field="name"))]


class ShapeMode(StrEnum):
    """What a shape does to the shapes of its object that stand before it."""

    ADD = "add"
    SUBTRACT = "subtract"


class ShapeKey(Document):
    """The whole curve at one frame."""

    frame: int
    knots: tuple[Knot, ...] = Field(min_length=3)


class Shape(Document):
    """One closed curve through its life; between keys every number moves linearly.

    Attributes:
        name: unique in its object.
        first, last: its life, both frames included; outside of it the shape is not there.
        mode: ``subtract`` makes a hole in what its object added before it.
        keys: ascending, the first at ``first`` and the last at ``last``; all with equally many knots, the n-th of
            one key being the n-th of the next.
    """

    name: Name
    first: int
    last: int
    mode: ShapeMode = ShapeMode.ADD
    keys: tuple[ShapeKey, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        frames = [key.frame for key in self.keys]
        if frames != sorted(set(frames)):
            raise ValueError(f"the keys of shape {self.name!r} are not in ascending order, or one stands twice")
        if frames[0] != self.first or frames[-1] != self.last:
            raise ValueError(f"shape {self.name!r} lives from {self.first} to {self.last}, so it must have keys there")
        if len({len(key.knots) for key in self.keys}) > 1:
            raise ValueError(f"the keys of shape {self.name!r} differ in their number of knots")
        return self

    def at(self, frame: int) -> tuple[Knot, ...] | None:
        """The curve at a frame, between keys as well; None where the shape is not there."""
        if not self.first <= frame <= self.last:
            return None
        after = next(index for index, key in enumerate(self.keys) if key.frame >= frame)
        right = self.keys[after]
        if right.frame == frame:
            return right.knots
        left = self.keys[after - 1]
        share = (frame - left.frame) / (right.frame - left.frame)
        return tuple(_between(a, b, share) for a, b in zip(left.knots, right.knots, strict=True))


def _between(left: Sequence[float], right: Sequence[float], share: float) -> Knot:
    x, y, in_x, in_y, out_x, out_y, feather = (a + (b - a) * share for a, b in zip(left, right, strict=True))
    return (x, y, in_x, in_y, out_x, out_y, feather)


class RotoShapes(Document):
    """The shapes of one object, in the order they are drawn.

    Attributes:
        label: for people; any text.
        colour: of its outline in other programs: red, green, blue in 0..1.
    """

    name: Name
    label: Annotated[str, AfterValidator(lambda value: as_value_error(check_text, value, field="label"))] = ""
    colour: tuple[Number, Number, Number] = (1.0, 0.2, 0.2)
    shapes: tuple[Shape, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [shape.name for shape in self.shapes]
        if len(names) != len(set(names)):
            raise ValueError(f"two shapes of object {self.name!r} have one name")
        return self


class ShapesDocument(Document):
    """``shapes.json``: all objects of a roto job, with what other programs must know of the plate.

    Attributes:
        width, height: of the plate's display window in pixels as they are stored.
        pixel_aspect: width of a pixel over its height.
        data_window: where the plate's stored pixels lie, when that is not the display window.
        rate: frames per second.
        first, last: frames of the job.
        fit_px: how far the curves may lie from the matte's half-way contour at a key.
        key_px: how far the curves between keys may lie from the curves that were fitted there.
    """

    shapes_version: int = SHAPES_VERSION
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    pixel_aspect: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    data_window: Window | None = None
    rate: Rate
    first: int
    last: int
    fit_px: float = Field(gt=0)
    key_px: float = Field(ge=0)
    objects: tuple[RotoShapes, ...] = ()

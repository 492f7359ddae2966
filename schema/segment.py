"""A click, and the mask that answers it: what the resident segmenter is asked and what it answers."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from .base import Document
from .media import as_value_error
from .names import check_media_path, check_name, check_text
from .roto import MAX_OBJECTS, MAX_POINTS, PromptBox, PromptPoint

DEFAULT_BACKEND = "classical"


def _name(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_name, value, field=field))


class SegmentObject(Document):
    """Where one object is on the frame; coordinates as in a roto's prompts."""

    name: Annotated[str, _name("object")] = "object"
    points: tuple[PromptPoint, ...] = Field(default=(), max_length=MAX_POINTS)
    box: PromptBox | None = None

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.box is None and not any(point.inside for point in self.points):
            raise ValueError(f"object {self.name!r} has neither a point inside nor a box; give one")
        return self


class SegmentRequest(Document):
    """One frame, and what is to be found on it.

    Attributes:
        media: absolute path of a movie, a still or a sequence, as for jobs.
        frame: in the medium's own numbering; None: the one that the path names, else the first.
        colourspace: of the medium; empty: as its file says.
        backend: that finds.
    """

    media: Annotated[str, AfterValidator(lambda value: as_value_error(check_media_path, value, field="media"))]
    frame: int | None = None
    colourspace: Annotated[
        str,
        Field(max_length=256),
        AfterValidator(lambda value: as_value_error(check_text, value, field="colourspace")),
    ] = ""
    objects: tuple[SegmentObject, ...] = Field(min_length=1, max_length=MAX_OBJECTS)
    backend: Annotated[str, _name("backend")] = DEFAULT_BACKEND

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [one.name for one in self.objects]
        if len(names) != len(set(names)):
            raise ValueError("two objects have one name; give each its own")
        return self


class SegmentMask(Document):
    """One object's mask.

    Attributes:
        png: Base64 of an 8-bit grey PNG of the display window's size in stored pixels; 255 is inside.
        confidence: of the backend, 0 to 1.
        reason: why it is low; empty where it is not.
        area_px: pixels that are inside, of all.
    """

    object: str
    png: str
    confidence: float
    reason: str = ""
    area_px: int


class SegmentTimings(Document):
    """Where the time went, in seconds.

    Attributes:
        picture_s: reading the frame and its way to the display; next to nothing where it was kept.
        model_s: loading the backend.
        segment_s: finding.
        total_s: from the request to the answer.
        picture_was_kept, model_was_warm: whether that was done before.
    """

    picture_s: float
    model_s: float
    segment_s: float
    total_s: float
    picture_was_kept: bool
    model_was_warm: bool


class SegmentOut(Document):
    """``shotmill segment --json``, and what the server answers.

    Attributes:
        by: who did the work: the resident ``server``, or the command itself.
        width, height: of the masks.
    """

    media: str
    frame: int
    width: int
    height: int
    colourspace: str
    backend: str
    by: Literal["server", "command"]
    masks: tuple[SegmentMask, ...]
    timings: SegmentTimings

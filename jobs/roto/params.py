"""What an artist fills in for a roto."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ...schema.frames import FrameSet
from ...schema.job import Refined
from ...schema.media import Clip, as_value_error
from ...schema.names import check_name, check_text
from ...schema.pictures import LookParams
from ...schema.roto import MAX_OBJECTS, RotoObject
from .words import read_objects

MAX_EXPORTS = 32


class Direction(StrEnum):
    """Which way objects are followed from the frames where they are told."""

    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


def _name(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_name, value, field=field))


def _optional_name(field: str) -> AfterValidator:
    return AfterValidator(lambda value: value and as_value_error(check_name, value, field=field))


def _text(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_text, value, field=field))


def _frames(value: Any) -> Any:
    """Frames that were left open, as a form gives them."""
    return None if value == "" else value


def _words(value: Any) -> Any:
    """Words that are typed with commas between them."""
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


class RotoParams(LookParams):
    """Things to be cut out of a plate, and how."""

    clips: tuple[Clip, ...] = Field(
        min_length=1,
        max_length=1,
        description="The plate",
        json_schema_extra={"source": "clips"},
    )
    objects: Annotated[tuple[RotoObject, ...], BeforeValidator(read_objects)] = Field(
        default=(),
        max_length=MAX_OBJECTS,
        title="Objects",
        description="JSON file of what is to be cut out, with prompts on frames",
        json_schema_extra={
            "filled_by": "host",
            "each": "object",
            "each_description": "one object in short text, such as 'hero @1001 box 10,20,310,220 +120,80 -30,40'",
            "example": [{"name": "hero", "prompts": [{"frame": 1001, "points": [{"x": 8, "y": 8}]}]}],
        },
    )
    refine: Annotated[str, _text("refine")] = Field(
        default="",
        title="Refine",
        description="published version to mend, such as sq010/sh010/roto@v001: with its settings and objects",
        json_schema_extra={"group": "Again"},
    )
    parent: Refined | None = Field(
        default=None,
        title="Parent",
        description="the version that is mended; filled in by the submitter",
        json_schema_extra={"source": "refine"},
    )
    masks: dict[str, str] = Field(
        default_factory=dict,
        title="Masks",
        description="checksums of the mask files that prompts name; filled in by the submitter",
        json_schema_extra={"source": "masks"},
    )
    frames: Annotated[FrameSet | None, BeforeValidator(_frames)] = Field(
        default=None,
        title="Frames",
        description="frames to work on, such as 1001-1048; empty: all of the plate",
        json_schema_extra={"example": "1001-1048"},
    )
    exposure: float = Field(
        default=0.0,
        ge=-20,
        le=20,
        title="Exposure",
        description="stops that the plate is made brighter by, for the backends' eyes only",
        json_schema_extra={"unit": "stops", "advanced": True},
    )
    direction: Direction = Field(
        default=Direction.BOTH,
        title="Follow",
        description="which way objects are followed from their prompts: forward, backward or both",
    )
    segment: Annotated[str, _name("segment")] = Field(
        default="classical",
        json_schema_extra={"group": "Backends", "advanced": True, "example": "stub"},
        title="Segment with",
        description="backend that finds objects where prompts say",
    )
    propagate: Annotated[str, _name("propagate")] = Field(
        default="classical",
        json_schema_extra={"group": "Backends", "advanced": True, "example": "stub"},
        title="Propagate with",
        description="backend that follows objects through frames",
    )
    matte: Annotated[str, _name("matte")] = Field(
        default="edge",
        title="Matte with",
        description="backend that makes soft mattes of masks",
        json_schema_extra={"group": "Backends", "advanced": True},
    )
    detect: Annotated[str, _optional_name("detect")] = Field(
        default="",
        title="Detect with",
        description="backend that finds objects by what they are called; empty: none",
        json_schema_extra={"group": "Backends", "advanced": True},
    )
    band_px: float = Field(
        default=8.0,
        ge=0.5,
        le=200,
        title="Matte band",
        description="how far from its edge a matte may be soft, pixels",
        json_schema_extra={"group": "Mattes"},
    )
    chunk_frames: int = Field(
        default=0,
        ge=0,
        le=10_000,
        title="Chunk",
        description="frames that one task follows objects through; 0: all; the next task goes on where it ended",
        json_schema_extra={"group": "Backends", "advanced": True},
    )
    objects_per_task: int = Field(
        default=0,
        ge=0,
        le=MAX_OBJECTS,
        title="Objects per task",
        description="objects that one task follows; 0: one, and up to 8 where the backend needs a GPU",
        json_schema_extra={"group": "Backends", "advanced": True},
    )
    points_max: int = Field(
        default=16,
        ge=4,
        le=200,
        title="Points",
        description="points of a shape at most",
        json_schema_extra={"group": "Shapes", "advanced": True},
    )
    fit_px: float = Field(
        default=0.75,
        gt=0,
        le=100,
        title="Fit",
        description="how far a shape may lie from the matte's edge, pixels",
        json_schema_extra={"group": "Shapes", "advanced": True},
    )
    key_px: float = Field(
        default=2.0,
        ge=0,
        le=100,
        title="Keys",
        description="how far a shape may lie off between its keys, pixels",
        json_schema_extra={"group": "Shapes", "advanced": True},
    )
    smooth: float = Field(
        default=0.8,
        ge=0,
        le=20,
        title="Smooth",
        description="how much shapes are smoothed in time, frames; 0: not",
        json_schema_extra={"group": "Shapes", "advanced": True},
    )
    holes: bool = Field(
        default=True,
        title="Holes",
        description="whether holes become shapes that subtract",
        json_schema_extra={"group": "Shapes", "advanced": True},
    )
    exports: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field(
        default=(),
        max_length=MAX_EXPORTS,
        title="Exports",
        description="formats of shapes, with commas between them",
        json_schema_extra={"group": "Shapes"},
    )
    product: Annotated[str, _name("product")] = Field(
        default="roto",
        title="Product",
        description="name of the product that is published",
        json_schema_extra={"advanced": True},
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="for whatever draws lots",
        json_schema_extra={"group": "Backends", "advanced": True},
    )
    device: Annotated[str, _text("device")] = Field(
        default="",
        max_length=16,
        title="Device",
        description="cpu, cuda or cuda:1; empty: the backend's own choice",
        json_schema_extra={"group": "Backends", "advanced": True},
    )
    options: dict[str, str] = Field(
        default_factory=dict,
        max_length=64,
        title="Options",
        description="of the backends, by name, as JSON",
        json_schema_extra={"group": "Backends", "advanced": True},
    )

    def with_marks(self, mark: Callable[[str], str]) -> Self:
        """The same with the checksums of mask files: another content is another job."""
        paths = sorted({prompt.mask for one in self.objects for prompt in one.prompts if prompt.mask})
        return self.model_copy(update={"masks": {path: mark(path) for path in paths}})

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for what, names in (("object", [one.name.lower() for one in self.objects]), ("export", list(self.exports))):
            twice = [name for name, count in Counter(names).items() if count > 1]
            if twice:
                raise ValueError(f"{what} {twice[0]!r} is there twice, capitals aside; give each another name")
        return self

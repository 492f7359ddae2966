"""What an artist fills in to bake colour into frames."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from ...schema.bakes import GradeParams
from ...schema.colour import Grade
from ...schema.errors import ParamsError
from ...schema.media import Clip, as_value_error
from ...schema.names import check_name
from ...schema.shot_colour import ColouredParams

MAX_CLIPS = 100  # each clip is a step


def _name(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_name, value, field=field))


class FrameFormat(StrEnum):
    """How baked frames are stored."""

    SOURCE = "source"
    EXR = "exr"
    DPX = "dpx"
    TIF = "tif"
    PNG = "png"


class Depth(StrEnum):
    """What a baked channel is stored in."""

    SOURCE = "source"
    HALF = "half"
    FLOAT = "float"
    BITS_8 = "8"
    BITS_10 = "10"
    BITS_12 = "12"
    BITS_16 = "16"

    @property
    def sample(self) -> str:
        """The name of it in ``pipeline.images``; empty: as the source has it."""
        if self is Depth.SOURCE:
            return ""
        return f"uint{self}" if self.isdigit() else str(self)


def _are_frames(clips: tuple[Clip, ...]) -> tuple[Clip, ...]:
    from ...pipeline.media import is_movie  # noqa: PLC0415 - only when a job is filled in

    for clip in clips:
        if is_movie(clip.media):
            raise ValueError(f"{clip.media} is a movie; a bake makes frames of frames: write it as EXR first")
    return clips


class OcioBakeParams(GradeParams, ColouredParams):
    """Frames of plates or of a cut, in other colours."""

    clips: Annotated[tuple[Clip, ...], AfterValidator(_are_frames)] = Field(
        min_length=1,
        max_length=MAX_CLIPS,
        description="The media to bake: sequences or stills",
        json_schema_extra={"source": "clips"},
    )
    space: Annotated[str, AfterValidator(str.strip)] = Field(
        default="",
        max_length=256,
        title="To colour space",
        description="colour space to end in, such as ACEScg; or name a display",
        json_schema_extra={"group": "Colour", "kind": "colour_space", "example": "ACES2065-1"},
    )
    format: FrameFormat = Field(
        default=FrameFormat.SOURCE, title="Format", description="file format of the frames; source: as they are"
    )
    depth: Depth = Field(
        default=Depth.SOURCE,
        title="Stored as",
        description="half, float, or bits of whole numbers; source: as they are, or half in EXR, 10 in DPX, 16 else",
        json_schema_extra={"advanced": True},
    )
    product: Annotated[str, _name("product")] = Field(
        default="bake",
        title="Product",
        description="name of the product that is published",
        json_schema_extra={"advanced": True},
    )
    chunk_frames: int = Field(
        default=12,
        ge=1,
        le=10_000,
        title="Chunk",
        description="frames that one task bakes; any number gives the same",
        json_schema_extra={"advanced": True},
    )

    def grade_of(self, clip: Clip) -> Grade:
        """What happens to a clip's colour.

        Raises:
            ParamsError: it is to end nowhere, or in two places; or nothing says where it begins.
        """
        try:
            self.check_ends()
        except ValueError as error:
            raise ParamsError(str(error), field="space") from error
        return self.grade_by(self.colour_of(clip), str(clip.colourspace))

    @property
    def grades(self) -> list[Grade]:
        """What happens to the colour of all clips."""
        return [self.grade_of(clip) for clip in self.clips]

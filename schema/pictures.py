"""Parameters that all jobs which make pictures for people share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from .job import ClipParams
from .media import as_value_error
from .names import check_text
from .picks import FramePick

MAX_COLOUR_NAME = 256


def _text(field: str) -> AfterValidator:
    def check(value: str) -> str:
        return as_value_error(check_text, value, field=field)

    return AfterValidator(check)


class PictureFormat(StrEnum):
    """How pictures for people are stored."""

    JPG = "jpg"
    PNG = "png"


class LookParams(ClipParams):
    """Parameters of a job that makes pictures for a display of what it reads.

    Attributes:
        colourspace: of every clip; empty: the clip's own, else found from the file.
        display, view: names of the OCIO config; empty: the studio's own.
    """

    colourspace: Annotated[str, _text("colourspace")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="Colour space",
        description="colour space of the source in the OCIO config; empty: found from the file",
        json_schema_extra={"group": "Colour", "kind": "colour_space"},
    )
    display: Annotated[str, _text("display")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="Display",
        description="OCIO display that the picture is made for; empty: the sRGB display",
        json_schema_extra={"group": "Colour"},
    )
    view: Annotated[str, _text("view")] = Field(
        default="",
        max_length=MAX_COLOUR_NAME,
        title="View",
        description="OCIO view of that display; empty: its default view",
        json_schema_extra={"group": "Colour"},
    )


class PictureParams(LookParams):
    """Parameters of a job that writes pictures for people."""

    format: PictureFormat = Field(
        default=PictureFormat.JPG, title="Format", description="file format of the picture: jpg or png"
    )
    quality: int = Field(
        default=92,
        ge=1,
        le=100,
        title="Quality",
        description="JPEG quality, 100 is best; PNG loses nothing",
        json_schema_extra={"when": {"format": "jpg"}, "advanced": True},
    )


class StillParams(PictureParams):
    """Parameters of a job that shows one frame of each clip, and fails when a clip lacks that frame."""

    frame: FramePick = Field(
        default="middle",
        title="Frame",
        description="which frame: middle, first, last, or a number in the file's own numbering",
    )

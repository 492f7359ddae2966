"""What an artist fills in for thumbnails."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...schema.job import ClipParams
from ...schema.picks import FramePick


class ThumbnailParams(ClipParams):
    """One still for each clip."""

    width: int = Field(default=512, ge=16, le=8192, title="Width", description="width of the picture in pixels")
    frame: FramePick = Field(
        default="middle",
        title="Frame",
        description="which frame: middle, first, last, or a number in the file's own numbering",
    )
    format: Literal["jpg", "png"] = Field(default="jpg", title="Format", description="file format of the picture")
    quality: int = Field(default=92, ge=1, le=100, title="Quality", description="JPEG quality, 100 is best")
    colourspace: str = Field(
        default="",
        max_length=256,
        title="Colour space",
        description="colour space of the source in the OCIO config; empty: found from the file",
    )
    display: str = Field(
        default="",
        max_length=256,
        title="Display",
        description="OCIO display the picture is made for; empty: the sRGB display",
    )
    view: str = Field(
        default="",
        max_length=256,
        title="View",
        description="OCIO view; empty: the display's default view",
    )

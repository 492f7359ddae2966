"""What an artist fills in for thumbnails."""

from __future__ import annotations

from pydantic import Field

from ...schema.picks import FramePick
from ...schema.pictures import PictureParams


class ThumbnailParams(PictureParams):
    """One still for each clip."""

    width: int = Field(
        default=512, ge=16, le=4096, title="Width", description="width in square pixels; the height follows"
    )
    frame: FramePick = Field(
        default="middle",
        title="Frame",
        description="which frame: middle, first, last, or a number in the file's own numbering",
    )

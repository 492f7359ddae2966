"""What an artist fills in for thumbnails."""

from __future__ import annotations

from pydantic import Field

from ...schema.pictures import StillParams


class ThumbnailParams(StillParams):
    """One still for each clip."""

    width: int = Field(
        default=512,
        ge=16,
        le=4096,
        title="Width",
        description="width in square pixels; the height follows",
        json_schema_extra={"unit": "px"},
    )

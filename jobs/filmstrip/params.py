"""What an artist fills in for a filmstrip."""

from __future__ import annotations

from pydantic import Field

from ...schema.pictures import PictureParams


class FilmstripParams(PictureParams):
    """Evenly spaced frames of each clip, side by side."""

    count: int = Field(default=8, ge=1, le=64, title="Frames", description="how many frames the strip shows")
    width: int = Field(
        default=256,
        ge=16,
        le=1024,
        title="Frame width",
        description="width of one frame in pixels",
        json_schema_extra={"unit": "px"},
    )
    gap: int = Field(
        default=4,
        ge=0,
        le=64,
        title="Gap",
        description="pixels between two frames",
        json_schema_extra={"unit": "px", "advanced": True},
    )
    labels: bool = Field(default=True, title="Labels", description="whether frame numbers stand below the frames")

"""What an artist fills in for a filmstrip."""

from __future__ import annotations

from pydantic import Field

from ...schema.job import ClipParams


class FilmstripParams(ClipParams):
    """Evenly spaced frames of each clip, side by side."""

    count: int = Field(default=8, ge=1, le=64, title="Frames", description="how many frames the strip shows")
    width: int = Field(default=256, ge=16, le=2048, title="Frame width", description="width of one frame in pixels")
    gap: int = Field(default=4, ge=0, le=64, title="Gap", description="pixels between two frames")
    quality: int = Field(default=92, ge=1, le=100, title="Quality", description="JPEG quality, 100 is best")
    colourspace: str = Field(
        default="",
        max_length=256,
        title="Colour space",
        description="colour space of the source in the OCIO config; empty: found from the file",
    )

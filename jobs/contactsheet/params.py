"""What an artist fills in for a contact sheet."""

from __future__ import annotations

from pydantic import Field

from ...schema.media import EntityRef
from ...schema.picks import FramePick
from ...schema.pictures import PictureParams


class ContactSheetParams(PictureParams):
    """One sheet with a labelled still of every clip."""

    owner: EntityRef | None = Field(
        default=None,
        title="Belongs to",
        description="whom the sheet belongs to; filled in by the submitter: the cut, or the first plate",
        json_schema_extra={"source": "owner"},
    )
    heading: str = Field(
        default="", max_length=120, title="Heading", description="line above the stills; empty: the cut"
    )
    columns: int = Field(default=0, ge=0, le=50, title="Columns", description="stills in a row; 0 chooses")
    width: int = Field(
        default=400,
        ge=64,
        le=2048,
        title="Still width",
        description="width of one still in pixels",
        json_schema_extra={"unit": "px"},
    )
    frame: FramePick = Field(
        default="middle",
        title="Frame",
        description="which frame: middle, first, last, or a number in the file's own numbering",
    )

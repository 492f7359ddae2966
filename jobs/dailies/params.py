"""What an artist fills in for dailies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import AfterValidator, Field

from ...schema.media import as_value_error
from ...schema.movies import MovieParams, ProductName, checked_text
from ...schema.names import check_media_path
from ...schema.patterns import FIELDS, MAX_PATTERN, check_pattern

MAX_SLATE = 1000
FIELD_LIST = ", ".join("{" + name + "}" for name in FIELDS)

Pattern = Annotated[str, checked_text("burn-in"), AfterValidator(check_pattern)]


def _check_font(value: str) -> str:
    return value and as_value_error(check_media_path, value, field="font")


class DailiesParams(MovieParams):
    """Movies for review."""

    product: ProductName = Field(
        default="dailies", title="Product", description="name of the product that is published"
    )
    slate: int = Field(
        default=1,
        ge=0,
        le=MAX_SLATE,
        title="Slate",
        description="frames of slate at the head; 0: none",
        json_schema_extra={"group": "Slate", "unit": "frames"},
    )
    burn_in: bool = Field(
        default=True,
        title="Burn-in",
        description="words in the corners of each frame",
        json_schema_extra={"group": "Burn-in"},
    )
    top_left: Pattern = Field(
        default="{project}  {sequence} {shot}",
        max_length=MAX_PATTERN,
        title="Top left",
        description=f"text with fields: {FIELD_LIST}",
        json_schema_extra={"group": "Burn-in", "when": {"burn_in": True}},
    )
    top_centre: Pattern = Field(
        default="{text}",
        max_length=MAX_PATTERN,
        title="Top centre",
        description="text with fields, as top left",
        json_schema_extra={"group": "Burn-in", "when": {"burn_in": True}},
    )
    top_right: Pattern = Field(
        default="{date}",
        max_length=MAX_PATTERN,
        title="Top right",
        description="text with fields, as top left",
        json_schema_extra={"group": "Burn-in", "when": {"burn_in": True}},
    )
    bottom_left: Pattern = Field(
        default="{version}  {artist}",
        max_length=MAX_PATTERN,
        title="Bottom left",
        description="text with fields, as top left",
        json_schema_extra={"group": "Burn-in", "when": {"burn_in": True}},
    )
    bottom_centre: Pattern = Field(
        default="{timecode}",
        max_length=MAX_PATTERN,
        title="Bottom centre",
        description="text with fields, as top left",
        json_schema_extra={"group": "Burn-in", "when": {"burn_in": True}},
    )
    bottom_right: Pattern = Field(
        default="{frame}",
        max_length=MAX_PATTERN,
        title="Bottom right",
        description="text with fields, as top left",
        json_schema_extra={"group": "Burn-in", "when": {"burn_in": True}},
    )
    text: Annotated[str, checked_text("text")] = Field(
        default="",
        max_length=200,
        title="Text",
        description="what {text} stands for, such as WORK IN PROGRESS",
        json_schema_extra={"group": "Burn-in", "when": {"burn_in": True}},
    )
    version: Annotated[str, checked_text("version")] = Field(
        default="",
        max_length=64,
        title="Version shown",
        description="what is reviewed, such as v012; empty: as the medium's name says",
        json_schema_extra={"group": "Slate"},
    )
    artist: Annotated[str, checked_text("artist")] = Field(
        default="",
        max_length=128,
        title="Artist",
        description="who made it; empty: who submits",
        json_schema_extra={"group": "Slate"},
    )
    date: Annotated[str, checked_text("date")] = Field(
        default="",
        max_length=32,
        title="Date",
        description="as it is shown; empty: the day of submission, in UTC",
        json_schema_extra={"group": "Slate", "advanced": True},
    )
    notes: Annotated[str, checked_text("notes")] = Field(
        default="",
        max_length=1000,
        title="Notes",
        description="what reviewers should know; stands on the slate",
        json_schema_extra={"group": "Slate"},
    )

    font: Annotated[str, AfterValidator(_check_font)] = Field(
        default="",
        title="Font",
        description="absolute path of a .ttf, .otf or .ttc file for letters that the built-in font lacks, such as "
        "Chinese or Cyrillic ones; empty: as the settings say",
        json_schema_extra={"group": "Slate", "advanced": True, "kind": "path"},
    )
    font_mark: str = Field(
        default="",
        max_length=64,
        title="Content of the font",
        description="checksum of the font, filled in by the submitter: another content is another job",
        json_schema_extra={"source": "font"},
    )

    def with_marks(self, mark: Callable[[str], str]) -> Self:
        """The same with the checksum of the font."""
        return self.model_copy(update={"font_mark": mark(self.font)}) if self.font else self

    @property
    def patterns(self) -> tuple[str, ...]:
        """Of the burn-in: the top from left to right, then the bottom."""
        return (
            self.top_left, self.top_centre, self.top_right, self.bottom_left, self.bottom_centre, self.bottom_right,
        )  # fmt: skip

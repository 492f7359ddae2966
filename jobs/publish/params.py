"""What an artist fills in to publish files that exist."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from ...schema.job import ClipParams
from ...schema.media import Clip, as_value_error
from ...schema.names import check_name

MAX_CLIPS = 100  # each clip is a step


def _name(field: str) -> AfterValidator:
    return AfterValidator(lambda value: as_value_error(check_name, value, field=field))


class PublishParams(ClipParams):
    """Files that exist become a new version of a product."""

    clips: tuple[Clip, ...] = Field(
        min_length=1,
        max_length=MAX_CLIPS,
        description="The media to publish: sequences, movies or stills",
        json_schema_extra={"source": "clips"},
    )
    product: Annotated[str, _name("product")] = Field(
        default="main",
        title="Product",
        description="name of the product, such as plate, comp or matte",
    )
    kind: Annotated[str, _name("kind")] = Field(
        default="image",
        title="Kind",
        description="kind of product, such as image, movie, matte or document",
    )
    colourspace: str = Field(
        default="",
        max_length=256,
        title="Colour space",
        description="colour space of the pixels; empty: found from the file",
        json_schema_extra={"group": "Colour", "kind": "colour_space"},
    )

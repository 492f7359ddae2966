"""What an artist fills in to publish files that exist."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from ...schema.job import ClipParams
from ...schema.media import as_value_error
from ...schema.names import check_name


class PublishParams(ClipParams):
    """Files that exist become a new version of a product."""

    product: Annotated[str, AfterValidator(lambda value: as_value_error(check_name, value, field="product"))] = Field(
        default="main",
        title="Product",
        description="name of the product, such as plate, comp or matte",
    )
    kind: Annotated[str, AfterValidator(lambda value: as_value_error(check_name, value, field="kind"))] = Field(
        default="image",
        title="Kind",
        description="kind of product, such as image, movie, matte or document",
    )
    colourspace: str = Field(
        default="",
        max_length=256,
        title="Colour space",
        description="colour space of the pixels; empty: found from the file",
    )

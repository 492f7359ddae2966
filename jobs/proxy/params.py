"""What an artist fills in for proxies."""

from __future__ import annotations

from pydantic import Field

from ...schema.codecs import MAX_SIDE, MovieCodec
from ...schema.movies import MovieParams, ProductName


class ProxyParams(MovieParams):
    """Small movies for editing."""

    product: ProductName = Field(
        default="proxy",
        title="Product",
        description="name of the product that is published",
        json_schema_extra={"advanced": True},
    )
    codec: MovieCodec = Field(
        default=MovieCodec.PRORES_PROXY,
        title="Codec",
        description="how the movie is coded; prores and dnxhr are quick to edit, h264 and hevc are smaller",
        json_schema_extra={"group": "Movie"},
    )
    width: int = Field(
        default=1280,
        ge=0,
        le=MAX_SIDE,
        title="Width",
        description="of the movie in square pixels; 0: as the clip is",
        json_schema_extra={"group": "Movie", "unit": "px"},
    )

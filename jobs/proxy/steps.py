"""Proxies: look at the clips, write a movie of each, join the reel of a cut, publish."""

from __future__ import annotations

from ...pipeline.dailies import movie_steps
from ...schema.job import Step
from .params import ProxyParams


def steps(params: ProxyParams) -> list[Step]:
    """See ``movie_steps``."""
    return movie_steps(params)

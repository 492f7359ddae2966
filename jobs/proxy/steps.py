"""Proxies: look at the clips, write a movie of each, join the reel of a cut, publish."""

from __future__ import annotations

from typing import Any

from ...pipeline.dailies import movie_steps
from ...schema.job import Step
from .params import ProxyParams


def steps(params: ProxyParams) -> list[Step]:
    """See ``movie_steps``."""
    return movie_steps(params)


def check(params: ProxyParams, tools: Any) -> None:
    """Refuse, before it is submitted, what ``prepare`` would refuse by grades and first frames.

    Raises:
        ColourError: nobody knows what movies for the display are tagged with.
        BadRequestError: the codec has too few bits for the display, or nothing says the frame rate.
    """
    from ...pipeline.dailies.plan import check_clips  # noqa: PLC0415 - heavy: OpenColorIO

    check_clips(params, tools)

"""Dailies: look at the clips, write a movie of each, join the reel of a cut, publish."""

from __future__ import annotations

from typing import Any

from ...pipeline.dailies import movie_steps
from ...schema.job import Step
from .params import DailiesParams


def steps(params: DailiesParams) -> list[Step]:
    """See ``movie_steps``."""
    return movie_steps(params)


def complete(params: DailiesParams, tools: Any) -> DailiesParams:
    """With the font that the settings name, where the artist names none."""
    return params.model_copy(update={"font": params.font or tools.settings.font})


def check(params: DailiesParams, tools: Any) -> list[str]:
    """Refuse, before it is submitted, what ``prepare`` would refuse by grades and first frames; and a wrong font.

    Returns:
        Which letters no font has, so that a ``?`` stands for them.

    Raises:
        ColourError: nobody knows what movies for the display are tagged with.
        BadRequestError: the codec has too few bits, nothing says the frame rate, or the font cannot be used.
    """
    from ...pipeline.dailies.plan import check_clips  # noqa: PLC0415 - heavy: OpenColorIO
    from .words import check_font, note_of_letters, words_of_clip  # noqa: PLC0415 - heavy: OpenImageIO

    check_clips(params, tools)
    check_font(params.font)
    texts = [text for clip in params.clips for text in words_of_clip(params, clip, tools.settings.login).values()]
    note = note_of_letters(params, [*texts, params.notes])
    return [note] if note else []

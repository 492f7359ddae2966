"""Which colour space a clip's pixels are in, where nobody may guess."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..schema.errors import ColourError
from ..schema.media import Clip
from .media import frame_path, is_movie

if TYPE_CHECKING:
    from .colour import Colour, Found
    from .images import Limits


def source_space(clip: Clip, colour: Colour, *, limits: Limits | None = None) -> str:
    """The colour space of a clip, as it was given or as its file says.

    Args:
        clip: whose first frame that is there is opened, where no colour space is given.
        colour: the config.
        limits: the largest image that is opened.

    Raises:
        ColourError: the config has no such colour space, or nothing but the kind of the file speaks of one.
        InputMissingError, InputCorruptError: the file cannot be opened.
    """
    if clip.colourspace:
        return colour.space(clip.colourspace)
    path, found = _found(clip, colour, limits)
    if not found.guessed:
        return found.space
    raise ColourError(
        f"nothing says which colour space {path.name} of clip {clip.name!r} is in; from the kind of file alone "
        f"({found.rule}) it would be {found.space!r}, which is not taken for granted: name it",
        hint=f"--colourspace '{found.space}', or another",
        path=path,
        clip=clip.name,
    )


def _found(clip: Clip, colour: Colour, limits: Limits | None) -> tuple[Path, Found]:
    path = _first_path(clip)
    if is_movie(clip.media):
        from .movies import Movie  # noqa: PLC0415 - heavy: decoders

        with Movie(path) as movie:
            return path, colour.space_of_file(path, hint=movie.header.colour, floating=False, movie=True)
    from .images import read_header  # noqa: PLC0415 - heavy: OpenImageIO

    header = read_header(path, limits)
    floating = header.sample == "float"
    return path, colour.space_of_file(path, hint=header.colourspace, floating=floating, movie=False)


def _first_path(clip: Clip) -> Path:
    there = clip.frames.minus(clip.holes or ()) if clip.frames is not None else ()
    return frame_path(clip.media, there[0]) if there else Path(clip.media)

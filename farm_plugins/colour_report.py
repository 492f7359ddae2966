"""What would be done to a shot's pixels, and why: every part of its colour with who said it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..schema.colour import Cdl, ColourSetup
from ..schema.colouring import ColourOut, ColourPartOut
from ..schema.errors import ColourError
from ..schema.shot_colour import CONTEXT, PARTS, Level, Origin, Said, ShotColour, chain_of, joined
from .colouring import settings_said, shot_said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..pipeline.colour import Colour
    from ..pipeline.settings import Settings
    from ..pipeline.store import Database
    from ..pipeline.store.colours import ColourPlace


def explain_colour(
    database: Database, place: ColourPlace, settings: Settings, *, cut: str = "", source: str = ""
) -> ColourOut:
    """What is done to pixels of a shot, a sequence's or a project's, until they are shown.

    Args:
        database: holds what they say.
        place: the shot, sequence or project.
        settings: say what nobody else does.
        cut: that alone may bring along a CDL; empty: every cut that uses the shot.
        source: the colour space of the pixels; empty: the working space.

    Raises:
        ColourError: a name is not in the config, or a file that it reads is missing or damaged.
    """
    from ..pipeline.colour_hash import config_hash  # noqa: PLC0415 - used here only
    from ..pipeline.colour_tags import view_passed  # noqa: PLC0415 - heavy: OpenColorIO
    from ..pipeline.colour_trial import try_grades  # noqa: PLC0415 - heavy: OpenColorIO
    from ..pipeline.store.colours_said import read_colours  # noqa: PLC0415 - heavy: SQLAlchemy

    found = shot_said(read_colours(database, [place], cut=cut), place, cut=cut)
    colour, whole, origins = whole_colour([*found.said, settings_said(settings)])
    begin = source or whole.working_space
    if not begin:
        raise ColourError(
            f"{colour.name} has no role scene_linear; say which colour space the pixels are in", hint="--source NAME"
        )
    grade = whole.to_display(colour.space(begin))
    tried = try_grades(colour, [grade])
    return ColourOut(
        entity=str(place),
        config=whole.config,
        config_sha256=config_hash(whole.config),
        parts=tuple(_parts(whole, origins)),
        source=grade.source,
        chain=chain_of(grade.model_copy(update={"view": view_passed(colour, grade)})),
        files=tried.files,
        key=tried.keys[0],
        doubts=(found.doubt,) if found.doubt else (),
    )


def whole_colour(said: Sequence[Said]) -> tuple[Colour, ShotColour, Mapping[str, Origin]]:
    """What all of them say together, made whole by the config that they name.

    Raises:
        ColourError: a name is not in the config, or the config cannot be loaded.
    """
    from ..pipeline.colour_shot import completed  # noqa: PLC0415 - heavy: OpenColorIO
    from ..pipeline.colour_trial import load_colour  # noqa: PLC0415 - same

    setup, origins = joined(said)
    colour = load_colour(str(setup.config))
    whole, all_origins = completed(colour, setup, origins)
    return colour, whole, all_origins


def check_said(said: Sequence[Said], own: ColourSetup, *, of_shot: bool) -> None:
    """Refuse what a project, a sequence or a shot is about to say where its config lacks a name or a file.

    Files that context variables choose are looked for where a shot is told of: only it has all of them.

    Args:
        said: by it and all above it, the nearest first.
        own: what it says itself.
        of_shot: whether it is a shot.

    Raises:
        ColourError: names what is unknown, missing or damaged, and the nearest three.
    """
    from ..pipeline.colour_shot import check_context  # noqa: PLC0415 - heavy: OpenColorIO
    from ..pipeline.colour_trial import try_grades  # noqa: PLC0415 - same
    from ..pipeline.colour_walk import follows_context  # noqa: PLC0415 - same

    colour, whole, _ = whole_colour(said)
    check_context(colour, own.context)
    if not whole.working_space:
        return
    grade = whole.to_display(colour.space(whole.working_space))
    if of_shot or not follows_context(colour, grade):
        try_grades(colour, [grade])


def read_cdl_option(text: str) -> Cdl:
    """The CDL of ``FILE``, ``FILE#ID``, or ``none``: a correction that changes nothing, whoever above says another.

    Raises:
        ColourError: the file cannot be read, or does not say which correction is meant.
    """
    if text == "none":
        return Cdl()
    from ..pipeline.colour_cdl import read_cdl  # noqa: PLC0415 - heavy: OpenColorIO

    return read_cdl(text)


def _parts(whole: ShotColour, origins: Mapping[str, Origin]) -> list[ColourPartOut]:
    values: dict[str, Any] = {part: getattr(whole, part) for part in PARTS if part != CONTEXT}
    values |= {f"{CONTEXT}.{name}": value for name, value in whole.context.items()}
    return [
        ColourPartOut(
            part=part,
            value=value.model_dump(mode="json") if isinstance(value, Cdl) else value,
            level=origin.level,
            who=origin.who,
        )
        for part, value in values.items()
        for origin in (origins.get(part, Origin(Level.NOBODY)),)
    ]

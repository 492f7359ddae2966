"""A shot's colour made whole by its OCIO config: what nobody says is the config's, and every name is checked."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..schema.colour import Cdl, ColourSetup
from ..schema.errors import ColourError
from ..schema.shot_colour import CONTEXT, Level, Origin, ShotColour
from .colour import Colour, near
from .colour_grade import check_looks
from .colour_walk import variables_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Origins = Mapping[str, Origin]
WHOLE = ("working_space", "display", "view", "look", "look_space", "cdl", "cdl_space")
_CONFIG = Origin(Level.CONFIG)
_NOBODY = Origin(Level.NOBODY)


def completed(colour: Colour, setup: ColourSetup, origins: Origins) -> tuple[ShotColour, dict[str, Origin]]:
    """A shot's colour with nothing left open, and where each of its parts comes from.

    Args:
        colour: the config that the setup names.
        setup: what all levels say together.
        origins: of its parts.

    Raises:
        ColourError: the config does not have a name; says who said it, and which three are nearest.
    """
    found = dict(origins)

    def origin(part: str, otherwise: Origin) -> None:
        found.setdefault(part, otherwise)

    working = colour.known(["scene_linear"]) or ""  # a config may have no such role, and need none
    if setup.working_space:
        working = _space(colour, setup.working_space, "working_space", origins)
    with _told("display", origins):
        display = colour.display(setup.display) if setup.display else str(colour.config.getDefaultDisplay())
    with _told("view", origins):
        view = colour.view(display, setup.view or "")
    look = setup.look or ""
    with _told("look", origins):
        check_looks(colour, look)
    spaces = {
        part: _space(colour, given, part, origins) if given else working
        for part, given in (("look_space", setup.look_space), ("cdl_space", setup.cdl_space))
    }
    for part in ("working_space", "display", "view"):
        origin(part, _CONFIG)
    for part in ("look", "cdl"):
        origin(part, _NOBODY)
    for part in spaces:
        origin(part, found["working_space"])
    context, surroundings = _context(colour, setup.context)
    cdl = None if setup.cdl is None or is_identity(setup.cdl) else setup.cdl
    if cdl is not None and not spaces["cdl_space"]:
        raise ColourError(
            f"nobody says which colour space the CDL works in, and {colour.name} has no role scene_linear; name one",
            hint="shotmill colour set ENTITY --cdl-space NAME",
            field="cdl_space",
        )
    whole = ShotColour(
        config=setup.config or colour.source,
        working_space=working,
        display=display,
        view=view,
        look=look,
        cdl=cdl,
        context=context,
        **spaces,
    )
    return whole, {**surroundings, **found}


def is_identity(cdl: Cdl) -> bool:
    """Whether a CDL changes nothing."""
    return cdl.model_copy(update={"id": ""}) == Cdl()


def check_context(colour: Colour, names: Mapping[str, str]) -> None:
    """Refuse context variables that a config does not speak of.

    Raises:
        ColourError: names the first, and the nearest three.
    """
    known = sorted(variables_of(colour))
    for name in names:
        if name not in known:
            there = f"nearest: {near(name, known)}" if known else "it speaks of none"
            raise ColourError(
                f"{colour.name} speaks of no context variable {name!r}; {there}", hint="--context NAME=VALUE"
            )


def _space(colour: Colour, name: str, part: str, origins: Origins) -> str:
    with _told(part, origins):
        return colour.space(name)


@contextmanager
def _told(part: str, origins: Origins) -> Iterator[None]:
    """Errors from inside name the part, and who said it."""
    try:
        yield
    except ColourError as error:
        said = f", as {origins[part]} says" if part in origins else ""
        message = f"{part.replace('_', ' ')}{said}: {error.message}"
        raise ColourError(message, hint=error.hint, **{"field": part, **error.fields}) from error


def _context(colour: Colour, said: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Origin]]:
    """All variables that the config speaks of and that have a value, so that no host's environment has a say."""
    current = copy.deepcopy(colour.config.getCurrentContext())
    values = {str(name): str(value) for name, value in current.getStringVars()}
    found = dict(said)
    origins: dict[str, Origin] = {}
    for name in sorted(variables_of(colour) - set(said)):
        if name in values:
            found[name] = values[name]
            own = str(colour.config.getEnvironmentVarDefault(name) or "")
            origins[f"{CONTEXT}.{name}"] = Origin(Level.CONFIG if values[name] == own else Level.ENVIRONMENT)
    return dict(sorted(found.items())), origins

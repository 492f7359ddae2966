"""What an OCIO config offers by name: colour spaces, displays and views, looks, named transforms, variables."""

from __future__ import annotations

from typing import Any

from ..schema.colouring import ColourNamesOut, ColourSpaceOut, DisplayOut, LookOut
from .colour import Colour
from .colour_hash import config_hash
from .colour_walk import variables_of


def names_of(colour: Colour) -> ColourNamesOut:
    """Everything that a shot's colour may name."""
    config = colour.config
    display = str(config.getDefaultDisplay())
    return ColourNamesOut(
        config=colour.source,
        name=colour.name,
        sha256=config_hash(colour.source),
        roles={str(role): str(space) for role, space in config.getRoles()},
        spaces=tuple(_space(one) for one in config.getColorSpaces()),
        displays=tuple(
            DisplayOut(name=str(name), views=tuple(map(str, config.getViews(name)))) for name in config.getDisplays()
        ),
        default_display=display,
        default_view=str(config.getDefaultView(display)),
        looks=tuple(
            LookOut(name=str(one.getName()), process_space=str(one.getProcessSpace())) for one in config.getLooks()
        ),
        named_transforms=tuple(map(str, config.getNamedTransformNames())),
        context=tuple(sorted(variables_of(colour))),
    )


def _space(found: Any) -> ColourSpaceOut:
    return ColourSpaceOut(
        name=str(found.getName()),
        family=str(found.getFamily()),
        encoding=str(found.getEncoding()),
        aliases=tuple(map(str, found.getAliases())),
    )

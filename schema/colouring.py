"""What ``shotmill colour`` prints as JSON."""

from __future__ import annotations

from typing import Any

from .base import Document
from .job import ColourFile
from .shot_colour import Level


class ColourPartOut(Document):
    """One part of a shot's colour: its value, and who said it; ``level`` is ``nobody`` where there is none."""

    part: str
    value: Any
    level: Level
    who: str


class ColourOut(Document):
    """``shotmill colour explain``: what would be done to pixels of a shot.

    Attributes:
        config_sha256: of the config, as a job would freeze it.
        source: the colour space that the chain begins in.
        chain: the steps in their order, in words.
        files: that the chain reads beside the config.
        key: changes with whatever changes pixels.
        doubts: what has to be settled before a job is submitted.
    """

    entity: str
    config: str
    config_sha256: str
    parts: tuple[ColourPartOut, ...]
    source: str
    chain: tuple[str, ...]
    files: tuple[ColourFile, ...]
    key: str
    doubts: tuple[str, ...] = ()


class ColourSpaceOut(Document):
    """A colour space; ``encoding`` is OCIO's, such as ``scene-linear`` or ``log``."""

    name: str
    family: str
    encoding: str
    aliases: tuple[str, ...]


class DisplayOut(Document):
    """A display and its views, in the config's order."""

    name: str
    views: tuple[str, ...]


class LookOut(Document):
    """A look, and the colour space that it works in."""

    name: str
    process_space: str


class ColourNamesOut(Document):
    """``shotmill colour spaces``: every name of an OCIO config that a shot's colour may use.

    Attributes:
        name: the config's own.
        roles: role -> colour space.
        context: variables that the config speaks of.
    """

    config: str
    name: str
    sha256: str
    roles: dict[str, str]
    spaces: tuple[ColourSpaceOut, ...]
    displays: tuple[DisplayOut, ...]
    default_display: str
    default_view: str
    looks: tuple[LookOut, ...]
    named_transforms: tuple[str, ...]
    context: tuple[str, ...]

"""Which OCIO config a script uses: that of the environment, the script's own, Nuke's, or one that is built in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, NamedTuple

import nuke

from .problems import NukeProblem

ENVIRONMENT, CUSTOM, STOCK, BUILT_IN, NUKE = "environment", "custom", "stock", "built-in", "nuke"
URI = "ocio://"
DEFAULTS = ("default", "scene_linear", "compositing_linear", "color_picking", "texture_paint", "matte_paint", "data")


class Colour(NamedTuple):
    """How a script's colours are managed.

    Attributes:
        source: which of the five said so; ``nuke``: no OCIO at all.
        config: path of the config, or its ``ocio://`` name; empty without OCIO.
        name: of a config that comes with Nuke.
        working: working space.
    """

    source: str
    config: str = ""
    name: str = ""
    working: str = ""


def colour_of(root: Any, environment: Mapping[str, str]) -> Colour:
    """How the script's colours are managed: ``OCIO`` is stronger than a custom config, which is stronger than Nuke's.

    Raises:
        NukeProblem: the config is not there; nothing may be submitted with other colours.
    """
    working = _value(root, "workingSpaceLUT")
    if environment.get("OCIO"):
        return _placed(Colour(ENVIRONMENT, environment["OCIO"], "", working), "the environment variable OCIO")
    if _value(root, "colorManagement") != "OCIO":
        return Colour(NUKE, "", "", working)
    chosen = _value(root, "OCIO_config")
    if chosen == "custom":
        custom = root["customOCIOConfigPath"].getEvaluatedValue() or ""
        return _placed(Colour(CUSTOM, custom, "", working), "Project Settings > Color > OCIO config")
    return _stock(chosen, working)


def _placed(colour: Colour, said_by: str) -> Colour:
    if colour.config.startswith(URI):
        return colour._replace(source=BUILT_IN)
    if not colour.config:
        raise NukeProblem(f"{said_by} names no OCIO config", "name one, or choose a config of Nuke's")
    if not Path(colour.config).is_file():
        hint = "mount its disk, or set it to a config.ocio that is there"
        raise NukeProblem(f"the OCIO config {colour.config!r} of {said_by} is not there", hint)
    return colour


def _stock(name: str, working: str) -> Colour:
    if name.startswith(URI):
        return Colour(BUILT_IN, name, name, working)
    for path in _stock_places(name):
        if path.is_file():
            return Colour(STOCK, str(path), name, working)
    hint = "choose another config in Project Settings > Color, or set OCIO"
    raise NukeProblem(f"Nuke's OCIO config {name!r} is not among the files of Nuke", hint)


def _stock_places(name: str) -> list[Path]:
    """Where Nuke's configs lie: below its program, and below what it was told of plug-ins."""
    folders = [Path(nuke.EXE_PATH).parent / "plugins", *map(Path, nuke.pluginPath())]
    below = [folder / "OCIOConfigs" / "configs" for folder in folders]
    return [path for folder in below for path in (folder / name / "config.ocio", folder / f"{name}.ocio")]


def colourspace_of(node: Any) -> str:
    """The colour space that a Read or Write says its file has; empty: it says none, or is raw.

    A role or the default is shown with what it stands for behind it: ``scene_linear (ACES - ACEScg)``.
    """
    raw = node.knob("raw")
    if raw is not None and raw.value():
        return ""
    shown = _value(node, "colorspace").strip()
    role, bracket, meant = shown.partition(" (")
    if bracket and role in DEFAULTS and meant.endswith(")"):
        return meant[:-1]
    return "" if shown == "default" else shown


def _value(node: Any, name: str) -> str:
    knob = node.knob(name)
    return "" if knob is None else str(knob.value() or "")

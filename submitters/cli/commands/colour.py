"""``colour``: what projects, sequences and shots say of their colour, and what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....schema.colour import Cdl, ColourSetup
from ....schema.colouring import ColourNamesOut, ColourOut
from ....schema.errors import BadRequestError, ParamsError
from ....schema.shot_colour import CONTEXT, PARTS, Level, Origin, Said, cdl_text
from ..output import json_option, print_json, print_table
from ..studio import studio

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....pipeline.settings import Settings
    from ....pipeline.store import Database
    from ....pipeline.store.colours import ColourPlace

HASH_SHOWN = 12
NONE = "none"
FLAGS = {part.replace("_", "-"): part for part in PARTS}


@click.group("colour", help="Say how shots are graded, or show it: OCIO config, display, view, looks, CDL.")
def colour_command() -> None:
    """Shot colour."""


@colour_command.command("set", help="Say something of the colour of a shot, a sequence or a project (demo:).")
@click.argument("entity")
@click.option("--config", metavar="PATH", help="OCIO config: a file or an ocio:// name")
@click.option("--working-space", metavar="NAME", help="the colour space that is worked in")
@click.option("--display", metavar="NAME", help="OCIO display that pictures are made for")
@click.option("--view", metavar="NAME", help="OCIO view of that display")
@click.option("--look", metavar="LOOKS", help="looks of the config, such as '+warm, -neutral'; none: no look")
@click.option("--look-space", metavar="NAME", help="colour space that looks are handed; else the working space")
@click.option("--cdl", metavar="FILE[#ID]", help="a .cc, .ccc or .cdl file; none: no correction")
@click.option("--cdl-space", metavar="NAME", help="colour space that the CDL works in; else the working space")
@click.option("--context", metavar="NAME=VALUE", multiple=True, help="an OCIO context variable; may be repeated")
@click.pass_context
def set_(ctx: click.Context, /, entity: str, **given: Any) -> None:
    """Say something."""
    if not any(given.values()):
        raise click.UsageError("say at least one thing, such as --view NAME")
    parts = _given_parts(given)

    def change(old: ColourSetup) -> ColourSetup:
        said = {**old.model_dump(), **parts, CONTEXT: {**old.context, **parts.get(CONTEXT, {})}}
        return ColourSetup.model_validate(said)

    _change(ctx, entity, change)


@colour_command.command(
    "unset", help="Leave parts of an entity's colour to those above it: look, cdl, context.SHOT ..."
)
@click.argument("entity")
@click.argument("part", nargs=-1, required=True)
@click.pass_context
def unset(ctx: click.Context, /, entity: str, part: tuple[str, ...]) -> None:
    """Say nothing any more."""
    for name in part:
        if name not in FLAGS and not name.startswith(f"{CONTEXT}."):
            raise BadRequestError(
                f"colour has no part {name!r}; it has: {', '.join(FLAGS)}, context.NAME", field="part"
            )

    def change(old: ColourSetup) -> ColourSetup:
        kept = {name: value for name, value in old.model_dump().items() if name.replace("_", "-") not in part}
        context = {name: value for name, value in kept.get(CONTEXT, {}).items() if f"{CONTEXT}.{name}" not in part}
        return ColourSetup.model_validate({**kept, CONTEXT: context})

    _change(ctx, entity, change)


@colour_command.command("explain", help="Show what would be done to a shot's pixels, and who says so.")
@click.argument("shot")
@click.option("--cut", default="", help="the cut whose CDL counts; else every cut that uses the shot")
@click.option("--source", default="", metavar="NAME", help="colour space of the pixels; else the working space")
@json_option
@click.pass_context
def explain(ctx: click.Context, /, shot: str, cut: str, source: str, *, as_json: bool) -> None:
    """Explain a shot's colour."""
    from ....farm_plugins.colour_report import explain_colour
    from ....pipeline.store.colours import find_place

    where = studio(ctx)
    place = find_place(where.database, shot, project=where.settings.project)
    found = explain_colour(where.database, place, where.settings, cut=cut, source=source)
    if as_json:
        print_json(found)
        return
    print(found.entity)
    rows = [[one.part.replace("_", "-"), _shown(one.value), _origin(one.level, one.who)] for one in found.parts]
    print_table(["PART", "VALUE", "SAID BY"], rows, empty="")
    _tell_chain(found)


def _tell_chain(found: ColourOut) -> None:
    print("\nwhat is done to pixels:")
    for number, step in enumerate(found.chain, start=1):
        print(f"  {number}  {step}")
    print(f"\nconfig  {found.config_sha256[:HASH_SHOWN]}  {found.config}")
    for file in found.files:
        print(f"file    {file.sha256[:HASH_SHOWN]}  {file.path}")
    print(f"key     {found.key[:HASH_SHOWN]}")
    for doubt in found.doubts:
        print(f"note: {doubt}; say one for the shot with --cdl, or submit with --cut")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return cdl_text(Cdl.model_validate(value))
    return str(value) if value else "-"


def _origin(level: Level, who: str) -> str:
    return "-" if level is Level.NOBODY else str(Origin(level, who))


@colour_command.command("spaces", help="List the names of an OCIO config: colour spaces, displays, views, looks.")
@click.argument("entity", default="")
@click.option("--config", metavar="PATH", help="default: that of the entity, else of the settings")
@json_option
@click.pass_context
def spaces(ctx: click.Context, /, entity: str, config: str | None, *, as_json: bool) -> None:
    """List names."""
    from ....pipeline.colour_names import names_of
    from ....pipeline.colour_trial import load_colour

    where = studio(ctx)
    chosen = _config(config) if config else _config_of(where.settings, where.database, entity) if entity else ""
    found = names_of(load_colour(chosen or where.settings.ocio))
    if as_json:
        print_json(found)
        return
    _tell_names(found)


def _config_of(settings: Settings, database: Database, entity: str) -> str:
    from ....pipeline.store.colours import find_place
    from ....pipeline.store.colours_said import said_of

    said = said_of(database, find_place(database, entity, project=settings.project))
    return next((one.setup.config for one in said if one.setup.config), "")


def _tell_names(found: ColourNamesOut) -> None:
    print(f"{found.name}  {found.config}\n")
    roles: dict[str, list[str]] = {}
    for role, space in found.roles.items():
        roles.setdefault(space, []).append(role)
    table = [
        [one.name, one.encoding or "-", ", ".join(one.aliases[:1]) or "-", ", ".join(roles.get(one.name, ["-"]))]
        for one in found.spaces
    ]
    print_table(["COLOUR SPACE", "ENCODING", "ALIAS", "ROLES"], table, empty="it has no colour space")
    print()
    views = [
        [display.name, view, "default" if (display.name, view) == (found.default_display, found.default_view) else ""]
        for display in found.displays
        for view in display.views
    ]
    print_table(["DISPLAY", "VIEW", ""], views, empty="it has no display")
    print()
    print_table(["LOOK", "WORKS IN"], [[one.name, one.process_space] for one in found.looks], empty="it has no look")
    print(f"named transforms: {', '.join(found.named_transforms) or 'none'}")
    print(f"context variables: {', '.join(found.context) or 'none'}")


def _given_parts(given: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as parts of a setup."""
    from ....farm_plugins.colour_report import read_cdl_option

    parts = {name: value for name, value in given.items() if value is not None and name != CONTEXT}
    if "config" in parts:
        parts["config"] = _config(parts["config"])
    if "cdl" in parts:
        parts["cdl"] = read_cdl_option(parts["cdl"])
    if parts.get("look") == NONE:
        parts["look"] = ""
    if given[CONTEXT]:
        parts[CONTEXT] = dict(_pair(text) for text in given[CONTEXT])
    return parts


def _config(text: str) -> str:
    return text if "://" in text else str(Path(text).absolute())


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ParamsError(f"--context {text[:80]!r} is no variable; write NAME=VALUE", field=CONTEXT)
    return name, value


def _change(ctx: click.Context, entity: str, change: Callable[[ColourSetup], ColourSetup]) -> None:
    """Check a change against the config, make it, and say what it did."""
    from pydantic import ValidationError

    from ....farm_plugins.colour_report import check_said
    from ....farm_plugins.colouring import settings_said
    from ....pipeline.store.colours import change_colour, find_place
    from ....pipeline.store.colours_said import said_of

    where = studio(ctx)
    place = find_place(where.database, entity, project=where.settings.project)
    said = said_of(where.database, place)
    above = [one for one in said if one.origin.level is not place.level]
    before = next((one.setup for one in said if one.origin.level is place.level), ColourSetup())
    try:
        wanted = change(before)
    except ValidationError as error:
        raise ParamsError(error.errors()[0]["msg"].removeprefix("Value error, "), field="colour") from error
    own = Said(Origin(place.level, str(place)), wanted)
    check_said([own, *above, settings_said(where.settings)], wanted, of_shot=bool(place.shot))
    old, new = change_colour(where.database, place, change, by=where.settings.login)
    _tell_change(place, old, new)


def _tell_change(place: ColourPlace, old: ColourSetup, new: ColourSetup) -> None:
    rows = [
        [part.replace("_", "-"), _said(getattr(new, part)), _said(getattr(old, part))]
        for part in PARTS
        if getattr(old, part) != getattr(new, part)
    ]
    if not rows:
        print(f"{place} says that already; nothing was changed")
        return
    print(place)
    print_table(["PART", "IS", "WAS"], rows, empty="")


def _said(value: object) -> str:
    if value is None or value == {}:
        return "left open"
    if isinstance(value, Cdl):
        return cdl_text(value)
    if isinstance(value, dict):
        return " ".join(f"{name}={one}" for name, one in value.items())
    return str(value) or NONE

"""``config``: settings, and which layer decided them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from inspect import cleandoc
from pathlib import Path

import click

from ....pipeline.settings import Loaded, Origin, Settings
from ....schema.errors import EXIT_UNAVAILABLE
from ....schema.machine import SettingOut, SettingsOut
from ..output import json_option, print_json, print_table
from ..studio import studio

OWN_FILE = "shotmill.toml"


@click.group("config", help="Show settings, and which layer decided them.")
def config_command() -> None:
    """Settings."""


def _out(origin: Origin) -> SettingOut:
    value = origin.value if isinstance(origin.value, str | int | float | bool) else str(origin.value)
    if origin.name == "database" and "@" in str(value):
        from sqlalchemy.engine import make_url

        value = make_url(str(value)).render_as_string(hide_password=True)
    return SettingOut(name=origin.name, value=value, layer=origin.layer)


@config_command.command("list", help="List all settings.")
@json_option
@click.pass_context
def list_settings(ctx: click.Context, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """List settings."""
    loaded = studio(ctx).readable
    found = [_out(loaded.explain(name)) for name in Settings.model_fields]
    if as_json:
        return _print_json(found, loaded)
    print_table(["SETTING", "VALUE", "FROM"], [[one.name, str(one.value), one.layer] for one in found], empty="")
    return _tell_problems(loaded)


def _print_json(found: Sequence[SettingOut], loaded: Loaded) -> int:
    problems = tuple(f"{problem.message}; {problem.hint}" for problem in loaded.problems)
    print_json(SettingsOut(settings=tuple(found), problems=problems))
    return EXIT_UNAVAILABLE if problems else 0


def _tell_problems(loaded: Loaded) -> int:
    """Say what is wrong with the settings, and was left out; the exit code."""
    from ..root import say_error

    codes = [say_error(problem, as_json=False) for problem in loaded.problems]
    return max(codes, default=0)


@config_command.command("explain", help="Show one setting and the layer that decided it.")
@click.argument("name")
@json_option
@click.pass_context
def explain(ctx: click.Context, name: str, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Explain one setting."""
    loaded = studio(ctx).readable
    found = _out(loaded.explain(name))
    if as_json:
        return _print_json([found], loaded)
    print(f"{found.name} = {found.value!r}, from {found.layer}")
    print(described(name))
    print("layers, weakest first: default, site file, file in home, environment, flag")
    return _tell_problems(loaded)


def described(name: str) -> str:
    """What a setting means, as the documentation of ``Settings`` says it."""
    text = cleandoc(Settings.__doc__ or "").partition("Attributes:\n")[2]
    found = re.search(rf"^    (?:[\w, ]+, )?{name}(?:, [\w, ]+)?: (.*(?:\n     +.*)*)", text, re.MULTILINE)
    return " ".join(found.group(1).split()) if found else ""


@config_command.command("path", help="Print the settings files, weakest first, and whether each is there.")
@click.pass_context
def path(ctx: click.Context) -> int:
    """Where settings come from."""
    loaded = studio(ctx).readable
    site = os.environ.get("SHOTMILL_CONFIG")
    files = [Path(site)] if site else []
    for file in [*files, loaded.settings.home / OWN_FILE]:
        print(f"{file}{'' if file.is_file() else '  (not there)'}")
    return _tell_problems(loaded)


@config_command.command("hooks", help="List the studio's own publish plug-ins and hooks.")
@click.option("--job-type", default="", help="only those that jobs of this type get, in a project")
@click.option("--project", default="", help="default: the setting 'project'")
@click.pass_context
def hooks(ctx: click.Context, job_type: str, project: str) -> None:
    """List hooks."""
    from ....pipeline.hooks import choose, offers

    settings = studio(ctx).settings
    found = offers(settings)
    if job_type:
        wanted = project or settings.project
        choose(settings, job_type, wanted)  # says what is wrong with them
        found = [offer for offer in found if offer.is_for(job_type, wanted)]
    rows = [
        [
            offer.what,
            offer.code.source if offer.code.version else f"{offer.code.call} is not here",
            ", ".join(offer.job_types) or "all",
            ", ".join(offer.projects) or "all",
            offer.source,
        ]
        for offer in found
    ]
    print_table(["WHAT", "FROM", "JOB TYPES", "PROJECTS", "SET BY"], rows, empty="no plug-ins or hooks are set")

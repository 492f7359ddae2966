"""``install``: Shotmill in the menus of other programs."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import click

from ..output import said

PASSED = ("SHOTMILL_CONFIG", "SHOTMILL_HOME")  # where settings are; no others, whose values may be secrets


@click.group("install", help="Put Shotmill's menu into another program.")
def install_command() -> None:
    """Install."""


@install_command.command("cuegui")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="write config.yaml anew, and over a folder 'shotmill' that is not ours")
@click.pass_context
def cuegui_command(ctx: click.Context, folder: Path, force: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Put Shotmill's menu into CueGUI's job menu; FOLDER is CueGUI's cueguiplugin, or what holds it.

    In that menu: open the publish report, open the outputs, why it is blocked, publish again.
    """
    from ...cuegui import place_plugin

    placed = place_plugin(folder, _program(), _environment(ctx), force=force)
    said(f"wrote {placed.folder}")
    said(f"{'kept' if placed.config_kept else 'wrote'} {placed.config}; it says how CueGUI reaches Shotmill")
    if placed.is_enabled:
        said("it is enabled; next: restart CueGUI, right-click a job of Shotmill's")
    else:
        said(f"next: add '  - shotmill' below enabled_plugins in {placed.switch}, and restart CueGUI")


def _program() -> list[str]:
    """How this installation is called from elsewhere."""
    script = Path(sysconfig.get_path("scripts")) / "shotmill"
    return [str(script)] if os.access(script, os.X_OK) else [sys.executable, "-m", "shotmill"]


def _environment(ctx: click.Context) -> dict[str, str]:
    """What this installation was told by the environment, or by --home: where its settings are."""
    given = {name: os.environ[name] for name in PASSED if os.environ.get(name)}
    home = ctx.find_root().ensure_object(dict).get("home")
    absolute = {"SHOTMILL_HOME": home} if home else {}
    return {name: str(Path(value).expanduser().absolute()) for name, value in {**given, **absolute}.items()}

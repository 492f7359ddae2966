"""``install``: Shotmill in the menus of other programs."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..output import said

if TYPE_CHECKING:
    from ...installing import Desk, Host

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


def _host_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What installing into any host takes."""
    for option in (
        click.option("--force", is_flag=True, help="write over files that are there and are not Shotmill's"),
        click.option("--print-path", "shows_path", is_flag=True, help="print the folder, and do nothing"),
        click.option("--uninstall", is_flag=True, help="take out all that was put in"),
        click.option("--dry-run", is_flag=True, help="print what would be done, and do nothing"),
    ):
        command = option(command)
    return command


@install_command.command("rv")
@click.option("--folder", type=click.Path(path_type=Path), help="support folder; default: this user's")
@click.option("--rvpkg", default="", metavar="PROGRAM", help="RV's own rvpkg; default: the one on PATH, if any")
@_host_options
@click.pass_context
def rv_command(ctx: click.Context, /, folder: Path | None, rvpkg: str, **how: bool) -> None:
    """Put Shotmill's package into RV: menu, dialog, painted marks as prompts.

    Restart RV after it. For a whole studio, give --folder a shared folder, and put that on RV_SUPPORT_PATH.
    """
    from ...installing.rv import rv_host
    from ...rv.package import package_files, package_name, zipped

    desk = _desk()
    files = package_files(_place(ctx) if folder else b"")
    package = (package_name(), files, zipped(files))
    program = rvpkg or shutil.which("rvpkg") or ""
    host = rv_host(package, desk, folder=folder.absolute() if folder else None, rvpkg=program)
    _install(ctx, host, desk, next_step="restart RV; its menu bar has Shotmill", **how)


@install_command.command("nuke")
@click.option("--folder", type=click.Path(path_type=Path), help="folder for NUKE_PATH; default: below ~/.nuke")
@_host_options
@click.pass_context
def nuke_command(ctx: click.Context, /, folder: Path | None, **how: bool) -> None:
    """Put Shotmill's menu into Nuke; the artist's own menu.py gets one line, once.

    Restart Nuke after it. For a whole studio, give --folder a shared folder, and put that on NUKE_PATH.
    """
    from ...installing.nuke import nuke_host
    from ...nuke import plugin_files

    desk = _desk()
    plugin = plugin_with_place(plugin_files(), _place(ctx)) if folder else plugin_files()
    host = nuke_host(plugin, desk, folder=folder.absolute() if folder else None)
    _install(ctx, host, desk, next_step="restart Nuke; its menu bar has Shotmill", **how)


def plugin_with_place(plugin: dict[str, bytes], place: bytes) -> dict[str, bytes]:
    """Nuke's plug-in with a ``client.json`` beside the client, for a folder that many share."""
    [client] = [path.rpartition("/")[0] for path in plugin if path.endswith("client/place.py")]
    return {**plugin, f"{client}/client.json": place}


@install_command.command("blender")
@click.option("--blender", "program", default="", metavar="PROGRAM", help="Blender; default: the one on PATH, if any")
@_host_options
@click.pass_context
def blender_command(ctx: click.Context, /, program: str, **how: bool) -> None:
    """Put Shotmill's extension into Blender 4.2 or later, through Blender itself.

    Where no Blender is found, the extension's zip is written, to be dropped into Blender's window.
    """
    from ...blender import extension_name, extension_zip
    from ...installing.blender import blender_host

    desk = _desk()
    found = program or shutil.which("blender") or ""
    host = blender_host(extension_name(), extension_zip(), desk, program=found)
    drop = f"drop {desk.config / extension_name()} into Blender's window"
    _install(ctx, host, desk, next_step="restart Blender; its Render menu has Shotmill" if found else drop, **how)


@install_command.command("rez")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="print what would be done, and do nothing")
@click.pass_context
def rez_command(ctx: click.Context, /, folder: Path, dry_run: bool) -> None:  # noqa: FBT001 - click
    """Write the sources of two Rez packages into FOLDER, for rez-build: shotmill, and shotmill_client for hosts.

    Clients ask the Python that the package shotmill names; where that is not resolved, the Python of this installation.
    """
    from ....pipeline.files import storage_error, write_whole
    from ...rez import package_sources

    sources = package_sources(_host_payload(_place(ctx)))
    for name, content in sources.items():
        path = folder.absolute() / name
        said(f"would write {path}" if dry_run else f"wrote {path}")
        if dry_run:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        except OSError as error:
            raise storage_error(path, error) from error
    said("next: rez-build --install, in each of the two folders")


def _host_payload(place: bytes) -> dict[str, bytes]:
    """What the client brings for hosts: a support folder for RV, and a folder for NUKE_PATH."""
    from ...installing.rv import rv_host
    from ...nuke import plugin_files
    from ...rv.package import package_files, package_name, zipped

    files = package_files(place)
    nowhere = Path("/") / "rv"
    host = rv_host((package_name(), files, zipped(files)), _desk(), folder=nowhere, rvpkg="")
    found = {f"rv/{path.relative_to(nowhere).as_posix()}": content for path, content in host.files.items()}
    found |= {f"rv/{path.relative_to(nowhere).as_posix()}": content or b"" for path, content in host.edits.items()}
    return found | {f"nuke/{name}": content for name, content in plugin_with_place(plugin_files(), place).items()}


def _desk() -> Desk:
    from ...installing import Desk

    return Desk()


def _place(ctx: click.Context) -> bytes:
    from ...installing.client import client_place

    return client_place(_environment(ctx))


def _install(  # noqa: PLR0913 - one argument a flag
    ctx: click.Context,
    host: Host,
    desk: Desk,
    *,
    next_step: str,
    dry_run: bool,
    uninstall: bool,
    shows_path: bool,
    force: bool,
) -> None:
    """Plan, say what is done, and do it."""
    from ...installing import carry_out, plan_install, plan_uninstall, recorded
    from ...installing.client import client_host

    if shows_path:
        said(str(host.folder))
        return
    client = client_host(_environment(ctx), desk)
    is_shared = uninstall and bool(recorded(desk).keys() - {host.name, client.name})  # another host still asks it
    for one in (host,) if is_shared else (host, client):
        steps = plan_uninstall(one, desk) if uninstall else plan_install(one, desk, force=force or one is client)
        for step in steps if dry_run else carry_out(steps, one, desk):
            said(step.told(done=not dry_run))
    if not dry_run:
        said(f"{host.name}: nothing of Shotmill's is left" if uninstall else f"next: {next_step}")


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

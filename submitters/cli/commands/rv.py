"""``rv-session`` and ``rv-package``: RV's files, without RV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....schema.names import counted
from ..output import json_option, print_json
from ..studio import studio

if TYPE_CHECKING:
    from ....schema.roto import Prompt
    from ....schema.rv import RvPlate


@click.command("rv-session", help="Show the plates of an RV session, and the prompts that are painted on them.")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def rv_session_command(ctx: click.Context, file: Path, as_json: bool) -> None:  # noqa: FBT001 - click
    """Read a session."""
    from ....pipeline.tools import StudioTools
    from ...rv.probing import session_of

    found = session_of(file, StudioTools(studio(ctx).settings))
    if as_json:
        print_json(found)
        return
    for plate in found.plates:
        _show(plate)
    for problem in found.problems:
        click.echo(f"note: {problem}", err=True)
    if any(plate.objects for plate in found.plates):
        print(f"next: shotmill submit roto --from-session {file}")


def _show(plate: RvPlate) -> None:
    print(plate.path if plate.frames is None else f"{plate.path}  {plate.frames}")
    for one in plate.objects:
        print(f"  object {one.name}: " + "; ".join(map(_told, one.prompts)))
    for note in plate.notes:
        print(f"  note on {note.frame}: {note.text}")
    for problem in plate.problems:
        click.echo(f"note: {problem}", err=True)


def _told(prompt: Prompt) -> str:
    box = prompt.box
    parts = [f"box {box.left:g},{box.top:g},{box.right:g},{box.bottom:g}"] if box else []
    parts += [counted(len(prompt.points), "point")] if prompt.points else []
    return f"@{prompt.frame} {' and '.join(parts)}"


@click.command("rv-package", help="Make the package that puts Shotmill into RV.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=".", help="folder; default: the one you are in"
)
def rv_package_command(out: Path) -> None:
    """Write the package."""
    from ...rv.package import build_package

    path = build_package(out)
    print(f"wrote {path}")
    print(f"next: rvpkg -force -install -add ~/.rv {path}; or in RV: Preferences, Packages, Add Packages")

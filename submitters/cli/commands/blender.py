"""``blender-extension``: the zip that Blender installs."""

from __future__ import annotations

from pathlib import Path

import click

from ..output import said


@click.command("blender-extension", help="Write the extension that Blender installs from disk.")
@click.option("--out", type=click.Path(path_type=Path), default=Path(), help="folder that gets it; default: this one")
def blender_extension_command(out: Path) -> None:
    """Write the zip and tell what to do with it."""
    from ...blender import build_extension

    path = build_extension(out)
    said(f"wrote {path}")
    said("next: in Blender, Edit > Preferences > Get Extensions, the arrow at the top right, Install from Disk")

"""``probe``: looking at media without a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..output import json_option, print_json, size_text
from ..studio import studio

if TYPE_CHECKING:
    from ....schema.media import MediaInfo


@click.command("probe", help="Show what is in a movie, a still or an image sequence.")
@click.argument("path")
@click.option("--colourspace", help="colour space of the pixels; default: found from the file")
@json_option
@click.pass_context
def probe_command(ctx: click.Context, path: str, colourspace: str | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """Open a medium and say what is in it."""
    from ....pipeline.media import clip_of, find_medium
    from ....pipeline.tools import StudioTools

    clip = clip_of(find_medium(path)).model_copy(update={"colourspace": colourspace})
    found = StudioTools(studio(ctx).settings).probe(clip)
    if as_json:
        print_json(found)
        return
    rows = [
        ("path", found.path),
        ("kind", f"{found.kind} {found.container} {found.codec}"),
        ("size", f"{_size(found)}, pixel aspect {found.pixel_aspect:g}, {size_text(found.size_bytes)}"),
        ("frames", f"{found.frames} ({len(found.frames)})" + (f", missing {found.missing}" if found.missing else "")),
        ("rate", str(found.rate or "unknown")),
        ("timecode", found.timecode or "none"),
        ("colour", f"{found.colourspace or 'unknown'} ({found.colourspace_from or 'nothing says'})"),
        ("channels", f"{', '.join(found.channels)} ({found.bits} bit {found.sample})"),
    ]
    for name, value in rows:
        print(f"{name:<10}{value}")


def _size(found: MediaInfo) -> str:
    done = ["mirrored"] if found.mirrored else []
    done += [f"turned {found.rotation} degrees"] if found.rotation else []
    size = f"{found.width}x{found.height}"
    return f"{size} ({', '.join(done)})" if done else size

"""The studio of a command line, made when a command first asks for it."""

from __future__ import annotations

from typing import Any

import click

from ..studio import Studio, open_database

__all__ = ["Studio", "job_argument", "open_database", "studio"]

job_argument = click.argument("job", default="")


def studio(ctx: click.Context) -> Studio:
    """The studio of this command line."""
    options: dict[str, Any] = ctx.find_root().ensure_object(dict)
    if "studio" not in options:
        options["studio"] = Studio(options.get("home"))
        ctx.find_root().call_on_close(options["studio"].close)
    found: Studio = options["studio"]
    return found

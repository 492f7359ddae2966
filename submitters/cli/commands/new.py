"""``new``: a job type of a studio's own."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click


@click.command("new", help="Write a new job type, as a wheel with its tests, that works as it is.")
@click.argument("name")
@click.option("--folder", type=click.Path(), help="where to; default: ./NAME")
@click.option("--force", is_flag=True, help="write over files that are there")
def new_command(name: str, folder: str | None, force: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Write a job type."""
    from ...scaffold import write_job_type

    place = Path(folder or name)
    for path in write_job_type(name, place, force=force):
        print(path)
    print(f"next: pip install -e {quote(f'{place}[test]')} && python -m pytest {quote(str(place))}")

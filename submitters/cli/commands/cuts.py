"""``ingest`` and ``shots``: cuts and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....schema.errors import BadRequestError
from ....schema.media import Rate
from ....schema.names import counted
from ....schema.output import ShotOut
from ...documents import ingest_out, shots_out
from ..output import json_option, print_json, print_table
from ..studio import studio

if TYPE_CHECKING:
    from ....pipeline.ingest import IngestOptions
    from ....pipeline.settings import Settings

SHOWN = 5


@click.command("ingest", help="Put a cut into the database; the same file again adds nothing.")
@click.argument("file", type=click.Path())
@click.option("--show", "--project", "project", help="the project; default: the setting 'project'")
@click.option("--cut", required=True, help="name of the cut")
@click.option("--rate", help="frames per second, such as 24 or 23.976; an EDL needs it")
@click.option("--pattern", help="regular expression with groups 'sequence' and 'shot', for clip names")
@json_option
@click.pass_context
def ingest_command(  # noqa: PLR0913 - one argument a flag
    ctx: click.Context,
    /,
    file: str,
    project: str | None,
    cut: str,
    rate: str | None,
    pattern: str | None,
    *,
    as_json: bool,
) -> None:
    """Ingest a cut."""
    from ....pipeline.ingest import ingest

    where = studio(ctx)
    report = ingest(
        where.database,
        Path(file).absolute(),
        project=project or where.settings.project,
        cut=cut,
        rate=rate_of(rate),
        options=ingest_options(where.settings, pattern),
    )
    if as_json:
        print_json(ingest_out(report))
        return
    if not report.added:
        print(f"cut {report.cut} v{report.version:03d} holds this file already; nothing was added")
        return
    clips, shots = counted(report.clips, "clip"), counted(report.shots, "shot")
    print(
        f"cut {report.cut} v{report.version:03d} of {report.project}: {clips}, {shots} ({report.new_shots} new), "
        f"{counted(report.duration, 'frame')} at {report.rate}"
    )
    if report.missing:
        more = ", ..." if report.missing > SHOWN else ""
        print(f"note: media of {counted(report.missing, 'clip')} is missing: {', '.join(report.gone[:SHOWN])}{more}")
    for note in report.notes:
        print(f"note: {note}")
    for one in report.skipped[:SHOWN]:
        print(f"note: {one.clip} at record frame {one.record_in} belongs to no shot: {one.reason}")


def ingest_options(settings: Settings, pattern: str | None) -> IngestOptions:
    """How clips become shots here: media of other machines is looked for where the setting ``path_map`` says."""
    from ....pipeline.ingest import IngestOptions
    from ....pipeline.pathmap import roots_of
    from ....pipeline.shotnames import DEFAULT_PATTERN

    return IngestOptions(pattern=pattern or DEFAULT_PATTERN, roots=roots_of(settings.path_map))


def rate_of(text: str | None) -> Rate | None:
    """A rate that was typed; None: none was.

    Raises:
        BadRequestError: it is none.
    """
    if text is None:
        return None
    try:
        return Rate.parse(text)
    except ValueError as error:
        raise BadRequestError(str(error), field="rate") from error


@click.command("shots", help="List shots of a project, or of a cut in its order.")
@click.option("--project", help="default: the setting 'project'")
@click.option("--cut", help="only those that this cut uses")
@json_option
@click.pass_context
def shots_command(ctx: click.Context, /, project: str | None, cut: str | None, *, as_json: bool) -> None:
    """List shots."""
    where = studio(ctx)
    listed = shots_out(where, project or where.settings.project, cut)
    found = listed.shots
    if as_json:
        print_json(listed)
        return
    names = [[f"{one.sequence}/{one.shot}", _range(one)] for one in found]
    media = [[one.media_state or "-", Path(one.media).name if one.media else "-"] for one in found]
    empty = "no shots yet; try: shotmill ingest cut.otio --cut NAME"
    if cut:  # only a cut says which media a shot uses
        table = [[*name, *used] for name, used in zip(names, media, strict=True)]
        print_table(["SHOT", "SHOT RANGE", "MEDIA IS", "MEDIA"], table, empty=empty)
    else:
        print_table(["SHOT", "SHOT RANGE"], names, empty=empty)


def _range(one: ShotOut) -> str:
    return "-" if one.cut_in is None else f"{one.cut_in}-{one.cut_out}"

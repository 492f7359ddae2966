"""``report``: what a job's publish step did and checked, for people and programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....schema.errors import InputCorruptError, NotFoundError
from ....schema.names import counted
from ....schema.output import ReportOut
from ..output import json_option, print_json, size_text
from ..studio import Studio, job_argument, studio

if TYPE_CHECKING:
    from ....schema.publishing import PluginResult, PublishReport

MAX_REPORT = 64 << 20  # bytes; a report of ten thousand frames has some megabytes


@click.command("report", help="Show the newest report of a job's publish step; without JOB, of your newest job.")
@job_argument
@click.option("--html", "anew", is_flag=True, help="make the page about it anew, with deliveries as they stand now")
@click.option("--open", "show", is_flag=True, help="open the page in a browser")
@json_option
@click.pass_context
def report_command(ctx: click.Context, job: str, *, anew: bool, show: bool, as_json: bool) -> None:
    """Show a report."""
    from ....pipeline.publish.page import page_of, report_of

    found = studio(ctx).job(job)
    folder = Path(found.folder)
    path = report_of(folder)
    if path is None:
        raise NotFoundError(
            f"{found.handle} has no publish report: its publish step has not run",
            hint=f"shotmill explain {found.handle}",
        )
    report = read_report(path)
    if anew or (show and page_of(folder) is None):
        _write_page(studio(ctx), folder, path, report)
    page = page_of(folder)
    places = [f"report: {path}", *([f"page: {page}"] if page else [])]
    text = "\n".join([*report_lines(report), *places])
    if as_json:
        shown = None if page is None else str(page)
        out = ReportOut(job=found.handle, path=str(path), page=shown, summary=report.summary, text=text, report=report)
        print_json(out)
    else:
        print(f"{found.handle} {report.summary}")
        print(text)
    if show and page is not None and click.launch(str(page)) != 0:
        click.echo(f"note: no browser could be started here; open {page}", err=True)


def _write_page(where: Studio, folder: Path, path: Path, report: PublishReport) -> None:
    from ....pipeline.files import storage_error
    from ....pipeline.folders import JobFolder
    from ....pipeline.publish.page import write_page

    page = path.with_suffix(".html")
    try:
        write_page(page, JobFolder(folder).read_spec(), report, where.settings, where.database)
    except OSError as error:
        raise storage_error(page, error) from error


def read_report(path: Path) -> PublishReport:
    """A report of a publish step.

    Raises:
        InputCorruptError: it cannot be read, or is of another version of Shotmill.
    """
    from pydantic import ValidationError

    from ....pipeline.files import read_file
    from ....schema.publishing import PublishReport

    try:
        return PublishReport.model_validate_json(read_file(path, most=MAX_REPORT))
    except (OSError, ValidationError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no report of this version of Shotmill"
        raise InputCorruptError(f"{path} cannot be read: {why}", path=path) from error


def report_lines(report: PublishReport) -> Iterator[str]:
    """What a report says, a line a thing: why it was refused first, then versions, checks and notes."""
    yield f"{report.started:%Y-%m-%d %H:%M:%S} UTC, {(report.finished - report.started).total_seconds():.1f} s"
    if report.failure:
        yield report.failure
    for version in report.versions:
        what = f"{version.entity}/{version.product} v{version.number:03d}"
        lacks = f", lacks {version.holes}" if version.holes else ""
        yield f"{what}  {counted(version.files, 'file')}, {size_text(version.size_bytes)}{lacks}  {version.folder}"
    yield from map(_check, report.results)
    yield from (f"note: {note}" for note in report.notes)


def _check(result: PluginResult) -> str:
    of = f" {result.instance}" if result.instance else ""
    said = "" if result.ok else f": {result.error or 'it does not say why'}"
    return f"{'ok    ' if result.ok else 'FAILED'} {result.plugin}{of}{said}"

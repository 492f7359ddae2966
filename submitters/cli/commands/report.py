"""``report``: what a job's publish step did and checked, for people and programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....schema.errors import InputCorruptError, NotFoundError
from ....schema.names import counted
from ....schema.output import ReportOut
from ..output import json_option, print_json, size_text
from ..studio import job_argument, studio

if TYPE_CHECKING:
    from ....schema.publishing import PluginResult, PublishReport

_NUMBER = re.compile(r"report-(\d+)-")
MAX_REPORT = 64 << 20  # bytes; a report of ten thousand frames has some megabytes


@click.command("report", help="Show the newest report of a job's publish step; without JOB, of your newest job.")
@job_argument
@json_option
@click.pass_context
def report_command(ctx: click.Context, job: str, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Show a report."""
    found = studio(ctx).job(job)
    path = newest_report(Path(found.folder))
    if path is None:
        raise NotFoundError(
            f"{found.handle} has no publish report: its publish step has not run",
            hint=f"shotmill explain {found.handle}",
        )
    report = _read(path)
    text = "\n".join([*report_lines(report), f"report: {path}"])
    if as_json:
        print_json(
            ReportOut(job=found.handle, path=str(path), summary=report.summary, text=text, report=report),
        )
        return
    print(f"{found.handle} {report.summary}")
    print(text)


def newest_report(folder: Path) -> Path | None:
    """The report of the last run of a job's publish step; None: it never ran."""
    found = [
        (int(match[1]), path) for path in folder.glob("publish/report-*.json") if (match := _NUMBER.match(path.name))
    ]
    return max(found, key=lambda one: (one[0], one[1].stat().st_mtime_ns))[1] if found else None


def _read(path: Path) -> PublishReport:
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

"""The page about a publish, beside its JSON report in ``<job>/publish``; it can fail, and the publish does not mind."""

from __future__ import annotations

import logging
import re
import uuid
from pathlib import Path

from ...schema.job import JobSpec
from ...schema.names import plain_text
from ...schema.publishing import PublishReport
from ..files import write_whole
from ..folders import JobFolder
from ..settings import Settings
from ..store import Database

log = logging.getLogger(__name__)

_REPORT = re.compile(r"report-(\d+)-[^.]*\.json\Z")


def report_of(folder: Path) -> Path | None:
    """The JSON report of the last run of a job's publish step; None: it never ran.

    Args:
        folder: of the job.
    """
    found = [
        (int(match[1]), path) for path in folder.glob("publish/report-*.json") if (match := _REPORT.match(path.name))
    ]
    return max(found, key=lambda one: (one[0], one[1].stat().st_mtime_ns))[1] if found else None


def page_of(folder: Path) -> Path | None:
    """The page that people read about the last run of a job's publish step; None: there is none.

    Args:
        folder: of the job.
    """
    report = report_of(folder)
    page = None if report is None else report.with_suffix(".html")
    return page if page is not None and page.is_file() else None


def write_page(
    page: Path,
    spec: JobSpec,
    report: PublishReport,
    settings: Settings,
    database: Database | None,
) -> None:
    """Make the page of one run; a reader of an older one sees that or this, never half of one.

    Args:
        page: in the ``publish`` folder of a job.
        spec: the job.
        report: of the run.
        settings: of this machine.
        database: None: none can be asked; the page says so.

    Raises:
        OSError: it could not be written.
    """
    from ..pages import draw_page, gather  # noqa: PLC0415 - only whoever makes one pays for it

    facts = gather(JobFolder(page.parent.parent), spec, report, settings, database)
    draft = page.with_name(f".{page.name}.{uuid.uuid4().hex}")
    try:
        write_whole(draft, draw_page(facts).encode())
        draft.replace(page)
    finally:
        draft.unlink(missing_ok=True)


def try_page(
    page: Path,
    spec: JobSpec,
    report: PublishReport,
    settings: Settings,
    database: Database,
) -> str:
    """Make the page of one run, whatever comes of it; empty, or a note on why there is none."""
    try:
        write_page(page, spec, report, settings, database)
    except Exception as error:
        log.warning("the page about the publish could not be made", exc_info=True)
        return plain_text(f"the page about this publish could not be made: {type(error).__name__}: {error}")
    return ""

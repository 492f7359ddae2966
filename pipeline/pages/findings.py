"""What a technical check found, frame by frame, on the page about its publish."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from ...schema.checks import MAX_DOCUMENT
from ...schema.names import counted
from ...schema.publishing import Manifest
from ...schema.qc import QcReport, Severity
from ..files import read_file
from .body import draw_strip
from .facts import FindingsFacts, PageFacts
from .markup import Html, table, tag

MAX_ROWS = 500
PILLS = {Severity.ERROR.value: "pill bad", Severity.WARNING.value: "pill warn", Severity.NOTE.value: "pill"}


def findings_of(folder: Path, manifest: Manifest) -> FindingsFacts | None:
    """What the report of a check in a version's folder says; None: there is no such report."""
    for form in manifest.representations:
        if form.facts.get("document") == "qc" and form.files:
            return _read(folder / form.files[0].path)
    return None


def _read(path: Path) -> FindingsFacts:
    from ..qc.groups import groups_of, verdict_line  # noqa: PLC0415 - heavy: numpy, and few pages need it
    from ..qc.words import SPOKEN  # noqa: PLC0415 - same

    try:
        report = QcReport.model_validate_json(read_file(path, most=MAX_DOCUMENT))
    except (OSError, ValidationError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no report of this version of Shotmill"
        return FindingsFacts("", problem=f"{path.name} cannot be read: {why}")
    groups = groups_of(report)
    bad = {one.frame for one in report.findings if one.severity is not Severity.NOTE and one.frame is not None}
    wanted = tuple(report.frames or ())
    return FindingsFacts(
        verdict=verdict_line(report),
        rows=tuple(
            (group.severity.value, group.where.partition(" ")[2] or "all", SPOKEN[group.kind], group.text)
            for group in groups[:MAX_ROWS]
        ),
        more=max(0, len(groups) - MAX_ROWS),
        wanted=wanted,
        bad=tuple(sorted(bad.intersection(wanted))),
    )


def draw_findings(facts: PageFacts) -> Html | None:
    """A table of findings for each version that is a check."""
    found = [version.findings for version in facts.versions if version.findings is not None]
    if not found:
        return None
    return tag("section", tag("h2", "What the check found"), (_one(one) for one in found), id="findings")


def _one(one: FindingsFacts) -> Html:
    rows = [
        (tag("span", severity, class_=PILLS[severity]), tag("b", frames), kind, text)
        for severity, frames, kind, text in one.rows
    ]
    return tag(
        "div",
        tag("p", one.problem, class_="bad") if one.problem else tag("p", one.verdict),
        draw_strip("errors and warnings", one.wanted, one.bad, verb="on") if one.wanted and one.bad else None,
        table(("Severity", "Frames", "Kind", "What was found"), rows) if rows else None,
        tag("p", f"and {counted(one.more, 'more finding')}, in qc.json", class_="soft") if one.more else None,
    )

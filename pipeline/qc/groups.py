"""Findings of one kind on frames next to each other, as one: what people are told and shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ...schema.frames import frames_text
from ...schema.names import counted
from ...schema.qc import Finding, FindingKind, QcReport, Severity
from .words import SPOKEN

_RANKS = {severity: rank for rank, severity in enumerate(Severity)}
_ORDER = {kind: place for place, kind in enumerate(FindingKind)}
MOST_TOLD = 5
COUNTED = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


@dataclass(frozen=True)
class Group:
    """One kind of finding on some frames without a gap.

    Attributes:
        frames: ascending; empty: it is about the whole medium.
        findings: all of them, by frame; the first speaks for all.
    """

    kind: FindingKind
    severity: Severity
    frames: tuple[int, ...]
    findings: tuple[Finding, ...]

    @property
    def where(self) -> str:
        """Such as ``frames 1003-1010``; empty for the whole medium."""
        if not self.frames:
            return ""
        return f"frame{'s' if len(self.frames) > 1 else ''} {frames_text(self.frames)}"

    @property
    def text(self) -> str:
        """What is said of its first frame, and how many more findings there are."""
        first = self.findings[0]
        same = [one for one in self.findings if one.frame == first.frame]
        more = f" (and {counted(len(same) - 1, 'more channel')})" if len(same) > 1 else ""
        return first.text + more

    @property
    def said(self) -> str:
        """Where, what and how much, such as ``frame 1003: black, the mean level is 0``."""
        where = f"{self.where}: " if self.where else ""
        return f"{where}{SPOKEN[self.kind]}, {self.text}"

    @property
    def line(self) -> str:
        """One line for a terminal."""
        return f"{self.severity.value:<7} {self.said}"


def rank_of(severity: Severity) -> int:
    """0 for the worst."""
    return _RANKS[severity]


def in_order(finding: Finding) -> tuple[bool, int, int]:
    """A key that sorts findings by frame, then kind; those of the whole medium come first."""
    return finding.frame is not None, finding.frame or 0, _ORDER[finding.kind]


def groups_of(report: QcReport) -> list[Group]:
    """All findings in groups: the worst first, then by frame."""
    places = {frame: at for at, frame in enumerate(report.frames or ())}
    kinds: dict[FindingKind, list[Finding]] = defaultdict(list)
    for one in report.findings:
        kinds[one.kind].append(one)
    found = [group for some in kinds.values() for group in _runs(some, places)]
    return sorted(found, key=lambda group: (_RANKS[group.severity], group.frames[:1], _ORDER[group.kind]))


def _runs(findings: Sequence[Finding], places: dict[int, int]) -> list[Group]:
    runs: list[list[Finding]] = []
    last: int | None = None
    for one in findings:
        place = None if one.frame is None else places.get(one.frame, one.frame)
        follows = runs and last is not None and place is not None and place - last <= 1
        if follows and runs[-1][-1].severity is one.severity:
            runs[-1].append(one)
        else:
            runs.append([one])
        last = place
    return [_group(run) for run in runs]


def _group(run: Sequence[Finding]) -> Group:
    frames = tuple(dict.fromkeys(one.frame for one in run if one.frame is not None))
    return Group(run[0].kind, run[0].severity, frames, tuple(run))


def verdict_line(report: QcReport) -> str:
    """What was found, in one line."""
    of = counted(len(report.frames), "frame") if report.frames else "a medium that cannot be counted"
    if not report.findings:
        return f"qc of {report.clip}: nothing wrong in {of}"
    counts = ((Severity.ERROR, report.errors), (Severity.WARNING, report.warnings), (Severity.NOTE, report.notes))
    said = [counted(count, COUNTED[severity]) for severity, count in counts if count]
    worst = groups_of(report)[0]
    return f"qc of {report.clip}: {', '.join(said)} in {of}; the worst: {worst.said}"


def told_lines(report: QcReport) -> list[str]:
    """What is said at the end of a job: the verdict, and the worst of what was found."""
    groups = groups_of(report)
    more = len(groups) - MOST_TOLD
    rest = [f"... and {counted(more, 'more finding')}: shotmill report --open"] if more > 0 else []
    return [verdict_line(report), *(group.line for group in groups[:MOST_TOLD]), *rest]

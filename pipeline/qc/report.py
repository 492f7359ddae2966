"""What was found in a clip, from what was measured of its frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...schema.frames import FrameSet, frames_text
from ...schema.media import Clip
from ...schema.qc import Finding, FindingKind, FrameFigures, QcLimits, QcReport, Severity
from ..media import is_movie
from .groups import in_order
from .judge import Judge, Wanted
from .measure import Measured
from .neighbours import Neighbours


@dataclass(frozen=True)
class Check:
    """What a clip is checked for.

    Attributes:
        frames: that it must have; None: those that it has.
        is_asked: whether somebody named these frames, so that it must have no others.
        severities: how bad kinds are, where they are not as usual.
        ignored: kinds that nobody wants to know of.
    """

    clip: Clip
    limits: QcLimits
    wanted: Wanted
    frames: FrameSet | None = None
    is_asked: bool = False
    severities: Mapping[FindingKind, Severity] = field(default_factory=dict)
    ignored: frozenset[FindingKind] = frozenset()


def check_clip(check: Check, measured: Iterable[Measured]) -> QcReport:
    """The report on a clip.

    Args:
        check: what it is checked for.
        measured: of its frames, ascending; one at a time is in memory.
    """
    judge = Judge(check.limits, check.wanted, severities=check.severities, ignored=check.ignored)
    neighbours = Neighbours(judge)
    findings: list[Finding] = []
    figures: list[FrameFigures] = []
    length: int | None = None
    for one in measured:
        findings += judge.judge(one)
        findings += neighbours.add(one)
        length = one.length if length is None else length
        if one.frame is not None and one.trouble is None:
            figures.append(_figures(one, one.frame))
    findings += neighbours.end()
    findings += _range(check, judge, length)
    findings.sort(key=in_order)
    frames = check.frames or (FrameSet.span(0, length - 1) if length else None)
    return QcReport(
        clip=check.clip.name,
        media=check.clip.media,
        frames=frames,
        form=judge.form,
        limits=check.limits,
        **_counts(findings),
        findings=tuple(findings),
        figures=tuple(figures),
    )


def _figures(one: Measured, frame: int) -> FrameFigures:
    return FrameFigures(frame=frame, brightness=one.brightness, content=one.content, channels=one.channels)


def _counts(findings: Iterable[Finding]) -> dict[str, int]:
    counts = dict.fromkeys(Severity, 0)
    for one in findings:
        counts[one.severity] += 1
    names = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.NOTE: "notes"}
    return {names[severity]: count for severity, count in counts.items()}


def _range(check: Check, judge: Judge, length: int | None) -> Iterator[Finding]:
    """Frames that are there although nobody asked for them."""
    if not check.is_asked or check.frames is None:
        return
    clip = check.clip
    there = range(length or 0) if is_movie(clip.media) else (clip.frames or FrameSet((0,))).minus(clip.holes or ())
    wanted = frozenset(check.frames)
    more = [frame for frame in there if frame not in wanted]
    if more:
        text = f"frames {frames_text(more)} are there, {check.frames} were asked for"
        yield from judge.finding(FindingKind.RANGE, None, text, amount=float(len(more)))

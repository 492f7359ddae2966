"""The work of a technical check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...pipeline.clips import look_of, naming
from ...pipeline.files import read_file, write_whole
from ...pipeline.images import write_image
from ...pipeline.qc import (
    Check,
    Wanted,
    check_clip,
    draw_findings,
    groups_of,
    measure_clip,
    read_measured,
    told_lines,
    write_measured,
)
from ...pipeline.qc.measure import Measured
from ...schema.checks import MAX_DOCUMENT
from ...schema.errors import ColourError, InputCorruptError, InputMissingError, QualityError
from ...schema.media import Clip
from ...schema.names import counted
from ...schema.qc import Finding, FindingKind, QcReport, Severity
from ...schema.receipts import FOUND, TOLD
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .params import QcParams
from .steps import JSON, REPORT, SHEET, frames_of, work_of

TILE_WIDTH = 400


def measure(task: TaskContext[QcParams]) -> Written:
    """Measure the frames of this chunk, each read once; what cannot be read is written down, too.

    Raises:
        InputMissingError: the disk of a clip is not there on this host.
    """
    outputs = []
    for clip, index, frames in work_of(task.params, task.frames):
        name = f"{index:05d}.jsonl"
        with naming(clip):
            found = measure_clip(
                clip, frames.frames if frames else None, ceiling=task.params.ceiling, limits=task.tools.limits
            )
            count = write_measured(task.staging / name, _telling(task, clip, found))
        facts = {"clip": index, "first": frames.first if frames else 0, "frames": count}
        outputs.append(OutputMade(clip.name, "measured", [FileMade(name)], facts=facts))
    return Written(outputs=outputs, done=task.frames)


def _telling(task: TaskContext[QcParams], clip: Clip, found: Iterator[Measured]) -> Iterator[Measured]:
    for count, one in enumerate(found):
        task.progress(min(count / len(task.frames), 1.0), f"{clip.name} frame {one.frame}")
        yield one


def report(task: TaskContext[QcParams]) -> Written:
    """Judge all frames of these clips, counted from 1, and write the report and the sheet of each.

    Raises:
        ReceiptMismatchError: what was measured cannot be read.
    """
    outputs = []
    for number in task.frames:
        clip = task.params.clips[number - 1]
        task.progress(0.0, f"judging {clip.name}")
        outputs += _report_one(task, clip, number - 1)
    return Written(outputs=outputs, done=task.frames)


def _report_one(task: TaskContext[QcParams], clip: Clip, index: int) -> list[OutputMade]:
    params = task.params
    check = Check(
        clip=clip,
        limits=params.limits,
        wanted=Wanted(params.expected, params.channels, params.rate or clip.rate),
        frames=frames_of(params, clip),
        is_asked=params.frames is not None,
        severities=params.severities,
        ignored=frozenset(params.ignore),
    )
    found = check_clip(check, read_measured(_measured_files(task, index)))
    pictures = _Pictures(task, clip)
    sheet = draw_findings(found, pictures.look, heading=f"{clip.name} {params.product}", width=TILE_WIDTH)
    if pictures.problem and FindingKind.COLOUR not in params.ignore:
        found = _with_note(found, pictures.problem, params.severities.get(FindingKind.COLOUR, Severity.NOTE))
    names = {JSON: f"{index:05d}.json", SHEET: f"{index:05d}.jpg"}
    write_whole(task.staging / names[JSON], found.pretty().encode())
    write_image(task.staging / names[SHEET], sheet)
    told = told_lines(found)
    facts: dict[str, Any] = {
        TOLD: told[:1],
        FOUND: told[1:],
        "errors": found.errors,
        "warnings": found.warnings,
        "notes": found.notes,
        "media": clip.media,
    }
    height, width = sheet.shape[:2]
    return [
        OutputMade(clip.name, JSON, [FileMade(names[JSON])], facts={**facts, "document": "qc"}),
        OutputMade(
            clip.name,
            SHEET,
            [FileMade(names[SHEET])],
            colourspace=pictures.display,
            width=width,
            height=height,
            pixel_aspect=1.0,
            facts={"media": clip.media},
        ),
    ]


def _measured_files(task: TaskContext[QcParams], index: int) -> list[Path]:
    """What was measured of a clip, by first frame."""
    found = [
        (output.facts["first"], folder / file.path)
        for output, folder in task.upstream_files("measure")
        for file in output.files
        if output.facts["clip"] == index
    ]
    return [path for _first, path in sorted(found)]


class _Pictures:
    """Frames of a clip as people see them, for the sheet.

    Attributes:
        problem: why there are none; empty: there are.
        display: that they are made for.
    """

    def __init__(self, task: TaskContext[QcParams], clip: Clip) -> None:
        self._task = task
        self._clip = clip
        self.problem = ""
        self.display: str | None = None

    def look(self, frame: int) -> Any:
        """A frame, (h, w, 3) uint8, or in a few words why there is none."""
        try:
            still = self._task.tools.still(self._clip, frame, width=TILE_WIDTH, look=look_of(self._task.params))
        except ColourError as error:
            self.problem = error.message
            return "colour space not known"
        except (InputMissingError, InputCorruptError):
            return "cannot be read"
        self.display = still.facts["display"]
        return still.pixels


def _with_note(found: QcReport, problem: str, severity: Severity) -> QcReport:
    text = f"the contact sheet shows no pictures: {problem}"
    note = Finding(frame=None, kind=FindingKind.COLOUR, severity=severity, text=text)
    counts = {"errors": found.errors, "warnings": found.warnings, "notes": found.notes}
    counts[f"{severity.value}s"] += 1
    return found.model_copy(update={"findings": (note, *found.findings), **counts})


def verdict(task: TaskContext[QcParams]) -> Written:
    """Fail when something bad was found; what was found is published by now.

    Raises:
        QualityError: names the worst finding, and how many there are.
    """
    bad = {severity for severity in Severity if _is_bad(severity, task.params.fail_on)}
    for output, folder in task.upstream_files(REPORT):
        if output.representation != JSON:
            continue
        found = QcReport.model_validate_json(read_file(folder / output.files[0].path, most=MAX_DOCUMENT))
        groups = [group for group in groups_of(found) if group.severity in bad]
        if groups:
            worst = groups[0]
            count = sum(one.severity in bad for one in found.findings)
            more = f" (and {counted(count - 1, 'more finding')})" if count > 1 else ""
            raise QualityError(
                f"{found.clip} did not pass: {worst.said}{more}",
                hint="shotmill report --open shows all of it; the report is published",
                clip=found.clip,
                frame=worst.frames[0] if worst.frames else None,
            )
    return Written(outputs=(), done=task.frames)


def _is_bad(severity: Severity, least: Severity) -> bool:
    ranks = list(Severity)
    return ranks.index(severity) <= ranks.index(least)


TASKS: dict[str, TaskFunction] = {"measure": measure, "report": report, "verdict": verdict}

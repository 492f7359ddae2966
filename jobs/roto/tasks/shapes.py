"""Shapes of mattes, an object a task, and the formats that other programs read, a format a task."""

from __future__ import annotations

from typing import Any

from ....pipeline.exports import find_export
from ....pipeline.files import read_file
from ....pipeline.roto.plate import PlateFacts
from ....schema.checks import MAX_DOCUMENT
from ....schema.errors import ReceiptMismatchError
from ....schema.media import Rate
from ....schema.shapes import RotoShapes, ShapesDocument
from ....schema.task import FileMade, OutputMade, TaskContext, Written
from ..params import RotoParams
from ..steps import SHAPES, export_of
from .plate import all_backends, facts_of
from .qc import NO_RATE, Mattes

COLOURS = ((1.0, 0.2, 0.2), (0.2, 0.8, 0.3), (0.3, 0.5, 1.0), (1.0, 0.8, 0.2), (0.8, 0.3, 0.9), (0.2, 0.9, 0.9))


def shapes(task: TaskContext[RotoParams]) -> Written:
    """Fit shapes to the mattes of these objects, counted from 1."""
    facts, mattes = facts_of(task), Mattes(task)
    outputs = [_shapes_of(task, number, facts, mattes) for number in task.frames]
    return Written(outputs=outputs, done=task.frames)


def _shapes_of(task: TaskContext[RotoParams], number: int, facts: PlateFacts, mattes: Mattes) -> OutputMade:
    from ....pipeline.shapes import FitOptions, ShapeReport, fit_shapes  # noqa: PLC0415 - heavy, and only here

    params = task.params
    one = params.objects[number - 1]
    said: list[ShapeReport] = []
    options = FitOptions(
        fit_px=params.fit_px,
        key_px=params.key_px,
        points_max=params.points_max,
        points_limit=max(params.points_max, FitOptions.points_limit),
        smooth_frames=params.smooth,
        holes=params.holes,
    )
    found = fit_shapes(
        facts.frames.frames,
        lambda frame: mattes.read(frame, one.name),
        options=options,
        progress=lambda share: task.progress(share, one.name),
        report=said.append,
    )
    made = RotoShapes(name=one.name, label=one.label, colour=COLOURS[(number - 1) % len(COLOURS)], shapes=found)
    path = f"{number:04d}.json"
    (task.staging / path).write_text(made.pretty(), encoding="utf-8")
    worst = max((report.worst_px for report in said), default=0.0)
    about = {"worst_px": round(worst, 4), "shapes": [_fact(report) for report in said]}
    return OutputMade(one.name, SHAPES, [FileMade(path, number)], facts=about)


def _fact(report: Any) -> dict[str, Any]:
    return {
        "name": report.name,
        "points": report.points,
        "keys": len(report.keys),
        "frames": report.fitted,
        "worst_px": round(report.worst_px, 4),
        "calmed_px": round(max(report.calmed_px.values(), default=0.0), 4),
    }


def export(task: TaskContext[RotoParams]) -> Written:
    """Write the shapes of all objects in these formats, counted from 1.

    Raises:
        ParamsError: a program cannot hold the shapes.
    """
    document = _document(task, facts_of(task))
    about = all_backends(task)
    outputs = []
    for number in task.frames:
        promised = task.step.outputs[number - 1]
        name = export_of(task.params, number)
        path = f"{task.params.product}.{promised.extension}"
        (task.staging / path).write_bytes(find_export(name).write(document))
        outputs.append(OutputMade(promised.product, promised.representation, [FileMade(path)], facts=about))
    return Written(outputs=outputs, done=task.frames)


def _document(task: TaskContext[RotoParams], facts: PlateFacts) -> ShapesDocument:
    found: dict[str, RotoShapes] = {}
    for output, folder in task.upstream_files(SHAPES):
        for file in output.files:
            made = RotoShapes.model_validate_json(read_file(folder / file.path, most=MAX_DOCUMENT))
            found[made.name] = made
    names = [one.name for one in task.params.objects]
    lost = [name for name in names if name not in found]
    if lost:
        raise ReceiptMismatchError(f"step {SHAPES!r} left no shapes of {lost[0]!r}; run it again", step=SHAPES)
    rate: Rate = facts.rate or NO_RATE
    return ShapesDocument(
        width=facts.width,
        height=facts.height,
        pixel_aspect=facts.pixel_aspect,
        data_window=facts.data_window,
        rate=rate,
        first=facts.frames.first,
        last=facts.frames.last,
        fit_px=task.params.fit_px,
        key_px=task.params.key_px,
        objects=tuple(found[name] for name in names),
    )

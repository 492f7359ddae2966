"""The work of LUT bakes."""

from __future__ import annotations

import re
from importlib.metadata import version

from ...pipeline.colour import Colour
from ...pipeline.colour_lut import INTERPOLATION, SEED
from ...pipeline.colour_tags import End, end_of, start_of
from ...pipeline.exports.nuke_lut import NukeLut, write_lut_nodes
from ...pipeline.exports.rv_lut import SUFFIX, RvLut, write_rv_script
from ...pipeline.files import write_whole
from ...schema.luts import LutFile, LutFormat, LutHost, LutReport
from ...schema.receipts import TOLD
from ...schema.task import FileMade, OutputMade, TaskContext, TaskFunction, Written
from .params import LutBakeParams
from .steps import NODES, REPORT, SCRIPT, maker

# What every release of Nuke reads, best first.
FOR_NUKE = (
    LutFormat.CSP,
    LutFormat.CUBE,
    LutFormat.SPI3D,
    LutFormat.SPI1D,
    LutFormat.RESOLVE_CUBE,
    LutFormat.ITX,
    LutFormat.HOUDINI_LUT,
    LutFormat.TRUELIGHT_CUB,
    LutFormat.FLAME_3DL,
    LutFormat.LUSTRE_3DL,
    LutFormat.CLF,
    LutFormat.CTF,
)


def bake(task: TaskContext[LutBakeParams]) -> Written:
    """Bake and measure each format, and write the report and what hosts need.

    Raises:
        ColourError: a format cannot hold the grade.
    """
    params, colour = task.params, task.tools.colour
    task.tools.grader(params.grade)  # refuses files of the config that are not what they were
    made, end = maker(params, colour), end_of(colour, params.grade)
    luts, outputs = [], []
    for done, form in enumerate(params.all_formats):
        task.progress(done / len(params.all_formats), form)
        name = f"{params.product}.{form.extension}"
        luts.append(made.write(task.staging / name, form, exact=params.exact))
        outputs.append(_output(params, form.value, name, end, {**_facts(luts[-1]), TOLD: [told(luts[-1])]}))
    report = _report(task, colour, end, luts)
    name = f"{params.product}.lut.json"
    write_whole(task.staging / name, report.pretty().encode())
    outputs.append(_output(params, REPORT, name, end, {"made_for": end.shown}))
    if LutHost.NUKE in params.hosts:
        name = f"{params.product}.nk"
        write_whole(task.staging / name, write_lut_nodes(_nuke(params, colour, end, luts)))
        outputs.append(_output(params, NODES, name, end, {"made_for": end.shown}))
    if LutHost.RV in params.hosts:
        name = f"{params.product}.{SUFFIX}"
        write_whole(task.staging / name, write_rv_script(_rv(params, colour, end, luts)))
        outputs.append(_output(params, SCRIPT, name, end, {"made_for": end.shown}))
    return Written(outputs=outputs, done=task.frames)


def told(lut: LutFile) -> str:
    """A LUT's error, for people."""
    what = "holds the transform itself" if lut.is_exact else f"{lut.size} {'points' if lut.curve else 'nodes an axis'}"
    shaper = "" if lut.shaper_size is None else f", {lut.shaper_size} points in its shaper"
    note = f"; {lut.note}" if lut.note else ""
    return f"{lut.format}: {what}{shaper}, worst error {lut.worst:.2g}, mean {lut.mean:.2g}{note}"


def _facts(lut: LutFile) -> dict[str, object]:
    return lut.model_dump(mode="json", exclude={"points"})


def _output(params: LutBakeParams, representation: str, name: str, end: End, facts: dict[str, object]) -> OutputMade:
    return OutputMade(
        product=params.product,
        representation=representation,
        files=[FileMade(name)],
        colourspace=end.space,
        facts=facts,
    )


def _report(task: TaskContext[LutBakeParams], colour: Colour, end: End, luts: list[LutFile]) -> LutReport:
    params = task.params
    shaper = colour.space(params.shaper_space) if params.shaper_space else ""
    source = start_of(colour, params.grade)
    return LutReport(
        config=colour.source,
        config_hash=task.job.colour_config_hash or colour.hash,
        grade=params.grade,
        made_for=end.shown,
        domain=f"0 to 1 in each channel of {shaper or source}" + (f", brought to {source}" if shaper else ""),
        shaper_space=shaper,
        interpolation=INTERPOLATION,
        seed=SEED,
        library=version("opencolorio"),
        luts=tuple(luts),
    )


def _nuke(params: LutBakeParams, colour: Colour, end: End, luts: list[LutFile]) -> NukeLut:
    chosen = min(luts, key=lambda one: FOR_NUKE.index(one.format))
    source = start_of(colour, params.grade)
    return NukeLut(
        name=re.sub(r"\W", "_", params.product, flags=re.ASCII),
        extension=chosen.extension,
        source=source,
        back="" if colour.is_display_referred(end.space) else end.space,
        notes=(
            f"{source} to {end.shown}; {told(chosen)}",
            "Open this script, or paste its nodes and choose the LUT beside it.",
            *(() if not colour.is_display_referred(end.space) else ("Its result is made for a display: view it raw.",)),
        ),
    )


def _rv(params: LutBakeParams, colour: Colour, end: End, luts: list[LutFile]) -> RvLut:
    chosen = next(one for one in luts if one.format is LutFormat.CSP)
    source = start_of(colour, params.grade)
    return RvLut(
        extension=chosen.extension,
        on_display=colour.is_display_referred(end.space),
        notes=(
            f"{source} to {end.shown}; {told(chosen)}",
            f"It is handed {source}: let RV bring the pixels there, or open files that are.",
            "Open plates in RV, then: rvpush py-exec \"import runpy; runpy.run_path('THIS FILE')\"",
        ),
    )


TASKS: dict[str, TaskFunction] = {"bake": bake}

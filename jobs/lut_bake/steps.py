"""LUT bakes: one step that bakes all formats, and the publish."""

from __future__ import annotations

from typing import Any

from ...schema.job import Needs, OutputSpec, Step, publish_step
from ...schema.luts import LutHost
from .params import LutBakeParams

REPORT = "report"
NODES = "nk"
SCRIPT = "rv"


def steps(params: LutBakeParams) -> list[Step]:
    """One step that bakes and measures, and one that publishes.

    Raises:
        ValueError: the colours come from nowhere or go nowhere, or the LUT belongs to nobody.
    """
    params.check_grade()
    if params.owner is None:
        raise ValueError("the LUT belongs to nobody; name a shot or an asset with --shot or --asset")
    outputs = [_output(params, one.value, one.extension) for one in params.all_formats]
    if LutHost.NUKE in params.hosts:
        outputs.append(_output(params, NODES, "nk"))
    if LutHost.RV in params.hosts:
        outputs.append(_output(params, SCRIPT, "rv.py"))
    outputs.append(_output(params, REPORT, "lut.json"))
    bake = Step(name="bake", task="bake", needs=Needs(cpu=1, memory_mib=1024), outputs=tuple(outputs))
    return [bake, publish_step(bake.name)]


def _output(params: LutBakeParams, representation: str, extension: str) -> OutputSpec:
    assert params.owner is not None  # noqa: S101 - for the type checker: the caller has looked
    return OutputSpec(
        product=params.product,
        entity=params.owner,
        name=params.product,
        kind="lut",
        representation=representation,
        extension=extension,
    )


def check(params: LutBakeParams, tools: Any) -> None:
    """Refuse what the bake would refuse, before it is submitted.

    Raises:
        ColourError: a name is not in the config, with the nearest three; a file of the way is missing; or a format
            cannot hold the grade.
    """
    made = maker(params, tools.colour)
    for form in params.all_formats:
        made.check(form, exact=params.exact)


def maker(params: LutBakeParams, colour: Any) -> Any:
    """What bakes the LUTs."""
    from ...pipeline.colour_lut import LutMaker, LutSize  # noqa: PLC0415 - heavy: OpenColorIO

    size = LutSize(cube=params.size, curve=params.curve_size, shaper=params.shaper_size)
    return LutMaker(colour, params.grade, shaper_space=params.shaper_space, size=size)

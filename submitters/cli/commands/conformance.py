"""``conformance``: whether every engine is sent the same job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ....schema.errors import EXIT_BAD_DATA
from ....schema.machine import ConformanceOut, ProbeOut, UntriedOut
from ....schema.names import counted
from ..output import json_option, print_json, print_table
from ..studio import studio

if TYPE_CHECKING:
    from ....farm_plugins.conformance import Probe, Untried

ENGINES = ("openjd", "opencue")


@click.command(
    "conformance",
    help="Compile every job type for every engine, read it back, and compare steps, order, frames, chunks, needs, argv "
    "and environment; nothing is sent. 'openjd' is what the local engine and Deadline Cloud run. Exit 65 when "
    "something differs.",
)
@click.option("--engine", type=click.Choice(ENGINES), help="only this one; default: all")
@json_option
@click.pass_context
def conformance_command(ctx: click.Context, engine: str | None, as_json: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Compare what engines are sent."""
    from ....farm_plugins.conformance import all_cases, conform

    settings = studio(ctx).settings
    found = all_cases(allowed=settings.job_types)
    probes = list(conform(found.cases, [engine] if engine else ENGINES, settings))
    return show_probes(probes, found.left_out, as_json=as_json)


def show_probes(probes: Sequence[Probe], left_out: Sequence[Untried], *, as_json: bool) -> int:
    """Print what was compared; the exit code."""
    different = [probe for probe in probes if probe.difference]
    code = EXIT_BAD_DATA if different else 0
    if as_json:
        print_json(
            ConformanceOut(
                ok=not different,
                probes=tuple(
                    ProbeOut(engine=one.engine, case=one.case, aspect=one.aspect, difference=one.difference)
                    for one in probes
                ),
                left_out=tuple(UntriedOut(job_type=one.job_type, reason=one.reason) for one in left_out),
            )
        )
        return code
    print_table(["ENGINE", "JOB", "PROBES", "RESULT"], _rows(probes), empty="nothing to compare")
    for one in left_out:
        print(f"left out: {one.job_type}: {one.reason}")
    what = f"{counted(len(different), 'difference')}" if different else "no differences"
    print(f"{counted(len(probes), 'probe')}, {what}")
    return code


def _rows(probes: Sequence[Probe]) -> list[list[str]]:
    jobs: dict[tuple[str, str], list[Probe]] = {}
    for probe in probes:
        jobs.setdefault((probe.engine, probe.case), []).append(probe)
    return [[engine, case, str(len(found)), _result(found)] for (engine, case), found in jobs.items()]


def _result(probes: Sequence[Probe]) -> str:
    if said := [f"{probe.aspect}: {probe.difference}" for probe in probes if probe.difference]:
        return "; ".join(said)
    return "refused, as it must be" if any(probe.aspect == "refused" for probe in probes) else "ok"

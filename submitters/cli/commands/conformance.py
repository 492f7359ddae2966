"""``conformance``: whether every engine is sent the same job, and does what it is sent."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ....schema.errors import EXIT_BAD_DATA
from ....schema.machine import ConformanceOut, LiveJobOut, ProbeOut, UntriedOut
from ....schema.names import counted
from ..output import json_option, print_json, print_table
from ..studio import studio

if TYPE_CHECKING:
    from ....farm_plugins.conformance import Probe, Untried
    from ....farm_plugins.live import LiveRun

ENGINES = ("openjd", "opencue")
EXIT_LATE = 124  # as of timeout(1)
LIVE_S = 600.0


@click.command(
    "conformance",
    help="Compile every job type for every engine, read it back, and compare steps, order, frames, chunks, needs, argv "
    "and environment; nothing is sent. 'openjd' is what the local engine and Deadline Cloud run. With --live, run "
    "small jobs for real, and compare what their own tasks tell of it; they publish nothing, and are removed "
    "afterwards. Exit 65 when something differs, 124 when a job did not end in time.",
)
@click.option("--engine", metavar="NAME", help="only this one; default: all, and with --live the setting 'engine'")
@click.option("--live", is_flag=True, help="run small jobs on the engine, as the settings say")
@click.option("--timeout", type=float, default=LIVE_S, show_default=True, help="seconds that the jobs may take")
@click.option("--keep", is_flag=True, help="leave what the jobs wrote, also when nothing differs")
@json_option
@click.pass_context
def conformance_command(
    ctx: click.Context, *, engine: str | None, live: bool, timeout: float, keep: bool, as_json: bool
) -> int:
    """Compare what engines are sent, or do."""
    from ....farm_plugins.conformance import all_cases, conform

    settings = studio(ctx).settings
    if live:
        from ....farm_plugins.live import run_live

        name = engine or settings.engine
        told = _quiet if as_json else _say
        return show_live(name, run_live(name, settings, timeout_s=timeout, keep=keep, tell=told), as_json=as_json)
    if engine and engine not in ENGINES:
        raise click.BadParameter(f"{engine!r} is not one of {', '.join(ENGINES)}; others with --live", ctx, None, "")
    found = all_cases(allowed=settings.job_types)
    probes = list(conform(found.cases, [engine] if engine else ENGINES, settings))
    return show_probes(probes, found.left_out, as_json=as_json)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _quiet(_line: str) -> None:
    """JSON is all that a program wants."""


def show_live(engine: str, run: LiveRun, *, as_json: bool) -> int:
    """Print what was run; the exit code."""
    different = [probe for probe in run.probes if probe.difference]
    code = EXIT_LATE if run.late else EXIT_BAD_DATA if different else 0
    if as_json:
        jobs = tuple(
            LiveJobOut(job=one.case, hosts=one.hosts, attempts=one.attempts, seconds=round(one.seconds, 1))
            for one in run.jobs
        )
        kept = str(run.kept) if run.kept else None
        print_json(ConformanceOut(ok=not different, probes=_probes_out(run.probes), live=jobs, kept=kept))
        return code
    rows = [
        [engine, job.case, str(job.attempts), f"{job.seconds:.0f} s", " ".join(job.hosts), *_told(job.probes)]
        for job in run.jobs
    ]
    print_table(["ENGINE", "JOB", "ATTEMPTS", "TIME", "HOSTS", "PROBES", "RESULT"], rows, empty="nothing ran")
    print(_summary(run.probes))
    print(f"kept: {run.kept}" if run.kept else "nothing is left of these jobs but on the farm's own list")
    return code


def show_probes(probes: Sequence[Probe], left_out: Sequence[Untried], *, as_json: bool) -> int:
    """Print what was compared; the exit code."""
    different = [probe for probe in probes if probe.difference]
    code = EXIT_BAD_DATA if different else 0
    if as_json:
        missing = tuple(UntriedOut(job_type=one.job_type, reason=one.reason) for one in left_out)
        print_json(ConformanceOut(ok=not different, probes=_probes_out(probes), left_out=missing))
        return code
    print_table(["ENGINE", "JOB", "PROBES", "RESULT"], _rows(probes), empty="nothing to compare")
    for one in left_out:
        print(f"left out: {one.job_type}: {one.reason}")
    print(_summary(probes))
    return code


def _probes_out(probes: Sequence[Probe]) -> tuple[ProbeOut, ...]:
    return tuple(
        ProbeOut(engine=one.engine, case=one.case, aspect=one.aspect, difference=one.difference) for one in probes
    )


def _summary(probes: Sequence[Probe]) -> str:
    different = sum(bool(probe.difference) for probe in probes)
    return f"{counted(len(probes), 'probe')}, {counted(different, 'difference') if different else 'no differences'}"


def _rows(probes: Sequence[Probe]) -> list[list[str]]:
    jobs: dict[tuple[str, str], list[Probe]] = {}
    for probe in probes:
        jobs.setdefault((probe.engine, probe.case), []).append(probe)
    return [[engine, case, *_told(found)] for (engine, case), found in jobs.items()]


def _told(probes: Sequence[Probe]) -> list[str]:
    return [str(len(probes)), _result(probes)]


def _result(probes: Sequence[Probe]) -> str:
    if said := [f"{probe.aspect}: {probe.difference}" for probe in probes if probe.difference]:
        return "; ".join(said)
    return "refused, as it must be" if any(probe.aspect == "refused" for probe in probes) else "ok"

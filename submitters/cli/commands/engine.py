"""``engine`` and ``task``: what runs jobs."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....schema.names import counted, plain_text
from ..output import age, json_option, print_json, print_table
from ..studio import studio

if TYPE_CHECKING:
    from ....farm_plugins.opencue.host import Gpus
    from ....pipeline.settings import Settings


@click.group("engine", help="Run, show or stop the local engine.")
def engine_command() -> None:
    """The local engine."""


@engine_command.command("run", help="Run an engine in this terminal until Ctrl-C; several may share one database.")
@click.option("--idle", type=float, help="end after this many seconds without work; default: never")
@click.pass_context
def run(ctx: click.Context, idle: float | None) -> None:
    """Run an engine here."""
    import logging

    from ....farm_plugins.local.engine import settings_environment
    from ....farm_plugins.local.process import keep_allowed_environment, serve

    settings = studio(ctx).settings
    keep_allowed_environment()  # what is not allowed must not reach a task
    os.environ.update(settings_environment(settings))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    print("engine running; Ctrl-C ends it, and what it was doing is taken over by the next one", file=sys.stderr)
    serve(settings, idle_s=idle)


@engine_command.command("status", help="List engines.")
@json_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """List engines."""
    from ....pipeline.store.engines import engines
    from ....schema.output import EngineOut, EnginesOut

    found = engines(studio(ctx).database)
    if as_json:
        listed = tuple(
            EngineOut(host=one.host, pid=one.pid, alive=one.is_alive, slots=one.slots, started=one.started)
            for one in found
        )
        print_json(EnginesOut(engines=listed))
        return
    rows = [[one.host, str(one.pid), "yes" if one.is_alive else "gone", age(one.started)] for one in found]
    print_table(["HOST", "PID", "ALIVE", "AGE"], rows, empty="no engine runs; the next submit starts one")


@engine_command.command("stop", help="Stop the engines of this machine; their work goes back to the queue.")
@click.pass_context
def stop(ctx: click.Context) -> None:
    """Stop engines."""
    from ....pipeline.store.engines import live_engines

    found = live_engines(studio(ctx).database)
    for one in found:
        os.kill(one.pid, signal.SIGTERM)
    print(f"stopping {counted(len(found), 'engine')}" if found else "no engine runs on this machine")


@click.command("task", help="Run one task of a bundle: the argv of every task on every engine.")
@click.option("--bundle", required=True, type=click.Path(), help="folder of template.json and job.json")
@click.option("--step", required=True, help="name of the step")
@click.option("--frames", required=True, help="frames of the task, such as 1-10")
@click.option(
    "--attempt", default=0, envvar="SHOTMILL_ATTEMPT_NUMBER", help="number of the attempt; else it is counted"
)
@click.pass_context
def task_command(ctx: click.Context, bundle: str, step: str, frames: str, attempt: int) -> int:
    """Run one task, speaking OpenJD's lines on standard output."""
    from ....farm_plugins.opencue.host import on_host

    cue = on_host(os.environ)
    if cue and (code := _watched(bundle, step, frames)) is not None:
        return code
    gpus = _cue_gpus(studio(ctx).settings, bundle, step) if cue else None
    from ....farm_plugins.task import Host, TaskRequest, next_attempt, run_task
    from ....farm_plugins.task.children import end_unheard
    from ....farm_plugins.task.progress import Teller
    from ....schema.errors import TaskCancelledError
    from ....schema.frames import FrameSet

    local = "SHOTMILL_ATTEMPT" in os.environ  # a farm wants to see what a task prints; here its log is the place
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as farm:
        if local:
            end_unheard(farm.fileno())

        def tell(fraction: float, message: str) -> None:
            print(openjd_line("progress", f"{fraction * 100:.1f}"), file=farm, flush=True)
            if message:
                print(openjd_line("status", message), file=farm, flush=True)

        teller = Teller(tell)

        def cancel(_number: int, _frame: object) -> None:
            teller.cancelled = True
            raise TaskCancelledError("the task was told to end")

        signal.signal(signal.SIGTERM, cancel)
        number = attempt or next_attempt(Path(bundle), step, FrameSet.parse(frames))
        request = TaskRequest(Path(bundle), step, FrameSet.parse(frames), number)
        host = Host(report=teller.say, prints=local or cue, records=not local)  # OpenCue loses what is printed
        ended = run_task(request, studio(ctx).settings, host=host)
        teller.end()
        said = openjd_line("fail", ended.failure) if ended.failure else openjd_line("status", ended.message)
        print(said, file=farm, flush=True)
    if gpus is not None:
        gpus.close()
    return ended.exit_code


def _watched(bundle: str, step: str, frames: str) -> int | None:
    """The exit code of a frame of OpenCue's; None in the process that does the work."""
    from datetime import UTC, datetime

    from ....farm_plugins.opencue.host import code_of, record_killed, watch

    started = datetime.now(UTC)
    ended = watch(lambda line: print(line, flush=True))
    if ended is not None and ended < 0:
        line = record_killed(Path(bundle), step, frames, number=-ended, started=started)
        print(openjd_line("fail", line), flush=True)
    return None if ended is None else code_of(ended)


def _cue_gpus(settings: Settings, bundle: str, step: str) -> Gpus:
    """Let this process see the GPUs of its frame and no others."""
    from ....farm_plugins.opencue.host import DEVICES, gpus_of
    from ....pipeline.folders import JobFolder

    found = gpus_of(os.environ, settings, lambda: JobFolder.of_bundle(Path(bundle)).read_spec().step(step).needs.gpu)
    os.environ[DEVICES] = found.visible
    return found


def openjd_line(word: str, text: str) -> str:
    """One line that OpenJD reads; whatever a task says stays one, since a second could be a command of its own."""
    return f"openjd_{word}: {' '.join(plain_text(text).splitlines())}"

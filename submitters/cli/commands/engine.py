"""``engine``: what runs jobs on this machine."""

from __future__ import annotations

import os
import signal
import sys

import click

from ....schema.names import counted
from ..output import age, json_option, print_json, print_table
from ..studio import studio


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
    from ....schema.machine import EngineOut, EnginesOut

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

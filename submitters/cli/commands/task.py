"""``task``: what every engine runs on its hosts."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....schema.names import plain_text
from ..studio import studio

if TYPE_CHECKING:
    from ....farm_plugins.opencue.host import Gpus
    from ....farm_plugins.task import Attempted, TaskRequest
    from ....farm_plugins.task.attempted import Report
    from ....pipeline.settings import Settings


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
    from ....farm_plugins.task import TaskRequest, next_attempt
    from ....farm_plugins.task.children import end_unheard
    from ....farm_plugins.task.progress import Teller
    from ....schema.errors import TaskCancelledError
    from ....schema.frames import FrameSet

    local = "SHOTMILL_ATTEMPT" in os.environ
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
        ended = _attempted(request, studio(ctx).settings, teller.say, local=local, cue=cue)
        teller.end()
        said = openjd_line("fail", ended.failure) if ended.failure else openjd_line("status", ended.message)
        print(said, file=farm, flush=True)
    if gpus is not None:
        gpus.close()
    return ended.exit_code


def _attempted(request: TaskRequest, settings: Settings, report: Report, *, local: bool, cue: bool) -> Attempted:
    """The end of the task: done by a keeper that has its model, where there may be one, else here."""
    from ....farm_plugins.keeper.ask import Asking, attempt_kept, model_of
    from ....farm_plugins.keeper.place import KEEPER
    from ....farm_plugins.task import Host, run_task
    from ....schema.errors import MachineError

    shown = not local and not cue  # RQD loses what is printed, and Deadline Cloud's agent does now and then
    if (cue or KEEPER in os.environ) and (model := model_of(request.bundle, request.step)):
        asking = Asking(request, model, settings, shown=shown, records=not local, report=report)
        try:
            ended = attempt_kept(asking, os.environ, on_host=cue)
        except MachineError as error:
            print(f"shotmill: no keeper, so this task loads the model for itself: {error.message}", flush=True)
        else:
            if ended is not None:
                return ended
    return run_task(request, settings, host=Host(report=report, prints=True, shown=shown, records=not local))


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
    """Let this process see the GPUs of its frame and no others; keepers that only hold their memory leave."""
    from ....farm_plugins.keeper.ask import make_room, model_of
    from ....farm_plugins.opencue.host import DEVICES, gpus_of
    from ....pipeline.folders import JobFolder

    found = gpus_of(os.environ, settings, lambda: JobFolder.of_bundle(Path(bundle)).read_spec().step(step).needs.gpu)
    os.environ[DEVICES] = found.visible
    if found.visible:
        make_room(found.visible, but=model_of(Path(bundle), step))
    return found


def openjd_line(word: str, text: str) -> str:
    """One line that OpenJD reads; whatever a task says stays one, since a second could be a command of its own."""
    return f"openjd_{word}: {' '.join(plain_text(text).splitlines())}"

"""Live progress of a job: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...pipeline.store.jobs import JobRow, StepRow

Show = Callable[["JobRow", "list[StepRow]"], None]


@contextmanager
def display(*, quiet: bool) -> Iterator[Show]:
    """A function that shows where a job stands, each time it is called."""
    if quiet:
        yield lambda _job, _steps: None
    elif sys.stdout.isatty():
        with _bars() as show:
            yield show
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[Show]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("[bold]{task.description:<14}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as progress:
        bars = {}

        def show(_job: JobRow, steps: list[StepRow]) -> None:
            for step in steps:
                if step.name not in bars:
                    bars[step.name] = progress.add_task(step.name, total=step.tasks, state="")
                progress.update(bars[step.name], completed=step.done, total=step.tasks, state=step.state.value)

        yield show


def _lines() -> Show:
    last = ""

    def show(job: JobRow, steps: list[StepRow]) -> None:
        nonlocal last
        parts = [
            f"{step.name} {step.done}/{step.tasks}" + (f" ({step.failed} failed)" * bool(step.failed)) for step in steps
        ]
        line = f"{job.handle} {job.state}: {'  '.join(parts)}"
        if line != last:
            print(line, flush=True)
            last = line

    return show

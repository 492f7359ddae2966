"""``jobs status tasks wait watch logs failures``: looking at jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from ....schema.errors import BadRequestError, NotFoundError
from ....schema.output import (
    FailureOut,
    FailuresOut,
    JobsOut,
    TaskOut,
    TasksOut,
)
from ....schema.states import State
from ...documents import job_out, status_out
from ..follow import follow
from ..output import age, json_option, listed, print_json, print_table
from ..studio import Studio, job_argument, studio
from ..verdicts import MENDS, verdict_of

if TYPE_CHECKING:
    from ....pipeline.store.jobs import JobRow, TaskRow


@click.command("jobs", help="List jobs, newest first.")
@click.option("--mine", is_flag=True, help="only those of this user")
@click.option(
    "--state", "states", multiple=True, type=click.Choice([one.value for one in State]), help="only these states"
)
@click.option("--project", help="only this project")
@click.option("--limit", type=click.IntRange(min=1), default=30, show_default=True, help="how many at most")
@json_option
@click.pass_context
def jobs_command(
    ctx: click.Context,
    mine: bool,  # noqa: FBT001 - click passes flags by name
    states: tuple[str, ...],
    project: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001 - same
) -> None:
    """List jobs."""
    from ....pipeline.store.jobs import list_jobs

    where = studio(ctx)
    user = where.settings.login if mine else None
    found = list_jobs(where.database, user=user, states=[State(s) for s in states], project=project, limit=limit)
    if as_json:
        print_json(JobsOut(jobs=tuple(job_out(job) for job in found)))
        return
    rows = [[job.handle, job.state.value, job.type, job.name, job.user, age(job.created)] for job in found]
    empty = "no such jobs" if mine or states or project else "no jobs yet; try: shotmill demo"
    print_table(["JOB", "STATE", "TYPE", "NAME", "USER", "AGE"], rows, empty=empty)


@click.command("status", help="Show where a job stands, and what to type next; without JOB, your newest.")
@job_argument
@json_option
@click.pass_context
def status_command(ctx: click.Context, job: str, as_json: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Show one job."""
    where = studio(ctx)
    show_status(where, where.job(job), as_json=as_json)


def show_status(where: Studio, found: JobRow, *, as_json: bool) -> None:
    """Print where a job stands."""
    from ....pipeline.store.jobs import steps_of, tasks_of

    steps = steps_of(where.database, found.id)
    verdict, following = verdict_of(found, steps)
    if as_json:
        print_json(status_out(where, found))
        return
    print(verdict)
    rows = [
        [step.name, step.state.value, f"{step.done}/{step.tasks}", str(step.running), str(step.failed)]
        for step in steps
    ]
    print_table(["STEP", "STATE", "DONE", "RUNNING", "FAILED"], rows, empty="no steps")
    if any(step.running for step in steps):
        going = [task for task in tasks_of(where.database, found.id) if task.state is State.RUNNING]
        print(f"runs on: {listed(sorted({task.host for task in going if task.host})) or 'not told yet'}")
    print(f"next: {following}")


@click.command("tasks", help="List a job's tasks; without JOB, of your newest.")
@job_argument
@click.option(
    "--state", "states", multiple=True, type=click.Choice([one.value for one in State]), help="only these states"
)
@json_option
@click.pass_context
def tasks_command(ctx: click.Context, job: str, states: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001 - click
    """List tasks."""
    from ....pipeline.store.jobs import tasks_of

    where = studio(ctx)
    found = where.job(job)
    tasks = [task for task in tasks_of(where.database, found.id) if not states or task.state in states]
    if as_json:
        print_json(TasksOut(job=found.handle, tasks=tuple(task_out(task) for task in tasks)))
        return
    rows = [
        [
            task.step,
            task.frames,
            task.state.value,
            str(task.attempts),
            task.host or "-",
            task.failure or task.message or "",
        ]
        for task in tasks
    ]
    print_table(["STEP", "FRAMES", "STATE", "TRIES", "HOST", "SAYS"], rows, empty="no such tasks")


def task_out(task: TaskRow) -> TaskOut:
    """A task as JSON shows it."""
    return TaskOut(
        id=str(task.id),
        step=task.step,
        frames=task.frames,
        state=task.state,
        attempts=task.attempts,
        host=task.host,
        progress=task.progress,
        message=task.message,
        failure_code=task.failure_code,
        failure=task.failure,
    )


@click.command(
    "wait", help="Wait for a job; exit 0 when it succeeded, 124 when the time is up, else as explain exit-codes tells."
)
@job_argument
@click.option("--timeout", type=click.FloatRange(min=0), help="seconds to wait at most; default: until the job ends")
@json_option
@click.pass_context
def wait_command(ctx: click.Context, job: str, timeout: float | None, as_json: bool) -> int:  # noqa: FBT001 - click
    """Wait without a display."""
    where = studio(ctx)
    found = where.job(job)
    code = follow(where, found.id, quiet=True, timeout_s=timeout)
    show_status(where, where.job(found.handle), as_json=as_json)
    return code


@click.command("watch", help="Follow a job, or your newest, with live progress; Ctrl-C leaves the job running.")
@job_argument
@click.pass_context
def watch_command(ctx: click.Context, job: str) -> int:
    """Follow one job."""
    where = studio(ctx)
    return follow(where, where.job(job).id)


@click.command(
    "logs", help="Print the log of a task; without --step, of the first that failed, else that runs, else the last."
)
@job_argument
@click.option("--step", help="name of the step")
@click.option("--frames", help="frames of the task, as 'tasks' lists them; one of them is enough")
@click.option("--attempt", type=int, help="which attempt; default: the last")
@click.pass_context
def logs_command(ctx: click.Context, job: str, step: str | None, frames: str | None, attempt: int | None) -> None:
    """Print one log, and where it lies."""
    from ....pipeline.store.jobs import tasks_of

    where = studio(ctx)
    found = where.job(job)
    tasks = [task for task in tasks_of(where.database, found.id) if matches(task, step, frames)]
    if not tasks:
        raise NotFoundError(f"{found.handle} has no such task", hint=f"shotmill tasks {found.handle}")
    chosen = most_telling(tasks)
    if not chosen.attempts:
        which = "no task of it has begun" if chosen is tasks[-1] else f"{chosen.step} {chosen.frames} has not begun"
        raise NotFoundError(f"{found.handle}: {which}", hint=f"shotmill watch {found.handle}")
    text = where.engine(found.engine).logs(found.id, step=chosen.step, frames=chosen.frames, attempt=attempt)
    place = f", {found.folder}/{chosen.log}" if chosen.log else ""
    which = place if attempt is None else f", attempt {attempt}"
    print(f"# {found.handle} {chosen.step} {chosen.frames}{which}")
    print(text, end="")


def most_telling(tasks: Sequence[TaskRow]) -> TaskRow:
    """The first task that failed, else the first that runs, else the last that ran, else the last."""
    by_state = [task for state in (State.FAILED, State.RUNNING) for task in tasks if task.state is state]
    begun = [task for task in reversed(tasks) if task.attempts]
    return next(iter([*by_state, *begun, tasks[-1]]))


def matches(task: TaskRow, step: str | None, frames: str | None) -> bool:
    """Whether a task is one of those that somebody asks for, by its step and some of its frames."""
    if step and task.step != step:
        return False
    if not frames or task.frames == frames:
        return True
    from ....schema.frames import FrameSet

    wanted = FrameSet.parse(frames)
    return not wanted.minus(FrameSet.parse(task.frames))


@click.command("failures", help="Group failures by cause, host and job type; what a retry mended is left out.")
@click.option("--since", default="24h", show_default=True, help="how far back: 30min, 2h, 7d")
@click.option("--all", "everything", is_flag=True, help="also what a later attempt mended")
@json_option
@click.pass_context
def failures_command(ctx: click.Context, since: str, everything: bool, as_json: bool) -> None:  # noqa: FBT001 - click
    """Group failures."""
    from ....pipeline.store.jobs import failures_since

    moment = datetime.now(UTC) - parse_duration(since)
    groups = failures_since(studio(ctx).database, moment, mended=everything)
    if as_json:
        print_json(
            FailuresOut(
                since=moment,
                groups=tuple(FailureOut(**vars(group), hint=MENDS.get(group.code, "")) for group in groups),
            )
        )
        return
    rows = [
        [group.code, group.type, group.host, str(group.count), listed(group.jobs), MENDS.get(group.code, "")]
        for group in groups
    ]
    print_table(["CODE", "TYPE", "HOST", "TRIES", "JOBS", "WHAT TO DO"], rows, empty=f"no failures in the last {since}")
    for group in groups:
        print(f"{group.code} last: {group.example}")


def parse_duration(text: str) -> timedelta:
    """``90s``, ``30min``, ``2h``, ``7d``.

    Raises:
        BadRequestError: it is none of these.
    """
    for suffix, unit in (("min", "minutes"), ("s", "seconds"), ("h", "hours"), ("d", "days")):
        number = text.removesuffix(suffix)
        if number != text and number.isdecimal() and len(number) < 7:  # noqa: PLR2004 - timedelta's own limit is near
            return timedelta(**{unit: int(number)})
    raise BadRequestError(f"{text!r} is no duration; write 90s, 30min, 2h or 7d", field="since")

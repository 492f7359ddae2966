"""``cancel``, ``retry`` and ``reconcile``: changing what jobs do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ....schema.errors import BadRequestError, EngineUnreachableError, error_kinds
from ....schema.names import counted
from ....schema.output import ReconciledOut, ReconcileOut, RetryOut
from ....schema.states import State
from ..output import json_option, print_json, print_table, said
from ..studio import studio

if TYPE_CHECKING:
    from ....pipeline.store.jobs import JobRow
    from ..studio import Studio


@click.command("cancel", help="End a job: what waits now, what runs within its grace period.")
@click.argument("job")
@click.pass_context
def cancel_command(ctx: click.Context, job: str) -> None:
    """End a job."""
    where = studio(ctx)
    found = where.job(job)
    if found.state.is_final:
        print(f"{found.handle} is {found.state} already; nothing to do")
        return
    where.engine(found.engine).cancel(found.id)
    where.record("cancel", found.handle, was=found.state)
    print(f"cancelling {found.handle}; what runs has {where.settings.grace_s:g} s to end")


@click.command("retry", help="Run failed, cancelled and blocked tasks again, and those whose files are gone.")
@click.argument("job")
@click.option("--only", metavar="CODE", help="only tasks that failed with this code, such as E313")
@click.option("--exclude-host", metavar="HOST", default="", help="a host that shall not run them again")
@click.option("--dry-run", is_flag=True, help="say what would be run, and do nothing")
@json_option
@click.pass_context
def retry_command(ctx: click.Context, /, **given: Any) -> None:
    """Run failures again."""
    if given["only"] and given["only"].upper() not in error_kinds():
        raise BadRequestError(f"there is no error code {given['only']!r}", hint="shotmill explain codes")
    where = studio(ctx)
    found = where.job(given["job"])
    told: list[str] = []
    say = told.append if given["as_json"] else said
    only = given["only"].upper() if given["only"] else None
    done = _retry(where, found, say, only=only, exclude_host=given["exclude_host"], dry_run=given["dry_run"])
    if given["as_json"]:
        print_json(RetryOut(job=found.handle, dry_run=given["dry_run"], text="\n".join(told), **done))


def _retry(
    where: Studio, found: JobRow, say: Callable[[str], None], *, only: str | None, exclude_host: str, dry_run: bool
) -> dict[str, Any]:
    """Do it, telling each thing before it is done; what was done, for programs."""
    from ....farm_plugins.again import tasks_to_retry, why_anew
    from ....pipeline.store.jobs import tasks_of

    again = tasks_to_retry(where.database, found, only=only)
    ids = {task.id for task in again}
    kept = sum(task.state is State.SUCCEEDED and task.id not in ids for task in tasks_of(where.database, found.id))
    done: dict[str, Any] = {"steps": {}, "kept": kept}
    if not again:
        say(_why_nothing(where, found, only))
    elif reason := why_anew(where.database, found):
        done |= {"anew": reason, "submitted": _submit_anew(where, found, reason, say, dry_run=dry_run)}
    else:
        done["steps"] = dict(Counter(task.step for task in again))
        off = f", not on {exclude_host}" if exclude_host else ""
        say(f"{counted(len(again), 'task')} to run again{off}, outputs of {kept} kept")
        if not dry_run:
            ids_again = [str(task.id) for task in again]
            count = where.engine(found.engine).retry(found.id, tasks=ids_again, exclude_host=exclude_host)
            where.record("retry", found.handle, tasks=count, only=only, exclude_host=exclude_host)
            say(f"queued {counted(count, 'task')} of {found.handle}; follow it with: shotmill watch {found.handle}")
    return done


def _why_nothing(where: Studio, found: JobRow, only: str | None) -> str:
    from ....pipeline.store.catalog import versions_of_job

    published = versions_of_job(where.database, found.id)
    if published:
        at = f"{published[0].published:%Y-%m-%d %H:%M} UTC"
        return f"{found.handle}: {published[0].address} was published at {at}; nothing to do"
    which = f"that failed with {only}" if only else "to run again"
    return f"{found.handle} is {found.state}: no task {which}; nothing to do"


def _submit_anew(where: Studio, found: JobRow, reason: str, say: Callable[[str], None], *, dry_run: bool) -> str:
    from ....farm_plugins.again import submit_anew

    say(f"{found.handle} cannot go on: {reason}")
    if dry_run:
        say("it would be submitted again, as a new job")
        return ""
    made = submit_anew(where.database, found, settings=where.settings, engine=where.engine(found.engine))
    handle = made.job.handle
    say(f"submitted again as {handle}: {counted(made.tasks, 'task')}; follow it with: shotmill watch {handle}")
    return handle


@click.command("reconcile", help="Bring jobs in line with their farms: all that are open, or those that are named.")
@click.argument("jobs", nargs=-1)
@json_option
@click.pass_context
def reconcile_command(ctx: click.Context, jobs: tuple[str, ...], as_json: bool) -> int:  # noqa: FBT001 - click
    """Look at farms, and send what was kept for them."""
    from ....farm_plugins.reconciling import reconcile
    from ....pipeline.store.farmed import open_farm_jobs
    from ....pipeline.store.jobs import find_job, job_by_id
    from ....schema.ids import JobId

    where = studio(ctx)
    where.fetches = True
    named = [find_job(where.database, text) for text in jobs]
    asked = named or [job_by_id(where.database, JobId(job_id)) for job_id in open_farm_jobs(where.database)]
    found = reconcile(where.database, asked, where.engine_of)
    rows = [
        ReconciledOut(
            job=one.job.handle,
            engine=one.job.engine,
            state=job_by_id(where.database, JobId(one.job.id)).state,
            tasks=one.tasks,
            sent=one.sent,
            problem=one.problem,
        )
        for one in found
    ]
    if as_json:
        print_json(ReconcileOut(jobs=tuple(rows)))
    else:
        table = [[row.job, row.engine, row.state, str(row.tasks), row.problem or "sent" * row.sent] for row in rows]
        print_table(["JOB", "ENGINE", "STATE", "CHANGED", "NOTE"], table, empty="no job is open on a farm")
    return EngineUnreachableError.exit_code if any(row.problem for row in rows) else 0

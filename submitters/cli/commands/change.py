"""``cancel``, ``retry`` and ``reconcile``: changing what jobs do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ....schema.errors import BadRequestError, EngineUnreachableError, error_kinds
from ....schema.output import ReconciledOut, ReconcileOut
from ...asking import cancel_job, retry_job
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
    if not cancel_job(where, found):
        print(f"{found.handle} is {found.state} already; nothing to do")
        return
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
    only = given["only"].upper() if given["only"] else None
    say = None if given["as_json"] else said
    done = retry_job(where, found, say, only=only, exclude_host=given["exclude_host"], dry_run=given["dry_run"])
    if given["as_json"]:
        print_json(done)


@click.command("reconcile", help="Bring jobs in line with their farms: all that are open, or those that are named.")
@click.argument("jobs", nargs=-1)
@json_option
@click.pass_context
def reconcile_command(ctx: click.Context, jobs: tuple[str, ...], as_json: bool) -> int:  # noqa: FBT001 - click
    """Look at farms, and send what was kept for them."""
    from ....pipeline.store.farmed import open_farm_jobs
    from ....pipeline.store.jobs import find_job, job_by_id
    from ....schema.ids import JobId

    where = studio(ctx)
    where.fetches = True
    named = [find_job(where.database, text) for text in jobs]
    rows = reconciled(
        where, named or [job_by_id(where.database, JobId(job_id)) for job_id in open_farm_jobs(where.database)]
    )
    if as_json:
        print_json(ReconcileOut(jobs=rows))
    else:
        table = [[row.job, row.engine, row.state, str(row.tasks), row.problem or "sent" * row.sent] for row in rows]
        print_table(["JOB", "ENGINE", "STATE", "CHANGED", "NOTE"], table, empty="no job is open on a farm")
    return EngineUnreachableError.exit_code if any(row.problem for row in rows) else 0


def reconciled(where: Studio, jobs: Sequence[JobRow]) -> tuple[ReconciledOut, ...]:
    """Bring jobs in line with their farms; what was found of each."""
    from ....farm_plugins.reconciling import reconcile
    from ....pipeline.store.jobs import job_by_id
    from ....schema.ids import JobId

    return tuple(
        ReconciledOut(
            job=one.job.handle,
            engine=one.job.engine,
            state=job_by_id(where.database, JobId(one.job.id)).state,
            tasks=one.tasks,
            sent=one.sent,
            problem=one.problem,
        )
        for one in reconcile(where.database, jobs, where.engine_of)
    )

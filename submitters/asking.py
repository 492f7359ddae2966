"""What commands, hosts and the board do alike with jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..schema.errors import NotFoundError
from ..schema.names import counted
from ..schema.states import State

if TYPE_CHECKING:
    import uuid

    from ..farm_plugins.submission import SubmitRequest, Submitted
    from ..pipeline.store import Database
    from ..pipeline.store.jobs import JobRow
    from ..schema.output import RetryOut
    from .studio import Studio


def asks_database(request: SubmitRequest) -> bool:
    """Whether only the database knows what is asked for."""
    return bool(request.cut or request.params.get("refine"))


def cut_database(where: Studio, request: SubmitRequest) -> Database | None:
    """The database that knows a cut, or what is said of a shot's colour; looking for one makes none."""
    asks = asks_database(request)
    found = where.said_database if asks or _has_shot_colour(where, request) else None
    if asks and found is None:
        what = f"cut {request.cut!r}" if request.cut else f"version {request.params['refine']!r}"
        raise NotFoundError(f"there is no {what}: there is no database yet", hint="shotmill ingest")
    return found


def _has_shot_colour(where: Studio, request: SubmitRequest) -> bool:
    from ..jobs import find_job_type

    return find_job_type(request.job_type, allowed=where.settings.job_types).grades is not None


def cancel_job(where: Studio, found: JobRow) -> bool:
    """End a job, and write down who did; returns whether it had not ended before."""
    if found.state.is_final:
        return False
    where.engine(found.engine).cancel(found.id)
    where.record("cancel", found.handle, was=found.state)
    return True


def versions_of(where: Studio, job_id: uuid.UUID) -> list[str]:
    """Addresses of what a job published."""
    from ..pipeline.store.catalog import versions_of_job

    return [version.address for version in versions_of_job(where.database, job_id)]


def gone_of(where: Studio, made: Submitted) -> list[str]:
    """Versions that the job published before, and whose files are gone since."""
    if made.is_new or not made.job.state.is_final:
        return []
    from ..pipeline.store.catalog import versions_of_job

    return [row.address for row in versions_of_job(where.database, made.job.id) if where.is_gone(row)]


def retry_job(
    where: Studio,
    found: JobRow,
    say: Callable[[str], None] | None = None,
    *,
    only: str | None = None,
    exclude_host: str = "",
    dry_run: bool = False,
) -> RetryOut:
    """Run what failed again, telling each thing before it is done.

    Args:
        where: the studio.
        found: the job.
        say: is told, a line at a time.
        only: only tasks that failed with this code.
        exclude_host: a host that shall not run them again.
        dry_run: do nothing.
    """
    from ..schema.output import RetryOut  # heavy: a submit does without

    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        if say is not None:
            say(line)

    done = _retried(where, found, tell, only=only, exclude_host=exclude_host, dry_run=dry_run)
    return RetryOut(job=found.handle, dry_run=dry_run, text="\n".join(told), **done)


def _retried(
    where: Studio, found: JobRow, say: Callable[[str], None], *, only: str | None, exclude_host: str, dry_run: bool
) -> dict[str, Any]:
    from ..farm_plugins.again import tasks_to_retry, why_anew
    from ..pipeline.store.jobs import tasks_of

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
    from ..pipeline.store.catalog import versions_of_job

    published = versions_of_job(where.database, found.id)
    if published:
        at = f"{published[0].published:%Y-%m-%d %H:%M} UTC"
        return f"{found.handle}: {published[0].address} was published at {at}; nothing to do"
    which = f"that failed with {only}" if only else "to run again"
    return f"{found.handle} is {found.state}: no task {which}; nothing to do"


def _submit_anew(where: Studio, found: JobRow, reason: str, say: Callable[[str], None], *, dry_run: bool) -> str:
    from ..farm_plugins.again import submit_anew

    say(f"{found.handle} cannot go on: {reason}")
    if dry_run:
        say("it would be submitted again, as a new job")
        return ""
    made = submit_anew(where.database, found, settings=where.settings, engine=where.engine(found.engine))
    handle = made.job.handle
    say(f"submitted again as {handle}: {counted(made.tasks, 'task')}; follow it with: shotmill watch {handle}")
    return handle

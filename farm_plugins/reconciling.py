"""All jobs on farms brought in line with what became of them, and those sent that waited for a farm to come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..pipeline.folders import JobFolder
from ..pipeline.store.farmed import is_cancelling, is_kept, store_problem
from ..pipeline.store.jobs import job_spec
from ..schema.errors import EngineError, ShotmillError, StorageError
from .bundle import write_bundle
from .farm_engine import FarmEngine

if TYPE_CHECKING:
    from ..pipeline.store import Database
    from ..pipeline.store.jobs import JobRow
    from .engine import Engine


@dataclass(frozen=True)
class Reconciled:
    """What became of one job.

    Attributes:
        tasks: how many of them changed.
        sent: whether it was handed to its farm just now.
        problem: why nothing is known; empty: it is.
    """

    job: JobRow
    tasks: int = 0
    sent: bool = False
    problem: str = ""


def reconcile(database: Database, jobs: Iterable[JobRow], engine_of: Callable[[str], Engine]) -> list[Reconciled]:
    """Bring jobs in line with their farms; one that cannot be reached leaves the others alone.

    Args:
        database: where they lie.
        jobs: some; those of other engines than farms are left out.
        engine_of: the engine of a name.
    """
    return [found for job in jobs if (found := _reconciled(database, job, engine_of)) is not None]


def _reconciled(database: Database, job: JobRow, engine_of: Callable[[str], Engine]) -> Reconciled | None:
    try:
        engine = engine_of(job.engine)
        if not isinstance(engine, FarmEngine):
            return None
        if job.engine_job_id is not None:
            return Reconciled(job, tasks=engine.reconcile(job.id, at_once=True))
        return _send(database, job, engine) if is_kept(database, job.id) and not job.state.is_final else None
    except (EngineError, StorageError) as error:
        return Reconciled(job, problem=error.message)


def _send(database: Database, job: JobRow, engine: FarmEngine) -> Reconciled:
    """Hand over a job that was kept until its farm answers; what the farm refuses stays, and is told."""
    spec = job_spec(database, job.id)
    try:
        engine.check(spec)
        sent = engine.submit(spec, write_bundle(spec, JobFolder(Path(job.folder))))
    except ShotmillError as error:
        store_problem(database, job.id, error.line())
        return Reconciled(job, problem=error.message)
    if is_cancelling(database, job.id):  # somebody changed their mind meanwhile
        engine.farm.cancel(sent.engine_job_id, reason="cancelled before it was sent")
    return Reconciled(job, sent=True)

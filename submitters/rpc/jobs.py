"""``status``, ``watch``, ``cancel``, ``retry``: jobs that are there."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schema.ids import JobId
from ...schema.output import RetryOut, StatusOut
from ...schema.rpc import (
    JobArgs,
    JobsArgs,
    StatusesOut,
    WatchArgs,
    WatchedStep,
    WatchEvent,
)
from ...schema.states import State
from ..asking import cancel_job, retry_job
from ..cli.verdicts import verdict_of
from ..documents import status_out
from .serve import Asking

if TYPE_CHECKING:
    from ...pipeline.store.jobs import JobRow

LOOK_AFTER_S = 3.0  # how often a watcher sees to it that a killed engine is replaced
FARM_EVERY_S = 2.0  # how often a farm is asked, however often a host wants to know
EAR_S = 0.25  # how long a host that is gone is not noticed


def status(args: JobsArgs, asking: Asking) -> StatusesOut:
    """Tell where jobs stand.

    Raises:
        NotFoundError: there is no such job.
    """
    where = asking.studio
    return StatusesOut(jobs=tuple(status_out(where, where.job(text)) for text in args.jobs))


def cancel(args: JobArgs, asking: Asking) -> StatusOut:
    """End a job: what waits now, what runs within its grace period."""
    where = asking.studio
    found = _named(args.job, asking)
    cancel_job(where, found)
    return status_out(where, where.job(found.handle))


def retry(args: JobArgs, asking: Asking) -> RetryOut:
    """Run again what failed, or submit the job anew where it cannot go on."""
    return retry_job(asking.studio, _named(args.job, asking))


def _named(text: str, asking: Asking) -> JobRow:
    """The job; never somebody's newest, as the commands have it."""
    from ...pipeline.store.jobs import find_job

    return asking.studio.current(find_job(asking.studio.database, text))


def watch(args: WatchArgs, asking: Asking) -> StatusesOut:
    """Tell whatever changes, until all jobs have ended or nobody listens.

    Raises:
        NotFoundError: there is no such job.
    """
    from ...pipeline.store.jobs import job_by_id

    where = asking.studio
    where.fetches = True
    rows = [_named(text, asking) for text in args.jobs]
    watched = {row.id: _Watched(row.id, asking, frames=args.frames) for row in rows}
    looked = time.monotonic()
    while True:
        going = [one for one in watched.values() if not one.look()]
        if not going or not asking.speaker.is_heard:
            break
        if time.monotonic() - looked > LOOK_AFTER_S:
            where.keep_running(going[0].job)
            looked = time.monotonic()
        _rest(args.every_s, asking)
    return StatusesOut(jobs=tuple(status_out(where, job_by_id(where.database, JobId(job_id))) for job_id in watched))


def _rest(seconds: float, asking: Asking) -> None:
    ends = time.monotonic() + seconds
    while asking.speaker.is_heard and (left := ends - time.monotonic()) > 0:
        time.sleep(min(left, EAR_S))


class _Watched:
    """One job that is watched, and what was told of it last."""

    def __init__(self, job_id: uuid.UUID, asking: Asking, *, frames: bool) -> None:
        from ...pipeline.store.jobs import job_by_id
        from .arrived import Arrivals

        self.job = job_by_id(asking.studio.database, JobId(job_id))
        self._arrivals = Arrivals(self.job.handle, Path(self.job.folder)) if frames else None
        self._asking = asking
        self._told: dict[str, Any] = {}
        self._asked = 0.0

    def look(self) -> bool:
        """Tell what changed since the last look; whether the job has ended."""
        from ...pipeline.store.jobs import job_by_id, steps_of

        where = self._asking.studio
        self.job = job_by_id(where.database, JobId(self.job.id))
        if self.job.engine != "local" and time.monotonic() - self._asked > FARM_EVERY_S:
            self.job = where.current(self.job)
            self._asked = time.monotonic()
        steps = steps_of(where.database, self.job.id)
        event = WatchEvent(
            job=self.job.handle,
            state=self.job.state,
            steps=tuple(
                WatchedStep(name=step.name, state=step.state, done=step.done, total=step.tasks) for step in steps
            ),
            failure=self.job.failure,
            verdict=verdict_of(self.job, steps)[0],
            **self._published(),
        ).model_dump(mode="json")
        if self._arrivals is not None and not self.job.state.is_final:
            for arrived in self._arrivals.fresh():
                self._asking.speaker.line(arrived.model_dump(mode="json"))
        if event != self._told:
            self._told = event
            self._asking.speaker.line(event)
        return self.job.state.is_final

    def _published(self) -> dict[str, Any]:
        if self.job.state is not State.SUCCEEDED:
            return {}
        from .versions import versions_of_job

        found = versions_of_job(self._asking.studio, self.job.id)
        return {"versions": found, "version": found[0] if found else None}

"""An engine over any farm: jobs lie in the database as everywhere, and the farm is looked at when somebody asks."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..pipeline.folders import JobFolder
from ..pipeline.holes import forget_holes
from ..pipeline.settings import Settings
from ..schema.errors import EngineUnreachableError, NotFoundError
from ..schema.frames import FrameSet
from ..schema.ids import JobId
from ..schema.job import JobSpec
from ..schema.roles import Role
from .eaten import TRIES, Looked, holes_text, publish_to_let_go, refused_tasks, tried_again, with_holes
from .engine import Capabilities, JobRef, JobStatus, TaskStatus, refuse_exclusion
from .farm import Farm, FarmJob
from .homecoming import Errand, FarAway, Told
from .reconcile import Known, Situation, became_of, look_into
from .stored import StoredJobs

if TYPE_CHECKING:
    from ..pipeline.store import Database
    from ..pipeline.store.farmed import FarmedTask, Seen
    from ..pipeline.store.jobs import JobRow

LOOK_S = 1.0  # a farm is asked no more often than this, however often people ask
KEPT_SPECS = 16
WHO = "Shotmill"


def _quiet(_line: str) -> None:
    """Tell nobody."""


class FarmEngine(StoredJobs):
    """Jobs on a farm.

    Args:
        farm: which.
        settings: of this machine.
        database: whose schema is current.

    Attributes:
        fetches: whether a look also brings home what hosts wrote that share no disk with us, and publishes it.
        told: gets a line for people when that takes a while.
    """

    def __init__(self, farm: Farm, settings: Settings, database: Database) -> None:
        super().__init__(settings, database)
        self.farm = farm
        self.name = farm.name
        self.fetches = True
        self.told: Told = _quiet
        self._looked: dict[uuid.UUID, float] = {}
        self._specs: dict[uuid.UUID, JobSpec] = {}

    def capabilities(self) -> Capabilities:
        """What the farm can do."""
        return self.farm.capabilities()

    def check(self, spec: JobSpec) -> None:
        """Refuse what the farm would refuse.

        Raises:
            BadRequestError, EngineRefusedError: says what, and the fix.
        """
        self.farm.check(spec)

    def check_form(self, spec: JobSpec) -> None:
        """Refuse what the farm would refuse whatever its state, without asking it; farms tell by ``check_form``.

        Raises:
            BadRequestError: says what, and the fix.
        """
        check = getattr(self.farm, "check_form", None)
        if check is not None:
            check(spec)

    def submit_later(self, job_id: uuid.UUID) -> None:
        """Keep a job whose bundle is there, and have it handed over in the background; returns at once.

        Raises:
            EngineUnreachableError: nobody could be set to it; the job is kept.
        """
        from ..pipeline.store.farmed import keep  # noqa: PLC0415 - heavy: SQLAlchemy
        from .handover import hand_over_later  # noqa: PLC0415 - one use

        job = self._job(job_id)
        if job.engine_job_id is None:
            keep(self.database, job_id)
            hand_over_later(job_id, JobFolder(Path(job.folder)), self.settings)

    def submit(self, spec: JobSpec, bundle: Path) -> JobRef:
        """Hand a job over, unless the farm has it already.

        Raises:
            EngineUnreachableError, EngineRefusedError: the job is kept; the same submit again goes on.
        """
        from ..pipeline.store.farmed import is_cancelling  # noqa: PLC0415 - heavy: SQLAlchemy
        from ..pipeline.store.jobs import set_engine_job  # noqa: PLC0415 - same

        job = self._job(uuid.UUID(spec.id))
        if job.engine_job_id:
            return JobRef(job.id, job.engine_job_id)
        engine_job_id = self.farm.launch(spec, bundle)
        set_engine_job(self.database, job.id, engine_job_id)
        if is_cancelling(self.database, job.id):  # asked for meanwhile, when the farm did not know the job yet
            self.farm.cancel(engine_job_id, reason=self._cancelled)
        return JobRef(job.id, engine_job_id)

    def status(self, job_id: uuid.UUID) -> JobStatus:
        """Where the job stands, as the farm and the job's folder tell right now.

        Raises:
            EngineUnreachableError: the farm does not answer.
        """
        self.reconcile(job_id)
        return super().status(job_id)

    def tasks(self, job_id: uuid.UUID) -> Sequence[TaskStatus]:
        """All tasks, in step and frame order.

        Raises:
            EngineUnreachableError: the farm does not answer.
        """
        self.reconcile(job_id)
        return super().tasks(job_id)

    def logs(self, job_id: uuid.UUID, *, step: str, frames: str, attempt: int | None = None) -> str:
        """The text of an attempt's log, in Shotmill's own words, else what the farm kept; None: the last attempt.

        Raises:
            NotFoundError: nobody has a log of it.
        """
        try:
            return super().logs(job_id, step=step, frames=frames, attempt=attempt)
        except NotFoundError:  # what a task wrote down may come a moment after its receipt, by which it was done
            with contextlib.suppress(EngineUnreachableError):
                self.reconcile(job_id, at_once=True)
        try:
            return super().logs(job_id, step=step, frames=frames, attempt=attempt)
        except NotFoundError:
            if attempt is None and (text := self._farms_log(job_id, step, FrameSet.parse(frames))):
                return text
            raise

    def _farms_log(self, job_id: uuid.UUID, step: str, frames: FrameSet) -> str:
        job = self._job(job_id)
        found = self.farm.look(job.engine_job_id, self._spec(job_id)) if job.engine_job_id else None
        for task in found.tasks if found else ():
            if job.engine_job_id and task.step == step and not set(task.frames).isdisjoint(frames):
                return self.farm.log(job.engine_job_id, task)
        return ""

    def reconcile(self, job_id: uuid.UUID, *, at_once: bool = False) -> int:
        """Bring the database in line with what became of a job; how many tasks changed.

        Args:
            job_id: the job.
            at_once: although the farm was asked a moment ago.

        Raises:
            EngineUnreachableError: the farm does not answer; what is done by receipts is stored all the same.
        """
        moment = time.monotonic()
        if not at_once and moment - self._looked.get(job_id, -LOOK_S) < LOOK_S:
            return 0
        job = self._job(job_id)
        if job.engine_job_id is None:
            return 0
        self._looked[job_id] = moment
        spec = self._spec(job_id)
        try:
            found = self.farm.look(job.engine_job_id, spec)
        except EngineUnreachableError:
            self._store(job, spec, None, heard=False)
            raise
        if isinstance(self.farm, FarAway) and self.farm.is_apart(JobFolder(Path(job.folder))):
            return self._store_apart(self.farm, job, spec, found or FarmJob(tasks=(), ended=True))
        return self._store(job, spec, found)

    def _store_apart(self, farm: FarAway, job: JobRow, spec: JobSpec, found: FarmJob) -> int:
        """As ``_store``; what hosts wrote that share no disk with us is brought home before, and published here."""
        from ..pipeline.store.farmed import farmed  # noqa: PLC0415 - heavy: SQLAlchemy

        stored = farmed(self.database, job.id)
        ended = found.cancelled or stored.cancelling
        errand = Errand(
            farm,
            job.engine_job_id or "",
            spec,
            JobFolder(Path(job.folder)),
            stored.tasks,
            Looked(self.name, self.settings.login, None if ended else found),
        )
        may = self.fetches and self.settings.role != Role.VIEWER
        came = errand.run(found, self.settings, self.told) if may else errand.seen(found)
        count = self._store(job, spec, came.job)
        if came.problem is not None:
            raise came.problem
        return count

    def cancel(self, job_id: uuid.UUID) -> None:
        """End the job on the farm; cancelling a finished job changes nothing."""
        from ..pipeline.store.interventions import request_cancel  # noqa: PLC0415 - heavy: SQLAlchemy

        job = self._job(job_id)
        if job.state.is_final:
            return
        if job.engine_job_id is not None:
            self.farm.cancel(job.engine_job_id, reason=self._cancelled)
        request_cancel(self.database, job_id)
        launched = self._job(job_id).engine_job_id
        if launched is not None and job.engine_job_id is None:  # meanwhile, by somebody who had not heard of the end
            self.farm.cancel(launched, reason=self._cancelled)
        self.reconcile(job_id, at_once=True)

    @property
    def _cancelled(self) -> str:
        return f"{WHO}: cancelled by {self.settings.login}"

    def retry(self, job_id: uuid.UUID, *, tasks: Sequence[str] | None = None, exclude_host: str = "") -> int:
        """Let the farm run tasks again that did not succeed, and those whose files are gone; how many."""
        from ..pipeline.store.interventions import retry  # noqa: PLC0415 - heavy: SQLAlchemy
        from ..pipeline.store.jobs import tasks_of  # noqa: PLC0415 - same
        from .again import tasks_to_retry, unsound_receipts  # noqa: PLC0415 - reads receipts

        refuse_exclusion(self.name, exclude_host)
        self.reconcile(job_id, at_once=True)
        job = self._job(job_id)
        rows = tasks_to_retry(self.database, job)
        if tasks is not None:
            rows = [row for row in tasks_of(self.database, job_id) if str(row.id) in set(tasks)]
        spec = self._spec(job_id)
        if not rows or job.engine_job_id is None:
            return 0
        found = self.farm.look(job.engine_job_id, spec)
        if found is None:
            raise EngineUnreachableError(
                f"{self.name} does not know {job.handle} any more", hint="submit it again with --force"
            )
        wanted = {(row.step, frame) for row in rows for frame in FrameSet.parse(row.frames)}
        chosen = [one for one in found.tasks if any((one.step, frame) in wanted for frame in one.frames)]
        folder = JobFolder(Path(job.folder))
        for row in rows:  # a receipt that speaks of files that are gone would call the task done, and so would a mark
            for path in unsound_receipts(folder, row.step, FrameSet.parse(row.frames)):
                path.unlink(missing_ok=True)  # somebody else may retry, too
            forget_holes(folder, row.step, FrameSet.parse(row.frames))
        self.farm.retry(job.engine_job_id, spec, chosen)
        return retry(self.database, job_id, tasks=[row.id for row in rows])

    def _store(self, job: JobRow, spec: JobSpec, found: FarmJob | None, *, heard: bool = True) -> int:
        from ..pipeline.store.farmed import farmed, store_seen  # noqa: PLC0415 - heavy: SQLAlchemy

        folder = JobFolder(Path(job.folder))
        stored = farmed(self.database, job.id)
        tasks, cancelling = stored.tasks, stored.cancelling
        attempts: dict[str, set[str]] = {}
        for task in tasks:
            attempts.setdefault(task.step, set()).update(task.known)
        known = {step.name: look_into(folder, step, known=attempts.get(step.name, ())) for step in spec.steps}
        looked = Looked(self.name, self.settings.login, None if cancelling else found)
        if spec.allow_holes:
            known = with_holes(folder, spec, known, looked, tasks)
            if again := tried_again(spec, known, looked, tasks):
                self._queue(job.id, again)
                tasks = farmed(self.database, job.id).tasks
        situation = Situation(found, cancelling=cancelling, launched=job.created, heard=heard)
        seen = became_of(tasks, known, situation)
        count = store_seen(self.database, job.id, seen, facts=found.facts if found else None)
        if spec.allow_holes:
            self._let_go(job, spec, known, looked, seen)
        return count

    def _let_go(
        self, job: JobRow, spec: JobSpec, known: Mapping[str, Known], looked: Looked, seen: Sequence[Seen]
    ) -> None:
        """Have a publish tried again that waits, or was refused, only for frames that are holes by now."""
        from ..pipeline.store.farmed import add_facts, engine_facts  # noqa: PLC0415 - heavy: SQLAlchemy

        waiting = publish_to_let_go(spec, known, looked, seen)
        refused = refused_tasks(waiting, seen)
        holes = holes_text(known)
        before = engine_facts(self.database, job.id).get("left_out") or {}
        if before and before.get("holes") != holes:  # so that the same ones count anew when they come back
            before = {}
            add_facts(self.database, job.id, {"left_out": before})
        tries = int(before.get("tries", 0))
        if not waiting or job.engine_job_id is None or tries >= (TRIES if refused else 1):
            return
        self.farm.let_go(job.engine_job_id, spec, waiting)
        self._queue(job.id, refused)
        add_facts(self.database, job.id, {"left_out": {"holes": holes, "tries": tries + 1}})

    def _queue(self, job_id: uuid.UUID, tasks: Sequence[FarmedTask]) -> None:
        from ..pipeline.store.interventions import retry  # noqa: PLC0415 - heavy: SQLAlchemy

        retry(self.database, job_id, tasks=[task.id for task in tasks])

    def _job(self, job_id: uuid.UUID) -> JobRow:
        from ..pipeline.store.jobs import job_by_id  # noqa: PLC0415 - heavy: SQLAlchemy

        return job_by_id(self.database, JobId(job_id))

    def _spec(self, job_id: uuid.UUID) -> JobSpec:
        from ..pipeline.store.jobs import job_spec  # noqa: PLC0415 - heavy: SQLAlchemy

        if job_id not in self._specs:  # it never changes, and takes longer to read than all the rest of a look
            while len(self._specs) >= KEPT_SPECS:
                self._specs.pop(next(iter(self._specs)))
            self._specs[job_id] = job_spec(self.database, job_id)
        return self._specs[job_id]

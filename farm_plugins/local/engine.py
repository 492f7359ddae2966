"""The local engine as submitters see it; the work is done by a process of its own, see ``process``."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...pipeline.settings import Settings
from ...schema.errors import EngineUnreachableError, MachineError
from ...schema.ids import JobId
from ...schema.job import JobSpec
from ..detached import start_detached
from ..engine import Capabilities, JobRef
from ..stored import StoredJobs
from . import journal
from .bell import ring
from .environment import DEVICES, allowed_environment
from .place import engine_place
from .slots import Capacity, capacity_of

if TYPE_CHECKING:
    from ...pipeline.store import Database


class LocalEngine(StoredJobs):
    """One machine, one database.

    Args:
        settings: of this machine.
        database: whose schema is current.
        autostart: whether submitting starts an engine process when none runs.
    """

    name = "local"

    def __init__(self, settings: Settings, database: Database, *, autostart: bool = True) -> None:
        super().__init__(settings, database)
        self.autostart = autostart

    def capabilities(self) -> Capabilities:
        """Everything."""
        return Capabilities(name=self.name, gpu=True, cancel=True, retry=True, warm=True, exclude_host=True)

    def check(self, spec: JobSpec) -> None:
        """Refuse a job that is too large for this machine and for every engine that runs elsewhere.

        Raises:
            MachineError: says which step, what it needs, and what this machine offers.
        """
        from ...pipeline.store.engines import engines  # noqa: PLC0415 - heavy: SQLAlchemy

        wants_gpu = any(step.needs.gpu for step in spec.steps)
        settings = (
            self.settings if wants_gpu else self.settings.model_copy(update={"gpus": 0})
        )  # asking costs a process
        here = capacity_of(settings, visible=os.environ.get(DEVICES))
        too_large = [step for step in spec.steps if here.lacks(step.needs)]
        others = [Capacity.from_facts(one.slots) for one in engines(self.database) if one.is_alive] if too_large else []
        for step in too_large:
            if all(other.lacks(step.needs) for other in others):
                raise MachineError(
                    f"step {step.name!r} needs {here.lacks(step.needs)}",
                    hint="lower what it needs, or start `shotmill engine run` on a larger machine first",
                )

    def submit(self, spec: JobSpec, bundle: Path) -> JobRef:
        """Its tasks lie in the database already; make sure that somebody works on them."""
        from ...pipeline.store.jobs import set_engine_job  # noqa: PLC0415 - heavy: SQLAlchemy

        del bundle
        set_engine_job(self.database, uuid.UUID(spec.id), spec.id)
        self.wake()
        return JobRef(uuid.UUID(spec.id), spec.id)

    def wake(self) -> None:
        """Let the engine process look for work at once; start one unless one runs."""
        if self.autostart:
            ensure_engine_running(self.settings, self.database)
        else:
            ring(engine_place(self.settings))

    def cancel(self, job_id: uuid.UUID) -> None:
        """Ask for the end of the job; an engine process that is not there any more is started to see to it."""
        from ...pipeline.store.interventions import request_cancel  # noqa: PLC0415 - same
        from ...pipeline.store.jobs import job_by_id  # noqa: PLC0415 - heavy: SQLAlchemy

        if job_by_id(self.database, JobId(job_id)).state.is_final:
            return
        request_cancel(self.database, job_id)
        if not job_by_id(self.database, JobId(job_id)).state.is_final:
            self.wake()

    def retry(self, job_id: uuid.UUID, *, tasks: Sequence[str] | None = None, exclude_host: str = "") -> int:
        """Queue failed and cancelled tasks again, and those whose files are gone; how many."""
        from ...pipeline.store.interventions import retry  # noqa: PLC0415 - heavy: SQLAlchemy
        from ...pipeline.store.jobs import job_by_id  # noqa: PLC0415 - same
        from ..again import tasks_to_retry  # noqa: PLC0415 - reads receipts

        if tasks is None:
            chosen = [task.id for task in tasks_to_retry(self.database, job_by_id(self.database, JobId(job_id)))]
        else:
            chosen = [uuid.UUID(task) for task in tasks]
        count = retry(self.database, job_id, tasks=chosen, exclude_host=exclude_host)
        if count:
            self.wake()
        return count


def ensure_engine_running(settings: Settings, database: Database) -> bool:
    """Start an engine process, detached from this one, unless one runs on this machine; wake the one that runs.

    Returns:
        Whether one was started.

    Raises:
        EngineUnreachableError: it could not be started.
    """
    from ...pipeline.store.engines import live_engines  # noqa: PLC0415 - heavy: SQLAlchemy

    found = live_engines(database)
    for engine in found:
        ring(Path(engine.slots.get("bell", engine_place(settings))))
    if found:
        return False
    settings.home.mkdir(parents=True, exist_ok=True)
    # Settings travel in the environment, not in the argv: a database URL may hold a password, and argv is public.
    environment = allowed_environment({**os.environ, **settings_environment(settings)})
    if DEVICES in os.environ:
        environment[DEVICES] = os.environ[DEVICES]
    try:
        start_detached("shotmill.farm_plugins.local.process", environment=environment, log=settings.home / journal.NAME)
    except OSError as error:
        raise EngineUnreachableError(
            f"the local engine could not be started: {error}", hint="shotmill doctor"
        ) from error
    return True


def settings_environment(settings: Settings) -> dict[str, str]:
    """Settings that differ from their defaults, as environment variables for child processes."""
    found = {}
    for name in settings.model_fields_set - {"home"}:
        value = getattr(settings, name)
        text = json.dumps(settings.model_dump(mode="json")[name]) if isinstance(value, dict) else str(value)
        found[f"SHOTMILL_{name.upper()}"] = ",".join(value) if isinstance(value, tuple) else text
    return {**found, "SHOTMILL_HOME": str(settings.home)}

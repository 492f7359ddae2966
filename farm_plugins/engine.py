"""The protocol that every engine keeps: local, memory, OpenCue, Deadline Cloud."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from ..schema.errors import EngineRefusedError
from ..schema.job import JobSpec
from ..schema.states import State


class Capabilities(NamedTuple):
    """What an engine can do."""

    name: str
    gpu: bool
    cancel: bool
    retry: bool
    warm: bool
    exclude_host: bool = False


class JobRef(NamedTuple):
    """A job as its engine knows it."""

    job_id: uuid.UUID
    engine_job_id: str


class StepStatus(NamedTuple):
    """Where one step stands."""

    name: str
    state: State
    tasks: int
    done: int
    failed: int
    running: int


class JobStatus(NamedTuple):
    """Where a job stands.

    Attributes:
        failure: the one-line failure of the first task that failed, or None.
    """

    job_id: uuid.UUID
    state: State
    steps: tuple[StepStatus, ...]
    failure: str | None = None


class TaskStatus(NamedTuple):
    """Where one task stands."""

    task_id: str
    step: str
    frames: str
    state: State
    attempts: int
    host: str | None
    progress: float
    message: str | None
    failure: str | None
    started: datetime | None
    finished: datetime | None


def refuse_exclusion(name: str, host: str) -> None:
    """Refuse to keep a host off where the engine cannot.

    Raises:
        EngineRefusedError: a host was given.
    """
    if host:
        raise EngineRefusedError(
            f"engine {name!r} cannot keep tasks off host {host}", hint=f"lock {host} on the farm, then retry without it"
        )


class Engine(Protocol):
    """Where jobs run. Every call may raise EngineUnreachableError or EngineRefusedError."""

    name: str

    def capabilities(self) -> Capabilities:
        """What this engine can do."""
        ...

    def check(self, spec: JobSpec) -> None:
        """Refuse a job that can never run here, before anything is stored.

        Raises:
            MachineError: says which step, what it needs, and what there is.
        """
        ...

    def submit(self, spec: JobSpec, bundle: Path) -> JobRef:
        """Hand over a job; the same spec id again answers with the same job."""
        ...

    def status(self, job_id: uuid.UUID) -> JobStatus:
        """Where the job stands.

        Raises:
            NotFoundError: the engine does not know it.
        """
        ...

    def tasks(self, job_id: uuid.UUID) -> Sequence[TaskStatus]:
        """All tasks, in step and frame order."""
        ...

    def logs(self, job_id: uuid.UUID, *, step: str, frames: str, attempt: int | None = None) -> str:
        """The text of an attempt's log; None: the last attempt."""
        ...

    def cancel(self, job_id: uuid.UUID) -> None:
        """Ask for the end of the job; returns at once. Cancelling a finished job changes nothing."""
        ...

    def retry(self, job_id: uuid.UUID, *, tasks: Sequence[str] | None = None, exclude_host: str = "") -> int:
        """Queue failed and cancelled tasks again, or only those named; how many.

        Succeeded tasks keep their receipts, but for those whose files the publish found gone or changed: they are run
        again, too.

        Args:
            job_id: of the job.
            tasks: their ids; None: all that did not succeed.
            exclude_host: a host that shall not run them, where ``capabilities`` say that it can be kept off.

        Raises:
            EngineRefusedError: hosts cannot be kept off here.
        """
        ...

    def outputs(self, job_id: uuid.UUID) -> Sequence[Path]:
        """Folders that hold what the job wrote so far."""
        ...

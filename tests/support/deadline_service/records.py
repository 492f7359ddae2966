"""What the service knows: jobs, steps, tasks, workers, sessions and what those do."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Wire = dict[str, Any]

RUN_STATUSES = (
    "PENDING", "READY", "ASSIGNED", "STARTING", "SCHEDULED", "INTERRUPTING", "RUNNING", "SUSPENDED", "CANCELED",
    "FAILED", "SUCCEEDED", "NOT_COMPATIBLE",
)  # fmt: skip
ENDED = frozenset({"CANCELED", "FAILED", "SUCCEEDED"})
ON_A_WORKER = frozenset({"ASSIGNED", "SCHEDULED", "STARTING", "RUNNING", "INTERRUPTING"})
OPEN_ACTION = frozenset({"ASSIGNED", "RUNNING", "CANCELING"})
# Which status a job or step shows that has tasks of several.
_SHOWN_FIRST = ("RUNNING", "INTERRUPTING", "ASSIGNED", "READY", "NOT_COMPATIBLE", "SUSPENDED", "FAILED", "CANCELED")


def now() -> datetime:
    return datetime.now(UTC)


def new_id(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex}"


@dataclass
class Task:
    """One task of a step.

    Attributes:
        parameters: as they stand in replies, such as ``{"Frame": {"chunkInt": "1-4"}}``.
        failures: attempts that failed and were followed by another.
    """

    id: str
    step: Step
    parameters: Wire
    status: str = "PENDING"
    target: str | None = None
    failures: int = 0
    attempts: int = 0
    created: datetime = field(default_factory=now)
    started: datetime | None = None
    ended: datetime | None = None
    updated: datetime | None = None
    action: Action | None = None

    def become(self, status: str) -> None:
        self.status = status
        self.updated = now()
        if status in ENDED:
            self.ended = self.updated
        elif status != "INTERRUPTING":
            self.ended = None


@dataclass
class Step:
    """One step of a job.

    Attributes:
        template: as in the job's template; what the worker is told.
        requirements: amounts and attributes of a worker, resolved.
        space: its parameters, as they stand in replies.
    """

    id: str
    job: Job
    name: str
    template: Wire
    requirements: Wire
    space: Wire | None
    after: list[Step] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    created: datetime = field(default_factory=now)

    @property
    def status(self) -> str:
        return shown_status(task.status for task in self.tasks)

    @property
    def is_done(self) -> bool:
        return all(task.status == "SUCCEEDED" for task in self.tasks)


@dataclass
class Job:
    """One job.

    Attributes:
        request: what CreateJob was given.
        template: the decoded text; empty when it could not be decoded.
        environments: of the job, by id: entered in every session.
        stopped: too many tasks failed; nothing more of it is run.
    """

    id: str
    farm: str
    queue: str
    request: Wire
    name: str = ""
    template: Wire = field(default_factory=dict)
    lifecycle: str = "CREATE_COMPLETE"
    lifecycle_message: str = "Job creation completed successfully."
    parameters: Wire = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    environments: dict[str, Wire] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    target: str | None = None
    stopped: bool = False
    created: datetime = field(default_factory=now)
    complete_at: float = 0.0
    updated: datetime | None = None

    @property
    def tasks(self) -> Iterator[Task]:
        return (task for step in self.steps for task in step.tasks)

    @property
    def status(self) -> str:
        return shown_status(task.status for task in self.tasks)

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will run any more unless somebody asks."""
        return self.status in ENDED and not any(task.status in ON_A_WORKER for task in self.tasks)

    @property
    def actions(self) -> Iterator[Action]:
        return (action for session in self.sessions for action in session.actions)


@dataclass
class Action:
    """One thing that a session does.

    Attributes:
        definition: such as ``{"taskRun": {...}}``.
        task: what it runs, if it runs a task.
        canceled: whether the worker shall end it.
    """

    id: str
    session: Session
    definition: Wire
    task: Task | None = None
    status: str = "ASSIGNED"
    canceled: bool = False
    reported: Wire = field(default_factory=dict)


@dataclass
class Session:
    """Where a worker does actions of one step of one job, one after the other."""

    id: str
    job: Job
    step: Step
    worker: Worker
    actions: list[Action] = field(default_factory=list)
    started: datetime = field(default_factory=now)
    ended: datetime | None = None
    leaving: bool = False  # its environments are being left

    @property
    def open_actions(self) -> list[Action]:
        return [action for action in self.actions if action.status in OPEN_ACTION]


@dataclass
class Worker:
    """A host that asked for work."""

    id: str
    fleet: str
    host: Wire
    status: str = "CREATED"
    amounts: dict[str, float] = field(default_factory=dict)
    attributes: dict[str, list[str]] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    created: datetime = field(default_factory=now)
    seen: datetime = field(default_factory=now)

    @property
    def is_on(self) -> bool:
        return self.status == "STARTED"


def shown_status(statuses: Iterable[str]) -> str:
    """The status of what has tasks in these."""
    found = set(statuses)
    return next(
        (status for status in _SHOWN_FIRST if status in found), "PENDING" if "PENDING" in found else "SUCCEEDED"
    )


def counts(tasks: Iterable[Task]) -> dict[str, int]:
    """How many tasks are in each status, the empty ones too."""
    found = Counter(task.status for task in tasks)
    return {status: found[status] for status in RUN_STATUSES}

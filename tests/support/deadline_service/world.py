"""All that the service knows, and where to find it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from .records import Action, Job, Session, Step, Task, Wire, Worker
from .replies import not_found

Thing = TypeVar("Thing", Step, Task, Session, Action)

FARM = "farm-" + "f" * 32
QUEUE = "queue-" + "a" * 32
FLEET = "fleet-" + "e" * 32


@dataclass
class Options:
    """What tests may set, also while the service runs.

    Attributes:
        bucket, prefix: where job attachments of the queue lie; no bucket: the queue has no attachments.
        creating_s: how long a new job is CREATE_IN_PROGRESS.
        update_interval_s: how often workers shall ask for work.
        actions_at_once: tasks that a session is given ahead.
        page: largest page of a list.
        path_mapping: rules that workers get, as in the service model.
        log_made: called with group and name of each log stream that workers will write to.
    """

    bucket: str = "shotmill-farm"
    prefix: str = "DeadlineCloud"
    creating_s: float = 0.0
    update_interval_s: int = 1
    actions_at_once: int = 1
    page: int = 100
    path_mapping: list[Wire] = field(default_factory=list)
    log_made: Callable[[str, str], None] | None = None


@dataclass
class World:
    """All that the service knows."""

    options: Options = field(default_factory=Options)
    jobs: dict[str, Job] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    tokens: dict[str, tuple[Wire, str]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def check_place(self, request: Wire) -> None:
        """Refuse farms, queues and fleets that are not there."""
        for name, known in (("farm", FARM), ("queue", QUEUE), ("fleet", FLEET)):
            if request.get(f"{name}Id", known) != known:
                raise not_found(name, request[f"{name}Id"])

    def job(self, request: Wire) -> Job:
        """The job that a request names."""
        found = self.jobs.get(request["jobId"])
        if found is None:
            raise not_found("job", request["jobId"])
        if found.lifecycle == "CREATE_IN_PROGRESS" and time.monotonic() >= found.complete_at:
            found.lifecycle, found.lifecycle_message = "CREATE_COMPLETE", "Job creation completed successfully."
        return found

    def step(self, request: Wire) -> Step:
        """The step that a request names."""
        return _named(self.job(request).steps, "step", request["stepId"])

    def task(self, request: Wire) -> Task:
        """The task that a request names."""
        return _named(self.step(request).tasks, "task", request["taskId"])

    def session(self, request: Wire) -> Session:
        """The session that a request names."""
        return _named(self.job(request).sessions, "session", request["sessionId"])

    def action(self, request: Wire) -> Action:
        """The session action that a request names."""
        return _named(self.job(request).actions, "sessionaction", request["sessionActionId"])


def _named(things: Iterable[Thing], kind: str, name: str) -> Thing:
    for thing in things:
        if thing.id == name:
            return thing
    raise not_found(kind, name)

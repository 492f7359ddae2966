"""What a render farm is to Shotmill: something that takes a job, runs its tasks at least once, and tells how far it is.

A farm's word is advice. Whether frames are done is read from receipts alone; see ``reconcile``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ..schema.frames import FrameSet
from ..schema.job import JobSpec
from ..schema.states import State
from .engine import Capabilities


@dataclass(frozen=True)
class FarmTask:
    """One task as its farm sees it.

    Attributes:
        task_id: the farm's own name for it, such as a frame's or a task's id.
        step: name of the step.
        frames: that it was given; farms may cut chunks in their own way.
        state: the farm's state in our words; BLOCKED waits for a person.
        host: where it runs or ran last, if the farm tells.
        attempts: how often it was begun.
        exit_code: of the last attempt, if the farm tells.
        message: what the farm says of it, in one line; empty: nothing.
        holes: whether the farm counts it as done although it never ran to its end, as eaten frames are.
        started, finished: of the last attempt.
    """

    task_id: str
    step: str
    frames: FrameSet
    state: State
    host: str | None = None
    attempts: int = 0
    exit_code: int | None = None
    message: str = ""
    holes: bool = False
    started: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True)
class FarmJob:
    """A job as its farm sees it.

    Attributes:
        tasks: all of them.
        ended: whether the farm will run nothing of it any more unless somebody asks: finished, killed or archived.
        cancelled: whether somebody ended it there, whoever that was.
        facts: what people may want to know, such as the job's name there, or the address of its page.
    """

    tasks: tuple[FarmTask, ...]
    ended: bool
    cancelled: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


class Farm(Protocol):
    """A farm. Every call ends within its deadline and may raise EngineUnreachableError or EngineRefusedError."""

    name: str

    def capabilities(self) -> Capabilities:
        """What this farm can do."""
        ...

    def greet(self) -> str:
        """Prove that the farm can be reached and used; what was found, in one line for people.

        Raises:
            EngineUnreachableError, EngineRefusedError, ConfigError: what stands in the way, and the fix.
        """
        ...

    def check(self, spec: JobSpec) -> None:
        """Refuse what the farm would refuse, or take and do otherwise; nothing is sent that changes anything.

        Raises:
            BadRequestError: names the field, the farm's rule and the fix.
            EngineRefusedError: the farm lacks what the job names, such as a show or a queue.
        """
        ...

    def launch(self, spec: JobSpec, bundle: Path) -> str:
        """Hand over a job; the farm's id of it. The same spec id again, also after a lost reply, finds the same job."""
        ...

    def look(self, engine_job_id: str, spec: JobSpec) -> FarmJob | None:
        """How far a job is; None: the farm does not know it (any more)."""
        ...

    def cancel(self, engine_job_id: str, *, reason: str) -> None:
        """End a job; what ended already stays."""
        ...

    def retry(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        """Run these tasks again, also those that it counts as done: their files are gone. Running ones go on."""
        ...

    def let_go(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        """Run these, which failed or wait, although tasks before them will never be done; running ones go on."""
        ...

    def log(self, engine_job_id: str, task: FarmTask) -> str:
        """What the farm itself kept of a task's output; empty where it keeps nothing. Shotmill's own log is better."""
        ...

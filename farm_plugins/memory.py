"""An engine in memory, for tests: no database, no processes, nothing happens unless it is told to.

::

    engine = MemoryEngine(settings)
    submitted = submit(request, settings=settings, database=database, engine=engine)
    engine.fail(submitted.job.id, frame=2)      # optional: the task of this frame will fail
    engine.run(submitted.job.id)                # all tasks, in order, in this process
    assert engine.status(submitted.job.id).state is State.FAILED
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..pipeline.folders import JobFolder
from ..pipeline.receipts import read_receipts, sound_receipt
from ..pipeline.settings import Settings
from ..schema.errors import EXIT_DONE, NotFoundError, ShotmillError, TaskFailedError
from ..schema.frames import FrameSet
from ..schema.job import PUBLISH_TASK, JobSpec, Step
from ..schema.states import State, check_move, summarise
from .again import AGAIN, UNSOUND
from .engine import Capabilities, JobRef, JobStatus, StepStatus, TaskStatus, refuse_exclusion
from .task import Attempted, TaskRequest, host_name, run_task


@dataclass
class _Task:
    step: Step
    frames: FrameSet
    state: State = State.QUEUED
    attempts: int = 0
    ended: list[Attempted] = field(default_factory=list)
    started: datetime | None = None
    finished: datetime | None = None

    def move(self, state: State) -> None:
        check_move(self.state, state, what=f"task {self.frames} of {self.step.name}")
        self.state = state

    @property
    def last(self) -> Attempted | None:
        return self.ended[-1] if self.ended else None

    @property
    def found_unsound(self) -> bool:
        return self.step.task == PUBLISH_TASK and self.last is not None and self.last.failure_code in UNSOUND


@dataclass
class _Job:
    spec: JobSpec
    folder: JobFolder
    tasks: list[_Task]
    failing: dict[int, ShotmillError] = field(default_factory=dict)

    def of_step(self, name: str) -> list[_Task]:
        return [task for task in self.tasks if task.step.name == name]

    def step_state(self, name: str) -> State:
        return summarise(task.state for task in self.of_step(name))


class MemoryEngine:
    """Keeps the engine protocol; forgets everything with the process.

    Args:
        settings: of this machine.
        tools: what tasks may use; None: the studio's own.
    """

    name = "memory"

    def __init__(self, settings: Settings, *, tools: Any = None) -> None:
        self.settings = settings
        self._tools = tools
        self._jobs: dict[uuid.UUID, _Job] = {}

    def capabilities(self) -> Capabilities:
        """No GPU, no warm workers."""
        return Capabilities(name=self.name, gpu=False, cancel=True, retry=True, warm=False)

    def check(self, spec: JobSpec) -> None:
        """Take every job: tasks run one by one, whatever they need."""

    def submit(self, spec: JobSpec, bundle: Path) -> JobRef:
        """Take a job; nothing of it runs before ``run``."""
        job_id = uuid.UUID(spec.id)
        if job_id not in self._jobs:
            tasks = [_Task(step, chunk) for step in spec.steps for chunk in step.chunks()]
            self._jobs[job_id] = _Job(spec, JobFolder.of_bundle(bundle), tasks)
        return JobRef(job_id, spec.id)

    def fail(self, job_id: uuid.UUID, *, frame: int, error: ShotmillError | None = None) -> None:
        """Let the next attempts at tasks that hold this frame fail, until ``heal``."""
        self._job(job_id).failing[frame] = error or TaskFailedError("the test wants it so", frame=frame)

    def heal(self, job_id: uuid.UUID) -> None:
        """Take back what ``fail`` said."""
        self._job(job_id).failing.clear()

    def run(self, job_id: uuid.UUID) -> JobStatus:
        """Run every task that can run, in step and frame order, each as often as its step's retries allow."""
        job = self._job(job_id)
        while task := next(self._ready(job), None):
            self._run(job, task)
        return self.status(job_id)

    def status(self, job_id: uuid.UUID) -> JobStatus:
        """Where the job stands."""
        job = self._job(job_id)
        steps = tuple(_step_status(step.name, job.of_step(step.name)) for step in job.spec.steps)
        failures = [task.last.failure for task in job.tasks if task.state is State.FAILED and task.last]
        going = next(self._ready(job), None) is not None
        states = [step.state for step in steps]
        begun = any(task.attempts for task in job.tasks)
        state = (State.RUNNING if begun else State.QUEUED) if going else _final(states)
        return JobStatus(job_id, state, steps, failures[0] if failures else None)

    def tasks(self, job_id: uuid.UUID) -> Sequence[TaskStatus]:
        """All tasks, in step and frame order."""
        return [_task_status(index, task) for index, task in enumerate(self._job(job_id).tasks)]

    def logs(self, job_id: uuid.UUID, *, step: str, frames: str, attempt: int | None = None) -> str:
        """The text of an attempt's log; None: the last attempt.

        Raises:
            NotFoundError: there is no such attempt, or it wrote no log.
        """
        job = self._job(job_id)
        for task in job.of_step(step):
            if str(task.frames) == frames and task.ended:
                index = -1 if attempt is None else attempt - 1
                if index < len(task.ended) and task.ended[index].log:
                    return (job.folder.root / task.ended[index].log).read_text(encoding="utf-8")
        raise NotFoundError(f"there is no log of step {step!r}, frames {frames}", hint="run the job first")

    def cancel(self, job_id: uuid.UUID) -> None:
        """End the job; what is done stays done."""
        for task in self._job(job_id).tasks:
            if not task.state.is_final:
                task.move(State.CANCELLED)

    def retry(self, job_id: uuid.UUID, *, tasks: Sequence[str] | None = None, exclude_host: str = "") -> int:
        """Queue failed and cancelled tasks again, and those whose files are gone; how many."""
        refuse_exclusion(self.name, exclude_host)
        job = self._job(job_id)
        chosen = [
            task
            for index, task in enumerate(job.tasks)
            if task.state in AGAIN and (tasks is None or str(index) in tasks)
        ]
        if tasks is None and any(task.found_unsound for task in chosen):
            done = [task for task in job.tasks if task.state is State.SUCCEEDED]
            chosen += [task for task in done if sound_receipt(job.folder, task.step.name, task.frames) is None]
        for task in chosen:
            task.state = State.QUEUED
        return len(chosen)

    def outputs(self, job_id: uuid.UUID) -> Sequence[Path]:
        """The folders that receipts speak of."""
        job = self._job(job_id)
        return [
            job.folder.root / receipt.root
            for step in job.spec.steps
            for receipt in read_receipts(job.folder, step.name)
        ]

    def _job(self, job_id: uuid.UUID) -> _Job:
        if job_id not in self._jobs:
            raise NotFoundError(f"the engine does not know job {job_id}", hint="submit it to this engine first")
        return self._jobs[job_id]

    def _ready(self, job: _Job) -> Iterator[_Task]:
        done = {step.name for step in job.spec.steps if job.step_state(step.name) is State.SUCCEEDED}
        return (task for task in job.tasks if task.state is State.QUEUED and done.issuperset(task.step.after))

    def _run(self, job: _Job, task: _Task) -> None:
        task.move(State.RUNNING)
        task.started = datetime.now(UTC)
        for _ in range(task.step.retries + 1):
            task.attempts += 1
            task.ended.append(self._attempt(job, task))
            if task.ended[-1].exit_code == EXIT_DONE or not task.ended[-1].retryable:
                break
        task.finished = datetime.now(UTC)
        task.move(State.SUCCEEDED if task.ended[-1].exit_code == EXIT_DONE else State.FAILED)

    def _attempt(self, job: _Job, task: _Task) -> Attempted:
        error = next((job.failing[frame] for frame in task.frames if frame in job.failing), None)
        if error is None:
            request = TaskRequest(job.folder.bundle, task.step.name, task.frames, task.attempts)
            return run_task(request, self.settings, tools=self._tools)
        line = error.line(step=task.step.name, frames=task.frames, attempt=task.attempts)
        return Attempted(error.exit_code, "", error.code, line, retryable=error.retryable, message=error.message)


def _final(states: Sequence[State]) -> State:
    for state in (State.BLOCKED, State.FAILED, State.CANCELLED):
        if state in states:
            return state
    return State.SUCCEEDED


def _step_status(name: str, tasks: Sequence[_Task]) -> StepStatus:
    states = [task.state for task in tasks]
    return StepStatus(
        name=name,
        state=summarise(states),
        tasks=len(tasks),
        done=states.count(State.SUCCEEDED),
        failed=states.count(State.FAILED),
        running=states.count(State.RUNNING),
    )


def _task_status(index: int, task: _Task) -> TaskStatus:
    last = task.last
    return TaskStatus(
        task_id=str(index),
        step=task.step.name,
        frames=str(task.frames),
        state=task.state,
        attempts=task.attempts,
        host=host_name() if task.attempts else None,
        progress=1.0 if task.state is State.SUCCEEDED else 0.0,
        message=last.message if last else None,
        failure=last.failure if last else None,
        started=task.started,
        finished=task.finished,
    )

"""A farm in this process: it runs real tasks, one at a time when it is told to, and does what farms do.

Everything that a farm may do wrong happens by dice: see ``Troubles``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from shotmill.farm_plugins.engine import Capabilities
from shotmill.farm_plugins.farm import FarmJob, FarmTask
from shotmill.farm_plugins.task import Host, TaskRequest, run_task
from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import EXIT_DONE, EngineUnreachableError
from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobSpec, Step
from shotmill.schema.states import State

GOING = (State.QUEUED, State.RUNNING)
HOST = Host(records=True)


@dataclass(frozen=True)
class Troubles:
    """How likely each thing is, each time it could happen.

    Attributes:
        launch_lost: the job is taken, but the answer does not arrive.
        away: the farm does not answer.
        report_lost: a task ends and the farm never hears of it: it runs the task again.
        twice: a task is run a second time although the first run ended well.
        eaten: somebody calls a task done that was never run.
        killed: somebody ends the job on the farm.
    """

    launch_lost: float = 0.0
    away: float = 0.0
    report_lost: float = 0.0
    twice: float = 0.0
    eaten: float = 0.0
    killed: float = 0.0


@dataclass
class _Task:
    step: Step
    facts: FarmTask

    def change(self, **values: object) -> None:
        self.facts = replace(self.facts, **values)  # type: ignore[arg-type]


@dataclass
class _Job:
    spec: JobSpec
    bundle: Path
    tasks: list[_Task]
    killed: bool = False
    steps: dict[str, list[_Task]] = field(default_factory=dict)


class SimFarm:
    """Takes jobs and runs them by ``turn``.

    Args:
        settings: of its hosts.
        blocks: whether a task out of retries waits for a person, as on OpenCue; else it failed.
        balanced: whether it cuts chunks of even size, as Deadline Cloud does.
        troubles: what goes wrong.
        seed: of its dice.
        host: what its hosts bring along.
    """

    name = "sim"

    def __init__(
        self,
        settings: Settings,
        *,
        blocks: bool = False,
        balanced: bool = False,
        troubles: Troubles | None = None,
        seed: int = 0,
        host: Host = HOST,
    ) -> None:
        self.settings, self.host = settings, host
        self.blocks, self.balanced = blocks, balanced
        self.troubles = troubles or Troubles()
        self.dice = random.Random(seed)
        self.jobs: dict[str, _Job] = {}
        self.launches = self.let_goes = 0

    def capabilities(self) -> Capabilities:
        return Capabilities(name=self.name, gpu=False, cancel=True, retry=True, warm=False)

    def greet(self) -> str:
        return "a farm in this process"

    def check(self, spec: JobSpec) -> None:
        """Take every job."""

    def launch(self, spec: JobSpec, bundle: Path) -> str:
        name = f"sim-{spec.id}"
        if name not in self.jobs:
            self.launches += 1
            self.jobs[name] = self._job(spec, bundle)
        if self._happens(self.troubles.launch_lost):
            raise EngineUnreachableError("the answer was lost", hint="submit it again")
        return name

    def look(self, engine_job_id: str, spec: JobSpec) -> FarmJob | None:
        del spec
        self._may_be_away()
        job = self.jobs.get(engine_job_id)
        if job is None:
            return None
        ended = job.killed or next(self._ready(job), None) is None
        return FarmJob(
            tuple(task.facts for task in job.tasks), ended=ended and not self._waits(job), cancelled=job.killed
        )

    def cancel(self, engine_job_id: str, *, reason: str) -> None:
        assert reason
        self._may_be_away()
        self._kill(self.jobs[engine_job_id])

    def retry(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        del spec
        self._may_be_away()
        job = self.jobs[engine_job_id]
        job.killed = False
        for task in job.tasks:
            if task.facts.task_id in {one.task_id for one in tasks} and task.facts.state is not State.RUNNING:
                task.change(state=State.QUEUED, attempts=0, holes=False)

    def let_go(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        self.let_goes += 1
        self.retry(engine_job_id, spec, tasks)

    def log(self, engine_job_id: str, task: FarmTask) -> str:
        del engine_job_id, task
        return ""

    def turn(self, engine_job_id: str) -> bool:
        """Run one task that can run; whether there was one."""
        job = self.jobs[engine_job_id]
        if self._happens(self.troubles.killed):
            self._kill(job)
        ready = [] if job.killed else list(self._ready(job))
        if not ready:
            return False
        task = ready[0] if self.troubles == Troubles() else self.dice.choice(ready)
        if self._happens(self.troubles.eaten):
            task.change(state=State.SUCCEEDED, holes=True, message="eaten")
        else:
            self._run(job, task)
        return True

    def is_idle(self, engine_job_id: str) -> bool:
        """Whether nothing can run."""
        job = self.jobs[engine_job_id]
        return job.killed or next(self._ready(job), None) is None

    def _run(self, job: _Job, task: _Task) -> None:
        started = datetime.now(UTC)
        attempts = task.facts.attempts + 1
        task.change(state=State.RUNNING, attempts=attempts, host="simhost", started=started)
        request = TaskRequest(job.bundle, task.step.name, task.facts.frames, attempts)
        ended = run_task(request, self.settings, host=self.host)
        if self._happens(self.troubles.twice):
            run_task(replace(request, attempt=attempts + 1), self.settings, host=self.host)
        finished = datetime.now(UTC)
        if self._happens(self.troubles.report_lost):
            task.change(state=State.QUEUED, attempts=attempts - 1)
        elif ended.exit_code == EXIT_DONE:
            task.change(state=State.SUCCEEDED, exit_code=0, finished=finished)
        elif ended.retryable and attempts <= task.step.retries:
            task.change(state=State.QUEUED, exit_code=ended.exit_code)
        else:
            over = State.BLOCKED if self.blocks else State.FAILED
            task.change(state=over, exit_code=ended.exit_code, finished=finished)

    def _job(self, spec: JobSpec, bundle: Path) -> _Job:
        job = _Job(spec, bundle, [])
        for step in spec.steps:
            job.steps[step.name] = [
                _Task(step, FarmTask(f"{step.name}-{number}", step.name, chunk, State.QUEUED))
                for number, chunk in enumerate(self._chunks(step))
            ]
            job.tasks += job.steps[step.name]
        return job

    def _chunks(self, step: Step) -> list[FrameSet]:
        if not self.balanced or step.chunk == 1:
            return step.chunks()
        frames = list(step.frames)
        count = -(-len(frames) // step.chunk)
        size, rest = divmod(len(frames), count)
        cuts = [0]
        for number in range(count):
            cuts.append(cuts[-1] + size + (number < rest))
        return [FrameSet.of(frames[a:b]) for a, b in pairwise(cuts)]

    def _ready(self, job: _Job) -> Iterator[_Task]:
        done = {name for name, tasks in job.steps.items() if all(_is_done(task) for task in tasks)}
        return (task for task in job.tasks if task.facts.state is State.QUEUED and done.issuperset(task.step.after))

    def _waits(self, job: _Job) -> bool:
        return not job.killed and any(task.facts.state is State.BLOCKED for task in job.tasks)

    def _kill(self, job: _Job) -> None:
        if any(task.facts.state in {*GOING, State.BLOCKED} for task in job.tasks):
            job.killed = True

    def _may_be_away(self) -> None:
        if self._happens(self.troubles.away):
            raise EngineUnreachableError("the farm does not answer", hint="try again")

    def _happens(self, likelihood: float) -> bool:
        return likelihood > 0 and self.dice.random() < likelihood


def _is_done(task: _Task) -> bool:
    return task.facts.state is State.SUCCEEDED

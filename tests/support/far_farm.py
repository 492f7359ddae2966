"""A farm whose hosts share no disk with anybody: a folder far away, whose files come when they are fetched."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from shotmill.farm_plugins.engine import Capabilities
from shotmill.farm_plugins.farm import FarmJob, FarmTask
from shotmill.farm_plugins.homecoming import work_of
from shotmill.farm_plugins.task import Host, TaskRequest, run_task
from shotmill.pipeline.folders import JobFolder
from shotmill.pipeline.settings import Settings
from shotmill.schema.errors import EngineUnreachableError
from shotmill.schema.job import JobSpec
from shotmill.schema.states import State

PARTS = ("attempts", "receipts", "records")


class FarFarm:
    """Keeps the farm protocol for one job; its tasks run when a test says so.

    Attributes:
        there: the job's folder on its hosts.
        breaks_after: files that come before the line breaks; None: all come.
    """

    name = "far"

    def __init__(self, settings: Settings, there: Path) -> None:
        self.settings, self.there = settings, there
        self.tasks: list[FarmTask] = []
        self.breaks_after: int | None = None
        self.fetched = 0

    def capabilities(self) -> Capabilities:
        return Capabilities(name=self.name, gpu=False, cancel=True, retry=True, warm=False)

    def greet(self) -> str:
        return "far away"

    def check(self, spec: JobSpec) -> None:
        assert spec.type == "trial"

    def launch(self, spec: JobSpec, bundle: Path) -> str:
        shutil.copytree(bundle, self.there / "bundle")
        chunks = [(step.name, chunk) for step in work_of(spec).steps for chunk in step.chunks()]
        self.tasks = [FarmTask(f"{name}-{chunk}", name, chunk, State.QUEUED) for name, chunk in chunks]
        return "far-1"

    def work(self, *, eaten: Sequence[str] = ()) -> None:
        """Run all tasks that wait on a host, but count those of these frames as done without."""
        for number, task in enumerate(self.tasks):
            if task.state is not State.QUEUED:
                continue
            if str(task.frames) in eaten:
                self.tasks[number] = replace(task, state=State.SUCCEEDED, holes=True, message="eaten")
                continue
            request = TaskRequest(self.there / "bundle", task.step, task.frames, 1)
            ended = run_task(request, self.settings, host=Host(records=True))
            self.tasks[number] = replace(task, state=State.FAILED if ended.exit_code else State.SUCCEEDED)

    def look(self, engine_job_id: str, spec: JobSpec) -> FarmJob | None:
        assert (engine_job_id, spec.type) == ("far-1", "trial")
        open_states = {State.QUEUED, State.RUNNING}
        return FarmJob(tuple(self.tasks), ended=not any(task.state in open_states for task in self.tasks))

    def is_apart(self, folder: JobFolder) -> bool:
        return folder.bundle.is_dir()

    def fetch(self, engine_job_id: str, folder: JobFolder, into: Path, told: Callable[[str], None]) -> None:
        self.fetched += 1
        told(f"fetching {engine_job_id}")
        files = [path for part in PARTS for path in sorted((self.there / part).rglob("*")) if path.is_file()]
        lacking = [path for path in files if not (folder.root / path.relative_to(self.there)).exists()]
        for number, path in enumerate(lacking):
            if number == self.breaks_after:
                raise EngineUnreachableError("the line to the bucket broke")
            target = into / path.relative_to(self.there)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)

    def cancel(self, engine_job_id: str, *, reason: str) -> None:
        assert (engine_job_id, bool(reason)) == ("far-1", True)
        self.tasks = [replace(task, state=State.CANCELLED) for task in self.tasks]

    def retry(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        assert (engine_job_id, spec.type) == ("far-1", "trial")
        again = {task.task_id for task in tasks}
        self.tasks = [replace(one, state=State.QUEUED) if one.task_id in again else one for one in self.tasks]

    def let_go(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        self.retry(engine_job_id, spec, tasks)

    def log(self, engine_job_id: str, task: FarmTask) -> str:
        return f"{engine_job_id} {task.task_id}"

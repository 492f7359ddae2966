"""What the local engine adds to a task: in a warm worker, and in an OpenJD session with a process of its own.

A warm task is compared with a bare call of its function in this process, a cold one with a bare process of the same
argv. That process is one that does nothing for a while: a Python that starts takes so long, and now longer and now
less, that what is added to it could not be seen. Times of the engine run from the claim of the first task to the end of
the last one, as the database has them.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pairs import Result, show

from shotmill.farm_plugins.local import LocalEngine
from shotmill.farm_plugins.local.cold import program
from shotmill.farm_plugins.submission import SubmitRequest, submit
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database
from shotmill.pipeline.store.engines import live_engines
from shotmill.pipeline.store.jobs import JobRow, job_by_id
from shotmill.pipeline.store.migrate import ensure_schema
from shotmill.schema.ids import JobId

COLD_TASKS = 24  # enough that what a job costs once does not count as a task
IDLE_S = 0.05  # of a process that stands in for a task's
WARM_GOAL_S, COLD_GOAL_S = 0.001, 0.010
TRIVIAL = '''
from __future__ import annotations

from shotmill.schema.frames import FrameSet
from shotmill.schema.job import JobType, Params, Step
from shotmill.schema.task import TaskContext, Written


class TrivialParams(Params):
    """How many tasks, and where."""

    frames: FrameSet
    warm: bool
    run: int


def steps(params: TrivialParams) -> list[Step]:
    return [Step(name="work", task="work", frames=params.frames, warm=params.warm, retries=0)]


def work(task: TaskContext[TrivialParams]) -> Written:
    return Written(outputs=[], done=task.frames)


TASKS = {"work": work}
JOB = JobType(name="trivial", summary="-", params=TrivialParams, steps=steps, tasks="trivial_job", reads_pixels=False)
'''


class Mill:
    """A studio with an engine that runs already."""

    def __init__(self, folder: Path, slots: int) -> None:
        self.settings = Settings(home=folder, user="benchmark", cpu_slots=slots, idle_s=60.0)
        self.database = Database(self.settings.database_url)
        ensure_schema(self.database)
        self.engine = LocalEngine(self.settings, self.database)
        self._numbers = itertools.count()

    def job(self, tasks: int, *, warm: bool) -> JobRow:
        """Run a job of so many trivial tasks to its end."""
        params = {"frames": f"1-{tasks}", "warm": warm, "run": next(self._numbers)}
        request = SubmitRequest("trivial", params=params, project="benchmark")
        made = submit(request, settings=self.settings, database=self.database, engine=self.engine)
        while not (job := job_by_id(self.database, JobId(made.job.id))).state.is_final:
            time.sleep(0.1)  # the database says when it ended; looking often would only slow the engine down
        assert job.failure is None, job.failure
        return job

    def close(self) -> None:
        """End the engine."""
        for engine in live_engines(self.database):
            os.kill(engine.pid, 15)
        while live_engines(self.database):
            time.sleep(0.05)
        self.database.dispose()


def seconds(job: JobRow) -> float:
    assert job.started is not None
    assert job.finished is not None
    return (job.finished - job.started).total_seconds()


def install(site: Path) -> None:
    """Put the job type where this process and its children find it."""
    info = site / "trivial_job-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "trivial_job.py").write_text(TRIVIAL)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: trivial-job\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[shotmill.jobs]\ntrivial = trivial_job\n")
    sys.path.insert(0, str(site))
    os.environ["PYTHONPATH"] = str(site)


def bare_calls(tasks: int) -> float:
    import trivial_job  # noqa: PLC0415 - installed a moment ago

    context: Any = SimpleNamespace(frames=trivial_job.FrameSet((1,)))
    began = time.perf_counter()
    for _ in range(tasks):
        trivial_job.work(context)
    return time.perf_counter() - began


@contextmanager
def idle_program(place: Path) -> Iterator[None]:
    """Engines that begin now run a ``shotmill`` that waits instead of a task, and does all else as it is."""
    python, real = sys.executable, program()
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "python").symlink_to(Path(python).resolve())
    (place / "lib").symlink_to(Path(python).parents[1] / "lib")
    shutil.copy(Path(python).parents[1] / "pyvenv.cfg", place)
    script = place / "bin" / "shotmill"
    script.write_text(f'#!/bin/sh\n[ "$1" = task ] && exec sleep {IDLE_S}\nexec "{real}" "$@"\n')
    script.chmod(0o755)
    sys.executable = str(place / "bin" / "python")
    try:
        yield
    finally:
        sys.executable = python


def bare_processes(job: JobRow, home: Path, tasks: int) -> float:
    """The argv of tasks that the engine ran, once more in processes of their own."""
    argv = [program(), "task", "--bundle", f"{job.folder}/bundle", "--step", "work", "--frames"]
    environment = {**os.environ, "SHOTMILL_HOME": str(home)}
    began = time.perf_counter()
    for frame in range(1, tasks + 1):
        subprocess.run([*argv, str(frame)], check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - began


def warm(folder: Path, *, tasks: int, runs: int, slots: int) -> Result:
    """Overhead per task; the first run warms up."""
    mill = Mill(folder / f"warm{slots}", slots)
    try:
        times = [(seconds(mill.job(tasks, warm=True)), bare_calls(tasks)) for _ in range(runs + 1)][1:]
    finally:
        mill.close()
    added = [(ours - bare) / tasks for ours, bare in times]
    name = f"warm: added to each of {tasks:,} tasks, {slots} at once"
    return Result(name, statistics.median(added), 0.0, 0.0, max(added) / min(added), WARM_GOAL_S)


def cold(folder: Path, *, tasks: int, pairs: int) -> Result:
    """Overhead per task, one at a time, in alternating pairs: a job by the engine, and its tasks as bare processes."""
    times = []
    with idle_program(folder / "idle"):
        mill = Mill(folder / "cold", 1)
        try:
            for _ in range(pairs + 1):
                job = mill.job(tasks, warm=False)
                times.append((seconds(job), bare_processes(job, mill.settings.home, tasks)))
        finally:
            mill.close()
    added = statistics.median((ours - bare) / tasks for ours, bare in times[1:])
    theirs = [bare for _ours, bare in times[1:]]
    name = f"cold: added to each of {tasks} tasks, one at a time"
    return Result(name, added, 0.0, 0.0, max(theirs) / min(theirs), COLD_GOAL_S)


def main() -> int:
    """Run trivial tasks in real engines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=9)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        install(folder / "site")
        results = [warm(folder, tasks=asked.tasks, runs=asked.runs, slots=slots) for slots in (1, os.cpu_count() or 2)]
        status = show([*results, cold(folder, tasks=COLD_TASKS, pairs=asked.pairs)])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    raise SystemExit(main())

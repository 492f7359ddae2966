"""A farm in a wheel of its own: a folder that keeps jobs, and a look that runs them. For tests of the command line."""

from __future__ import annotations

from pathlib import Path

MODULE = '''
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from shotmill.farm_plugins.engine import Capabilities
from shotmill.farm_plugins.farm import FarmJob, FarmTask
from shotmill.schema.errors import EngineRefusedError, EngineUnreachableError
from shotmill.schema.frames import FrameSet
from shotmill.schema.states import State


class SpoolFarm:
    """Runs a job's tasks when it is looked at, each in a process; ``down`` in its folder takes it away,
    ``full`` lets it refuse.
    """

    name = "spool"

    def __init__(self, settings):
        self.place = Path(os.environ["SPOOL"])

    def _here(self):
        if (self.place / "down").exists():
            raise EngineUnreachableError("the spool farm does not answer", hint="remove the file 'down'")

    def capabilities(self):
        return Capabilities(name="spool", gpu=False, cancel=True, retry=True, warm=False)

    def greet(self):
        self._here()
        return f"{len(list(self.place.iterdir()))} jobs in {self.place}"

    def check(self, spec):
        self._here()

    def launch(self, spec, bundle):
        self._here()
        if (self.place / "full").exists():
            raise EngineRefusedError("the spool farm takes no more jobs", hint="remove the file 'full'")
        tasks = [[step.name, str(chunk), "queued"] for step in spec.steps for chunk in step.chunks()]
        kept = {"bundle": str(bundle), "tasks": tasks, "killed": False}
        (self.place / spec.id).write_text(json.dumps(kept))
        return spec.id

    def look(self, engine_job_id, spec):
        self._here()
        path = self.place / engine_job_id
        if not path.exists():
            return None
        job = json.loads(path.read_text())
        if not (self.place / "closed").exists():
            self._run(job)
            path.write_text(json.dumps(job))
        tasks = tuple(
            FarmTask(f"{step}-{frames}", step, FrameSet.parse(frames), State(state), host="spoolhost")
            for step, frames, state in job["tasks"]
        )
        ended = job["killed"] or not any(task.state in (State.QUEUED, State.BLOCKED) for task in tasks)
        return FarmJob(tasks, ended=ended, cancelled=job["killed"])

    def _run(self, job):
        for task in job["tasks"]:
            step, frames, state = task
            if state == "blocked":
                return
            if state != "queued" or job["killed"]:
                continue
            argv = ["task", "--bundle", job["bundle"], "--step", step, "--frames", frames]
            ran = subprocess.run([sys.executable, "-m", "shotmill", *argv], check=False, stdout=subprocess.DEVNULL)
            task[2] = "blocked" if ran.returncode else "succeeded"
            if ran.returncode:
                return

    def cancel(self, engine_job_id, *, reason):
        self._here()
        path = self.place / engine_job_id
        path.write_text(json.dumps({**json.loads(path.read_text()), "killed": True}))

    def retry(self, engine_job_id, spec, tasks):
        self._here()
        path, wanted = self.place / engine_job_id, {one.task_id for one in tasks}
        job = json.loads(path.read_text())
        for task in job["tasks"]:
            if f"{task[0]}-{task[1]}" in wanted:
                task[2] = "queued"
        path.write_text(json.dumps({**job, "killed": False}))

    def let_go(self, engine_job_id, spec, tasks):
        self.retry(engine_job_id, spec, tasks)

    def log(self, engine_job_id, task):
        return ""
'''


def install_spool(site: Path, *, name: str = "spool") -> Path:
    """Install the farm under a name into a folder that a Python path can hold."""
    info = site / f"spool_{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "spool_farm_wheel.py").write_text(MODULE)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: spool-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[shotmill.engines]\n{name} = spool_farm_wheel:SpoolFarm\n")
    return site

"""A studio in a test: settings, database, engine, and the processes that belong to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
from sqlalchemy import select

from shotmill.farm_plugins.local import LocalEngine
from shotmill.farm_plugins.local.engine import settings_environment
from shotmill.farm_plugins.submission import SubmitRequest, Submitted, submit
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.store import Database, engines
from shotmill.pipeline.store.jobs import JobRow, TaskRow, job_by_id, tasks_of
from shotmill.schema.ids import JobId
from shotmill.schema.tables import Attempt, TaskRun

DEADLINE_S = 120.0


class Studio:
    """Settings, database and engine of one test."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.engine = LocalEngine(settings, database)
        self.started: list[subprocess.Popen[bytes]] = []

    def submit(self, **params: object) -> Submitted:
        request = SubmitRequest("trial", params=params, project="demo")
        return submit(request, settings=self.settings, database=self.database, engine=self.engine)

    def job(self, made: Submitted) -> JobRow:
        return job_by_id(self.database, JobId(made.job.id))

    def tasks(self, made: Submitted) -> list[TaskRow]:
        return tasks_of(self.database, made.job.id)

    def wait(self, made: Submitted) -> JobRow:
        self.until(lambda: self.job(made).state.is_final)
        return self.job(made)

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < deadline, self.situation()
            time.sleep(0.05)

    def engine_pids(self) -> list[int]:
        """Of engines of this home that run."""
        home = str(self.settings.home)
        return [one.pid for one in engines.engines(self.database) if one.is_alive and one.slots["home"] == home]

    def kill_engines(self) -> None:
        """Kill those that run; their guards let others follow where there is work."""
        killed = set(self.engine_pids())
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        self.until(lambda: killed.isdisjoint(self.engine_pids()))

    def start_engine(self) -> None:
        """Start an engine of this home by hand, although others may run."""
        environment = {**os.environ, **settings_environment(self.settings)}
        command = [sys.executable, "-m", "shotmill.farm_plugins.local.process"]
        with (self.settings.home / "engine.log").open("ab") as log:
            engine = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self.started.append(engine)
        self.until(lambda: bool(self.engine_pids()) or engine.poll() is not None)  # one may be done before it is seen

    def stop_engines(self) -> None:
        for pid in self.engine_pids():
            os.kill(pid, signal.SIGTERM)
        self.until(lambda: not self.engine_pids())

    def tuned(self, **settings: object) -> Studio:
        """The same studio with other settings."""
        return Studio(self.settings.model_copy(update=settings), self.database)

    def log(self) -> str:
        path = self.settings.home / "engine.log"
        return path.read_text() if path.exists() else "no engine ever ran"

    def situation(self) -> str:
        """All that tells why something did not happen: the engine's log, what runs, and how far tasks are."""
        with self.database.read() as connection:
            tasks = connection.execute(select(TaskRun.__table__)).mappings().all()
            tried = connection.execute(select(Attempt.__table__)).mappings().all()
        rows = "\n".join(str(dict(row)) for row in (*tasks, *tried))
        running = "\n".join(f"{one.pid} {one.status()} {one.cmdline()}" for one in self.processes())
        return f"{self.log()}\n{running}\n{rows}"

    def processes(self) -> list[psutil.Process]:
        """Every process that carries this studio's home in its environment."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get("SHOTMILL_HOME") == str(self.settings.home)
                if ours and process.pid != os.getpid() and process.name() != "postgres":
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def close(self) -> None:
        for process in self.processes():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        for engine in self.started:
            engine.wait()

"""A worker that a test moves by hand, through the same requests as the real worker agent's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .records import Wire
from .server import DeadlineService
from .world import FARM, FLEET

Work = Callable[[str, Wire], int]
ROUNDS = 10_000


class PuppetWorker:
    """A host with cores and memory; what tasks do is a function of the test's."""

    def __init__(self, service: DeadlineService, *, cpu: float = 1, memory_mib: float = 16_384) -> None:
        self._service, self._client = service, service.client()
        self._worker = {"farmId": FARM, "fleetId": FLEET}
        self._worker["workerId"] = self._client.create_worker(**self._worker)["workerId"]
        amounts = {"amount.worker.vcpu": cpu, "amount.worker.memory": memory_mib}
        offered = [{"name": name, "value": value} for name, value in amounts.items()]
        said = {"attr.worker.os.family": ["linux"], "attr.worker.cpu.arch": ["x86_64"]}
        attributes = [{"name": name, "values": values} for name, values in said.items()]
        capabilities = {"amounts": offered, "attributes": attributes}
        self._client.update_worker(**self._worker, status="STARTED", capabilities=capabilities)

    @property
    def id(self) -> str:
        return self._worker["workerId"]

    def ask(self, reports: Wire | None = None) -> Wire:
        """Report, and ask for work: the reply of UpdateWorkerSchedule."""
        found: Wire = self._client.update_worker_schedule(**self._worker, updatedSessionActions=reports or {})
        return found

    def work(self, run: Work, *, until: Callable[[], bool] = lambda: False) -> None:
        """Do what there is to do, until there is nothing more.

        Args:
            run: given the step's name and the task's parameters; the exit code.
            until: whether to stop early.
        """
        reply = self.ask()
        for _ in range(ROUNDS):
            sessions = reply["assignedSessions"].values()
            if not sessions or until():
                return
            reports = {}
            for session in sessions:
                for action in session["sessionActions"][:1]:
                    reports[action["sessionActionId"]] = self._do(session["jobId"], action, run)
            reply = self.ask(reports)
        raise AssertionError("the farm never ends")

    def begin(self, action_id: str) -> None:
        """Report that an action runs."""
        self.ask({action_id: {"startedAt": datetime.now(UTC), "updatedAt": datetime.now(UTC)}})

    def _do(self, job_id: str, action: Wire, run: Work) -> Wire:
        began = datetime.now(UTC)
        task: Any = action["definition"].get("taskRun")
        code = 0
        if task:
            job = self._service.world.jobs[job_id]
            [name] = [step.name for step in job.steps if step.id == task["stepId"]]
            code = run(name, task["parameters"])
        ended = "FAILED" if code else "SUCCEEDED"
        times = {"startedAt": began, "endedAt": datetime.now(UTC)}
        return {"completedStatus": ended, "processExitCode": code, **times}

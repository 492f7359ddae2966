"""How far a job on Deadline Cloud is, in our words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...schema.errors import EngineRefusedError
from ...schema.frames import FrameSet
from ...schema.job import JobSpec
from ...schema.names import plain_text
from ...schema.states import State
from ..farm import FarmJob, FarmTask
from ..openjd import FRAME_PARAMETER
from .client import DeadlineClient, Record
from .config import Place

STATES: Mapping[str, State] = {
    "PENDING": State.QUEUED,
    "READY": State.QUEUED,
    "ASSIGNED": State.QUEUED,
    "SCHEDULED": State.QUEUED,
    "STARTING": State.RUNNING,
    "RUNNING": State.RUNNING,
    "INTERRUPTING": State.RUNNING,
    "SUSPENDED": State.BLOCKED,  # waits until somebody lets it go on
    "NOT_COMPATIBLE": State.BLOCKED,  # waits until somebody gives the queue a fleet that fits
    "CANCELED": State.CANCELLED,
    "FAILED": State.FAILED,
    "SUCCEEDED": State.SUCCEEDED,
}
ACTIVE = frozenset({"ASSIGNED", "SCHEDULED", "STARTING", "RUNNING", "INTERRUPTING"})
ENDED = frozenset({"CANCELED", "FAILED", "SUCCEEDED"})
_CANCELLING = ("CANCELED", "INTERRUPTING")
GONE = frozenset({"ARCHIVED", "CREATE_FAILED", "UPLOAD_FAILED"})
WORDS = {
    "SUSPENDED": "suspended; somebody has to let it go on",
    "NOT_COMPATIBLE": "no fleet of the queue has what it needs",
}
BY_HAND = "set to succeeded by hand"
SEPARATOR = "/"


@dataclass(frozen=True)
class EngineJobId:
    """What this farm calls a job, wherever the settings point by now."""

    place: Place
    job: str

    @classmethod
    def parse(cls, text: str) -> EngineJobId:
        """Read ``farm-.../queue-.../job-...``.

        Raises:
            EngineRefusedError: it is none.
        """
        parts = text.split(SEPARATOR)
        if len(parts) != 3 or not all(parts):  # noqa: PLR2004 - farm, queue, job
            raise EngineRefusedError(f"{text[:200]!r} is no job of Deadline Cloud; submit the job again")
        return cls(Place(parts[0], parts[1]), parts[2])

    @property
    def ids(self) -> dict[str, str]:
        """As requests name it."""
        return {**self.place.ids, "jobId": self.job}


@dataclass
class Looker:
    """Reads jobs; remembers steps that are done, which are most of a job that is watched.

    Attributes:
        client: sends the requests.
    """

    client: DeadlineClient
    _done: dict[tuple[str, str], list[Record]] = field(default_factory=dict)

    def look(self, job: EngineJobId, spec: JobSpec) -> FarmJob | None:
        """How far a job is; None: the service does not know it."""
        found = self.client.find("get_job", **job.ids)
        if found is None:
            return None
        steps = list(self.client.pages("list_steps", "steps", **job.ids))
        records = [(step, task) for step in steps for task in self._tasks(job, step)]
        actions = self._actions(job, [task for _step, task in records])
        hosts = self._hosts(job, actions.values())
        order = {step.name: number for number, step in enumerate(spec.steps)}
        tasks = [_task(step, task, actions, hosts) for step, task in records]
        tasks.sort(key=lambda task: (order.get(task.step, len(order)), task.frames.frames))
        return FarmJob(
            tasks=tuple(tasks),
            ended=_has_ended(found),
            cancelled=_is_cancelled(found),
            facts=_facts(job, found),
        )

    def _tasks(self, job: EngineJobId, step: Record) -> list[Record]:
        key = (job.job, step["stepId"])
        kept = self._done.pop(key, None)
        is_done = step["taskRunStatus"] == "SUCCEEDED"
        if kept is None or not is_done:
            kept = list(self.client.pages("list_tasks", "tasks", **job.ids, stepId=step["stepId"]))
        if is_done and all(task["runStatus"] == "SUCCEEDED" for task in kept):  # else somebody let some run again
            self._done[key] = kept
        return kept

    def _actions(self, job: EngineJobId, tasks: Iterable[Record]) -> dict[str, Record]:
        """What tasks that are not done did last; receipts tell of the others."""
        wanted = [
            task["latestSessionActionId"]
            for task in tasks
            if task.get("latestSessionActionId") and STATES.get(task["runStatus"]) is not State.SUCCEEDED
        ]
        found = self.client.batches(
            "batch_get_session_action", "sessionActions", [{**job.ids, "sessionActionId": one} for one in wanted]
        )
        return {action["sessionActionId"]: action for action in found}

    def _hosts(self, job: EngineJobId, actions: Iterable[Record]) -> dict[str, str]:
        wanted = sorted({action["sessionId"] for action in actions})
        found = self.client.batches("batch_get_session", "sessions", [{**job.ids, "sessionId": one} for one in wanted])
        return {one["sessionId"]: (one.get("hostProperties") or {}).get("hostName") or one["workerId"] for one in found}


def frames_of(task: Record) -> FrameSet:
    """The frames of a task, from its parameters: ``{"Frame": {"chunkInt": "1-4"}}`` or ``{"Frame": {"int": "7"}}``."""
    value: Any = task.get("parameters", {}).get(FRAME_PARAMETER) or {}
    text = value.get("chunkInt") or value.get("int") or "1"
    return FrameSet.parse(str(text))


def _task(step: Record, task: Record, actions: Mapping[str, Record], hosts: Mapping[str, str]) -> FarmTask:
    action = actions.get(task.get("latestSessionActionId", ""), {})
    status = task["runStatus"]
    by_hand = status == task.get("targetRunStatus") == "SUCCEEDED"
    return FarmTask(
        task_id=f"{step['stepId']}{SEPARATOR}{task['taskId']}",
        step=step["name"],
        frames=frames_of(task),
        state=STATES.get(status, State.QUEUED),
        host=hosts.get(action.get("sessionId", "")),
        attempts=int(task.get("failureRetryCount", 0)) + (1 if task.get("startedAt") else 0),
        exit_code=action.get("processExitCode"),
        message=BY_HAND if by_hand else _message(status, action),
        holes=by_hand,
        started=task.get("startedAt"),
        finished=task.get("endedAt"),
    )


def _message(status: str, action: Record) -> str:
    said = " ".join(plain_text(str(action.get("progressMessage") or "")).split())
    return said or WORDS.get(status, "")


def _has_ended(job: Record) -> bool:
    """Whether nothing will run any more: steps that wait for a failed one are pending for ever."""
    if job["lifecycleStatus"] in GONE:
        return True
    counts: Mapping[str, int] = job.get("taskRunStatusCounts") or {}
    return job.get("taskRunStatus") in ENDED and not any(counts.get(status, 0) for status in ACTIVE)


def _is_cancelled(job: Record) -> bool:
    """Whether somebody ended it; tasks that were queued again since count more than what was wanted of the job."""
    counts: Mapping[str, int] = job.get("taskRunStatusCounts") or {}
    wanted = job.get("targetTaskRunStatus") == "CANCELED" and any(counts.get(one, 0) for one in _CANCELLING)
    return wanted or job.get("taskRunStatus") == "CANCELED"


def _facts(job: EngineJobId, found: Record) -> dict[str, Any]:
    facts: dict[str, Any] = {"farm": job.place.farm, "queue": job.place.queue, "job": job.job, "name": found["name"]}
    facts["status"] = found.get("taskRunStatus", "")
    facts["lifecycle"] = found["lifecycleStatus"]
    if found.get("lifecycleStatusMessage"):
        facts["message"] = found["lifecycleStatusMessage"]
    return facts


def not_running(tasks: Sequence[FarmTask]) -> list[FarmTask]:
    """Those that a retry may queue again; running ones go on, and the others wait already."""
    return [task for task in tasks if task.state not in {State.RUNNING, State.QUEUED}]

"""Deadline Cloud as a farm: see ``farm_plugins.farm``."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ...pipeline.folders import JobFolder
from ...pipeline.settings import Settings
from ...schema.ids import job_handle
from ...schema.job import JobSpec
from ...schema.names import plain_text
from ..engine import Capabilities
from ..farm import FarmJob, FarmTask
from ..homecoming import Told
from .apart import Clerk
from .bundle import ATTACHED, add_deadline_files, assets_of, attached_bundle, bundle_value, create_request
from .client import DeadlineClient
from .config import deadline_config, place_of
from .fetching import fetch_outputs
from .limits import check_limits
from .looking import ENDED, SEPARATOR, EngineJobId, Looker, not_running
from .order import SubmitOrder

MAX_DESCRIPTION = 2048  # of the service's model
# A session's log has other tasks' lines, too; clocks of hosts differ by less than this.
LOG_MARGIN = timedelta(seconds=2)


class DeadlineCloudFarm:
    """Keeps the farm protocol over one queue of Deadline Cloud.

    Args:
        settings: of this machine.
    """

    name = "deadline"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opened: Looker | None = None
        self._clerk: Clerk | None = None
        self._lock = threading.Lock()

    def capabilities(self) -> Capabilities:
        """GPUs as the queue's fleets have them."""
        return Capabilities(name=self.name, gpu=True, cancel=True, retry=True, warm=False)

    def greet(self) -> str:
        """Prove that the service answers this user, and that the queue is there.

        Raises:
            EngineUnreachableError, EngineRefusedError: says what stands in the way.
        """
        place = place_of(self._looker.client.config)
        queue = self._looker.client.call("get_queue", **place.ids)
        return f"Deadline Cloud: queue {queue.get('displayName', place.queue)} ({place.queue}) of {place.farm}"

    @contextmanager
    def ready(self) -> Iterator[None]:
        """A job will be handed over soon: the process that does that gets ready while the job is prepared."""
        with self._hired(asks=True) as clerk:
            self._clerk = clerk
            try:
                yield
            finally:
                self._clerk = None

    @contextmanager
    def _hired(self, *, asks: bool = False) -> Iterator[Clerk]:
        """The process that is ready, or one for this purpose alone; what it ``asks`` for is the queue."""
        if self._clerk is not None:
            yield self._clerk
            return
        given = self.settings
        with Clerk() as clerk:
            if asks:
                clerk.ask_queue(
                    given.deadline_farm,
                    given.deadline_queue,
                    timeout_s=given.deadline_timeout_s,
                    attachments=given.deadline_attachments,
                )
            yield clerk

    def check(self, spec: JobSpec) -> None:
        """Refuse what the service would refuse, and a queue that is not there.

        Raises:
            BadRequestError: names the field, the rule and the fix.
            EngineRefusedError: no farm or queue is configured, or it is not there.
        """
        with self._hired(asks=True) as clerk:
            queue = clerk.queue_facts()
        self._check_limits(spec, queue_has_attachments=queue["has_attachments"])

    def check_form(self, spec: JobSpec) -> None:
        """Refuse what every queue would refuse, without asking the service.

        Raises:
            BadRequestError: names the field, the rule and the fix.
        """
        self._check_limits(spec, queue_has_attachments=True)

    def _check_limits(self, spec: JobSpec, *, queue_has_attachments: bool) -> None:
        check_limits(
            spec,
            JobFolder(self.settings.jobs_folder / job_handle(uuid.UUID(spec.id))).bundle,
            attachments=self.settings.deadline_attachments,
            queue_has_attachments=queue_has_attachments,
        )

    def launch(self, spec: JobSpec, bundle: Path) -> str:
        """Hand over a job; ``farm-.../queue-.../job-...``."""
        attachments, command = self.settings.deadline_attachments, self.settings.deadline_command
        places: list[str] = []
        request: dict[str, Any] = {}
        if attachments:
            bundle = attached_bundle(spec, bundle, command=command)
            places = assets_of(spec, bundle).places
        else:
            add_deadline_files(spec, bundle, command=command)
            request = create_request(spec, bundle, command=command)
        order = SubmitOrder(
            bundle=bundle_value(bundle),
            job=spec.id,
            name=spec.name,
            description=_description(spec),
            farm=self.settings.deadline_farm,
            queue=self.settings.deadline_queue,
            timeout_s=self.settings.deadline_timeout_s / 2,  # it shall say itself what is wrong
            known_places=tuple(places),
            request=request,
        )
        with self._hired() as clerk:
            return clerk.submit(order, timeout_s=self.settings.deadline_timeout_s, moving=attachments)

    def look(self, engine_job_id: str, spec: JobSpec) -> FarmJob | None:
        """How far a job is; None: the service does not know it."""
        return self._looker.look(EngineJobId.parse(engine_job_id), spec)

    def cancel(self, engine_job_id: str, *, reason: str) -> None:
        """End a job; what ended already stays."""
        job, client = EngineJobId.parse(engine_job_id), self._looker.client
        found = client.find("get_job", **job.ids)
        if found is None or found.get("taskRunStatus") in ENDED or found["lifecycleStatus"] == "ARCHIVED":
            return
        why = f"cancelled: {' '.join(plain_text(reason).split())}"
        before = str(found.get("description") or "")
        told = f"{before[: MAX_DESCRIPTION - len(why) - 2]}; {why}" if before else why
        client.call("update_job", **job.ids, targetTaskRunStatus="CANCELED", description=told[:MAX_DESCRIPTION])

    def retry(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        """Queue these tasks again, also those that are done; running ones go on."""
        del spec
        job, client = EngineJobId.parse(engine_job_id), self._looker.client
        changes = []
        for task in not_running(tasks):
            step, _, own = task.task_id.partition(SEPARATOR)
            # PENDING: the service makes it READY as soon as the steps before it are done.
            changes.append({**job.ids, "stepId": step, "taskId": own, "targetRunStatus": "PENDING"})
        client.update_tasks(changes)

    def let_go(self, engine_job_id: str, spec: JobSpec, tasks: Sequence[FarmTask]) -> None:
        """Run these; the service counts a task as done that somebody set to succeeded, so nothing waits for it."""
        self.retry(engine_job_id, spec, tasks)

    def is_apart(self, folder: JobFolder) -> bool:
        """Whether the job's files travel as job attachments: it was handed over with a bundle for that."""
        return (folder.root / ATTACHED).is_dir()

    def fetch(self, engine_job_id: str, folder: JobFolder, into: Path, told: Told) -> None:
        """Put what tasks wrote and the job's folder lacks into another folder, under the same names.

        Raises:
            EngineUnreachableError, EngineRefusedError, StorageError: says what stands in the way.
        """
        fetch_outputs(self._looker.client, EngineJobId.parse(engine_job_id), folder, into, told)

    def log(self, engine_job_id: str, task: FarmTask) -> str:
        """What the task's last session printed while it ran; empty where CloudWatch does not tell."""
        job, client = EngineJobId.parse(engine_job_id), self._looker.client
        step, _, own = task.task_id.partition(SEPARATOR)
        record = client.find("get_task", **job.ids, stepId=step, taskId=own) or {}
        wanted = record.get("latestSessionActionId")
        action = client.find("get_session_action", **job.ids, sessionActionId=wanted) if wanted else None
        if action is None or "startedAt" not in action:
            return ""
        start = action["startedAt"] - LOG_MARGIN
        end = (action.get("endedAt") or datetime.now(UTC)) + LOG_MARGIN
        lines = client.session_log(job.place, action["sessionId"], start_ms=_millis(start), end_ms=_millis(end))
        return "".join(f"{line}\n" for line in lines)

    @property
    def _looker(self) -> Looker:
        with self._lock:
            if self._opened is None:
                config = deadline_config(self.settings.deadline_farm, self.settings.deadline_queue)
                self._opened = Looker(DeadlineClient(config, timeout_s=self.settings.deadline_timeout_s))
            return self._opened


def _description(spec: JobSpec) -> str:
    """What people at the farm's monitor see below the job's name."""
    handle = job_handle(uuid.UUID(spec.id))
    about = f"{handle}: {spec.type} of {spec.project}, for {spec.user}"
    return (f"{about}; {spec.comment}" if spec.comment else about)[:MAX_DESCRIPTION]


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

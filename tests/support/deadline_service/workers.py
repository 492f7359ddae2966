"""What worker hosts ask: a name, credentials, work, and what the work is; what they report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from . import moves
from .records import Action, Session, Wire, Worker, new_id, now
from .replies import ServiceError, conflict, not_found
from .scheduling import give_work, step_environments
from .shown import log_group, log_place, shown_worker
from .templates import EXTENSIONS
from .world import FARM, World

CREDENTIALS_S = 3600


class WorkerRequests:
    """Operations of workers, by their name in Python's clients."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create_worker(self, request: Wire) -> Wire:
        worker = Worker(new_id("worker"), request["fleetId"], request.get("hostProperties", {}))
        self._world.workers[worker.id] = worker
        return {"workerId": worker.id}

    def get_worker(self, request: Wire) -> Wire:
        return shown_worker(self._worker(request))

    def list_workers(self, _request: Wire) -> Wire:
        return {"workers": [shown_worker(worker) for worker in self._world.workers.values()]}

    def delete_worker(self, request: Wire) -> Wire:
        worker = self._worker(request)
        if worker.status == "STARTED":
            raise conflict("worker", worker.id, "The worker is started.")
        del self._world.workers[worker.id]
        return {}

    def update_worker(self, request: Wire) -> Wire:
        worker = self._worker(request)
        worker.status = request.get("status", worker.status)
        offered = request.get("capabilities", {})
        if offered:
            worker.amounts = {one["name"]: one["value"] for one in offered["amounts"]}
            worker.attributes = {one["name"]: one["values"] for one in offered["attributes"]}
        group = f"/aws/deadline/{FARM}/{worker.fleet}"
        if self._world.options.log_made:
            self._world.options.log_made(group, worker.id)
        place = {"logGroupName": group, "logStreamName": worker.id}
        return {"log": {"logDriver": "awslogs", "options": place, "parameters": {"interval": "15"}}}

    def update_worker_schedule(self, request: Wire) -> Wire:
        worker = self._worker(request)
        if worker.status not in {"STARTED", "STOPPING"}:
            raise conflict("worker", worker.id, f"The worker is {worker.status}.", status=worker.status)
        worker.seen = now()
        for name, told in request.get("updatedSessionActions", {}).items():
            action = self._action(worker, name)
            if action:
                moves.report(action, told)
        give_work(self._world, worker)
        canceled = {session.id: [one.id for one in session.open_actions if one.canceled] for session in worker.sessions}
        return {
            "assignedSessions": {session.id: _assigned(session) for session in worker.sessions},
            "cancelSessionActions": {name: actions for name, actions in canceled.items() if actions},
            "updateIntervalSeconds": self._world.options.update_interval_s,
        }

    def batch_get_job_entity(self, request: Wire) -> Wire:
        self._worker(request)
        found: list[Wire] = []
        errors: list[Wire] = []
        for one in request["identifiers"]:
            [(kind, names)] = one.items()
            try:
                found.append({kind: getattr(self, f"_{kind}")(names)})
            except ServiceError as error:
                errors.append({kind: {**names, "code": error.code, "message": error.body["message"]}})
        return {"entities": found, "errors": errors}

    def assume_fleet_role_for_worker(self, request: Wire) -> Wire:
        self._worker(request)
        return credentials()

    def assume_queue_role_for_worker(self, request: Wire) -> Wire:
        self._worker(request)
        return credentials()

    def assume_queue_role_for_user(self, _request: Wire) -> Wire:
        return credentials()

    def assume_queue_role_for_read(self, _request: Wire) -> Wire:
        return credentials()

    def _worker(self, request: Wire) -> Worker:
        found = self._world.workers.get(request["workerId"])
        if found is None:
            raise not_found("worker", request["workerId"])
        return found

    def _action(self, worker: Worker, name: str) -> Action | None:
        """An action by id; None: its session has ended, and this is a report that comes too late."""
        actions = (action for session in worker.sessions for action in session.actions)
        return next((action for action in actions if action.id == name), None)

    def _jobDetails(self, names: Wire) -> Wire:  # noqa: N802 - the service model's name
        job, options = self._world.job(names), self._world.options
        attachments = {"s3BucketName": options.bucket, "rootPrefix": options.prefix}
        return {
            "jobId": job.id,
            "jobRunAsUser": {"runAs": "WORKER_AGENT_USER"},
            "logGroupName": log_group(job),
            "parameters": job.parameters,
            "schemaVersion": job.template["specificationVersion"],
            "extensions": list(EXTENSIONS),
            "pathMappingRules": options.path_mapping,
            **({"jobAttachmentSettings": attachments} if options.bucket else {}),
            **({"queueRoleArn": "arn:aws:iam::123456789012:role/queue"} if options.bucket else {}),
        }

    def _jobAttachmentDetails(self, names: Wire) -> Wire:  # noqa: N802 - the service model's name
        job = self._world.job(names)
        return {"jobId": job.id, "attachments": job.request.get("attachments", {"manifests": []})}

    def _stepDetails(self, names: Wire) -> Wire:  # noqa: N802 - the service model's name
        step = self._world.step(names)
        return {
            **names,
            "schemaVersion": step.job.template["specificationVersion"],
            "template": step.template,
            "dependencies": [before.id for before in step.after],
            "extensions": list(EXTENSIONS),
        }

    def _environmentDetails(self, names: Wire) -> Wire:  # noqa: N802 - the service model's name
        job = self._world.job(names)
        known: dict[str, Wire] = dict(job.environments)
        for step in job.steps:
            known |= step_environments(step)
        if names["environmentId"] not in known:
            raise not_found("environment", names["environmentId"])
        return {
            **names,
            "schemaVersion": job.template["specificationVersion"],
            "template": known[names["environmentId"]],
            "extensions": list(EXTENSIONS),
        }


def credentials() -> Wire:
    """Credentials that nobody checks."""
    until = now() + timedelta(seconds=CREDENTIALS_S)
    found: dict[str, Any] = {"accessKeyId": "test", "secretAccessKey": "test", "sessionToken": "test"}
    return {"credentials": {**found, "expiration": until}}


def _assigned(session: Session) -> Wire:
    return {
        "queueId": session.job.queue,
        "jobId": session.job.id,
        "sessionActions": [{"sessionActionId": one.id, "definition": one.definition} for one in session.open_actions],
        "logConfiguration": log_place(session),
    }

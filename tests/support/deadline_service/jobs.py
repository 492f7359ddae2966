"""What people and pipelines ask: make jobs, look at them, move them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from . import moves, shown
from .records import Job, Wire, new_id, now
from .replies import ServiceError, conflict, validation_error
from .templates import lay_out, read_template
from .world import FARM, FLEET, QUEUE, World

# Of CreateJob, what stays the same when a request is sent again.
_NOT_COMPARED = frozenset({"clientToken"})


class JobRequests:
    """Operations on jobs, by their name in Python's clients."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create_job(self, request: Wire) -> Wire:
        token = request.get("clientToken") or new_id("token")
        compared = {name: value for name, value in request.items() if name not in _NOT_COMPARED}
        if token in self._world.tokens:
            before, job_id = self._world.tokens[token]
            if before != compared:
                raise validation_error("clientToken was used before, with other parameters")
            return {"jobId": job_id}
        if "template" not in request:
            raise validation_error("template or sourceJobId is required", reason="FIELD_VALIDATION_FAILED")
        job = Job(new_id("job"), request["farmId"], request["queueId"], request)
        job.template = read_template(request["template"], request.get("templateType", "JSON"))
        lay_out(job)
        job.target = request.get("targetTaskRunStatus", "READY")
        creating_s = self._world.options.creating_s
        if creating_s and job.lifecycle == "CREATE_COMPLETE":
            job.lifecycle, job.lifecycle_message = "CREATE_IN_PROGRESS", "Job creation in progress."
            job.complete_at = time.monotonic() + creating_s
        moves.settle(job)
        if job.target == "SUSPENDED":
            for task in job.tasks:
                task.become("SUSPENDED")
        self._world.jobs[job.id] = job
        self._world.tokens[token] = (compared, job.id)
        return {"jobId": job.id}

    def get_job(self, request: Wire) -> Wire:
        return shown.shown_whole_job(self._world.job(request))

    def get_step(self, request: Wire) -> Wire:
        return shown.shown_whole_step(self._world.step(request))

    def get_task(self, request: Wire) -> Wire:
        return shown.shown_task(self._world.task(request))

    def get_session(self, request: Wire) -> Wire:
        return shown.shown_whole_session(self._world.session(request))

    def get_session_action(self, request: Wire) -> Wire:
        return shown.shown_whole_action(self._world.action(request))

    def list_jobs(self, request: Wire) -> Wire:
        found = [self._world.job({"jobId": name}) for name in self._world.jobs]
        return self._page(request, "jobs", found, shown.shown_job)

    def list_steps(self, request: Wire) -> Wire:
        return self._page(request, "steps", self._world.job(request).steps, shown.shown_step)

    def list_tasks(self, request: Wire) -> Wire:
        return self._page(request, "tasks", self._world.step(request).tasks, shown.shown_task)

    def list_sessions(self, request: Wire) -> Wire:
        return self._page(request, "sessions", self._world.job(request).sessions, shown.shown_session)

    def list_session_actions(self, request: Wire) -> Wire:
        if ("sessionId" in request) == ("taskId" in request):
            raise validation_error("give sessionId or taskId, one of them", reason="FIELD_VALIDATION_FAILED")
        session, task = request.get("sessionId"), request.get("taskId")
        found = [
            action
            for action in self._world.job(request).actions
            if action.session.id == session or (action.task and action.task.id == task)
        ]
        return self._page(request, "sessionActions", found, shown.shown_action)

    def update_job(self, request: Wire) -> Wire:
        job = self._settled_job(request)
        names = {"name": "nameOverride", "description": "descriptionOverride"}
        for name in ("priority", "maxFailedTasksCount", "maxRetriesPerTask", "maxWorkerCount", *names):
            if name in request:
                job.request[names.get(name, name)] = request[name]
        job.name = request.get("name", job.name)
        job.updated = now()
        if "targetTaskRunStatus" in request:
            job.target = request["targetTaskRunStatus"]
            moves.aim(job, job.tasks, request["targetTaskRunStatus"])
        if "lifecycleStatus" in request:
            if not job.is_over:
                raise conflict("job", job.id, "Only jobs that have ended can be archived.")
            job.lifecycle, job.lifecycle_message = "ARCHIVED", "Job is archived."
        return {}

    def update_step(self, request: Wire) -> Wire:
        step = self._world.step(request)
        moves.aim(self._settled_job(request), step.tasks, request["targetTaskRunStatus"])
        return {}

    def update_task(self, request: Wire) -> Wire:
        task = self._world.task(request)
        moves.aim(self._settled_job(request), [task], request["targetRunStatus"])
        return {}

    def batch_update_task(self, request: Wire) -> Wire:
        """Changes of all tasks; those that cannot be changed are told beside those that were."""
        errors: list[Wire] = []
        for one in request["tasks"]:
            try:
                self._world.check_place(one)
                self.update_task(one)
            except ServiceError as error:
                names = {name: value for name, value in one.items() if name != "targetRunStatus"}
                errors.append({**names, "code": error.code, "message": error.body["message"]})
        return {"errors": errors}

    def batch_get_job(self, request: Wire) -> Wire:
        return self._batch(request, "jobs", self.get_job)

    def batch_get_step(self, request: Wire) -> Wire:
        return self._batch(request, "steps", self.get_step)

    def batch_get_task(self, request: Wire) -> Wire:
        return self._batch(request, "tasks", self.get_task)

    def batch_get_session(self, request: Wire) -> Wire:
        return self._batch(request, "sessions", self.get_session)

    def batch_get_session_action(self, request: Wire) -> Wire:
        return self._batch(request, "sessionActions", self.get_session_action)

    def _settled_job(self, request: Wire) -> Job:
        job = self._world.job(request)
        if job.lifecycle not in {"CREATE_COMPLETE", "UPDATE_SUCCEEDED"}:
            raise conflict("job", job.id, f"The job is {job.lifecycle} and cannot be changed.")
        return job

    def _page(self, request: Wire, key: str, things: Sequence[Any], show: Callable[[Any], Wire]) -> Wire:
        start = int(request.get("nextToken") or 0)
        end = start + min(request.get("maxResults", self._world.options.page), self._world.options.page)
        more = {"nextToken": str(end)} if end < len(things) else {}
        return {key: [show(thing) for thing in things[start:end]], **more}

    def _batch(self, request: Wire, key: str, get: Callable[[Wire], Wire]) -> Wire:
        """Answers to all identifiers; those that are wrong are told beside those that are right."""
        found: list[Wire] = []
        errors: list[Wire] = []
        for one in request["identifiers"]:
            try:
                self._world.check_place(one)
                found.append({**one, **get(one)})
            except ServiceError as error:
                errors.append({**one, "code": error.code, "message": error.body["message"]})
        return {key: found, "errors": errors}


class QueueRequests:
    """Operations on the one farm, queue and fleet that are there."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._since = now()

    def get_farm(self, _request: Wire) -> Wire:
        return {**self._farm(), "costScaleFactor": 1.0}

    def list_farms(self, _request: Wire) -> Wire:
        return {"farms": [self._farm()]}

    def list_queues(self, _request: Wire) -> Wire:
        return {"queues": [self._queue()]}

    def list_fleets(self, _request: Wire) -> Wire:
        return {"fleets": []}

    def get_queue(self, _request: Wire) -> Wire:
        options = self._world.options
        attachments = {"s3BucketName": options.bucket, "rootPrefix": options.prefix}
        return {
            **self._queue(),
            "roleArn": "arn:aws:iam::123456789012:role/queue",
            "jobRunAsUser": {"runAs": "WORKER_AGENT_USER"},
            **({"jobAttachmentSettings": attachments} if options.bucket else {}),
        }

    def list_queue_environments(self, _request: Wire) -> Wire:
        return {"environments": []}

    def list_storage_profiles_for_queue(self, _request: Wire) -> Wire:
        return {"storageProfiles": []}

    def list_queue_fleet_associations(self, _request: Wire) -> Wire:
        made = {"createdAt": self._since, "createdBy": shown.SOMEBODY}
        return {"queueFleetAssociations": [{"queueId": QUEUE, "fleetId": FLEET, "status": "ACTIVE", **made}]}

    def _farm(self) -> Wire:
        return {"farmId": FARM, "displayName": "Studio", "createdAt": self._since, "createdBy": shown.SOMEBODY}

    def _queue(self) -> Wire:
        return {
            "farmId": FARM,
            "queueId": QUEUE,
            "displayName": "Shots",
            "status": "IDLE",
            "defaultBudgetAction": "NONE",
            "createdAt": self._since,
            "createdBy": shown.SOMEBODY,
        }

"""How jobs, steps, tasks, sessions and actions stand in replies."""

from __future__ import annotations

from typing import Any

from .records import Action, Job, Session, Step, Task, Wire, Worker, counts
from .world import FARM

SOMEBODY = "arn:aws:sts::123456789012:assumed-role/artist/session"


def without_none(**members: Any) -> Wire:
    """Members that have a value; the service leaves out the others."""
    return {name: value for name, value in members.items() if value is not None}


def shown_job(job: Job) -> Wire:
    tasks = list(job.tasks)
    optional = ("maxFailedTasksCount", "maxRetriesPerTask", "maxWorkerCount", "storageProfileId", "sourceJobId")
    return without_none(
        jobId=job.id,
        name=job.name,
        lifecycleStatus=job.lifecycle,
        lifecycleStatusMessage=job.lifecycle_message,
        priority=job.request["priority"],
        createdAt=job.created,
        createdBy=SOMEBODY,
        updatedAt=job.updated,
        startedAt=min((task.started for task in tasks if task.started), default=None),
        endedAt=max((task.ended for task in tasks if task.ended), default=None) if job.is_over else None,
        taskRunStatus=job.status if tasks else None,
        targetTaskRunStatus=job.target,
        taskRunStatusCounts=counts(tasks) if tasks else None,
        taskFailureRetryCount=sum(task.failures for task in tasks),
        **{name: job.request.get(name) for name in optional},
    )


def shown_whole_job(job: Job) -> Wire:
    """What GetJob adds to a line of ListJobs."""
    description = job.request.get("descriptionOverride") or job.template.get("description")
    return {
        **shown_job(job),
        "parameters": job.parameters,
        **without_none(attachments=job.request.get("attachments"), description=description),
    }


def shown_step(step: Step) -> Wire:
    after = [one.is_done for one in step.after]
    consumers = [one for one in step.job.steps if step in one.after]
    resolved = len(consumers) if step.is_done else 0
    return without_none(
        stepId=step.id,
        name=step.name,
        lifecycleStatus="CREATE_COMPLETE",
        taskRunStatus=step.status,
        taskRunStatusCounts=counts(step.tasks),
        taskFailureRetryCount=sum(task.failures for task in step.tasks),
        createdAt=step.created,
        createdBy=SOMEBODY,
        startedAt=min((task.started for task in step.tasks if task.started), default=None),
        dependencyCounts={
            "dependenciesResolved": sum(after),
            "dependenciesUnresolved": len(after) - sum(after),
            "consumersResolved": resolved,
            "consumersUnresolved": len(consumers) - resolved,
        },
    )


def shown_whole_step(step: Step) -> Wire:
    """What GetStep adds to a line of ListSteps."""
    return {**shown_step(step), **without_none(requiredCapabilities=step.requirements, parameterSpace=step.space)}


def shown_task(task: Task) -> Wire:
    return without_none(
        taskId=task.id,
        createdAt=task.created,
        createdBy=SOMEBODY,
        runStatus=task.status,
        targetRunStatus=task.target,
        failureRetryCount=task.failures,
        startedAt=task.started,
        endedAt=task.ended,
        updatedAt=task.updated,
        latestSessionActionId=task.action.id if task.action else None,
        parameters=task.parameters,
    )


def shown_session(session: Session) -> Wire:
    return without_none(
        sessionId=session.id,
        fleetId=session.worker.fleet,
        workerId=session.worker.id,
        startedAt=session.started,
        lifecycleStatus="ENDED" if session.ended else "STARTED",
        endedAt=session.ended,
    )


def shown_whole_session(session: Session) -> Wire:
    """What GetSession adds to a line of ListSessions."""
    host = without_none(hostName=session.worker.host.get("hostName"))
    return {**shown_session(session), "log": log_place(session), **without_none(hostProperties=host or None)}


def log_place(session: Session) -> Wire:
    """Where the log of a session goes."""
    return {
        "logDriver": "awslogs",
        "options": {"logGroupName": log_group(session.job), "logStreamName": session.id},
        "parameters": {"interval": "1"},
    }


def log_group(job: Job) -> str:
    """The log group of a job's queue."""
    return f"/aws/deadline/{job.farm}/{job.queue}"


def shown_action(action: Action) -> Wire:
    """A line of ListSessionActions."""
    told = action.reported
    definition = action.definition
    return without_none(
        sessionActionId=action.id,
        status=action.status,
        startedAt=told.get("startedAt"),
        endedAt=told.get("endedAt"),
        workerUpdatedAt=told.get("updatedAt"),
        progressPercent=told.get("progressPercent"),
        manifests=told.get("manifests"),
        definition=definition,
    )


def shown_whole_action(action: Action) -> Wire:
    """What GetSessionAction adds to a line of ListSessionActions."""
    told = action.reported
    more = without_none(processExitCode=told.get("processExitCode"), progressMessage=told.get("progressMessage"))
    return {**shown_action(action), "sessionId": action.session.id, **more}


def shown_worker(worker: Worker) -> Wire:
    """A line of ListWorkers, and what GetWorker tells."""
    return without_none(
        workerId=worker.id,
        farmId=FARM,
        fleetId=worker.fleet,
        status=worker.status,
        createdAt=worker.created,
        createdBy=SOMEBODY,
    )

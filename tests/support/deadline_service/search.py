"""Searching jobs, steps and tasks: filters of strings, numbers' names and times, in pages by offset."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from . import shown
from .records import Job, Step, Task, Wire
from .replies import not_found, validation_error
from .world import QUEUE, World

LAST_OFFSET = 10_000
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQUAL": lambda left, right: left == right,
    "NOT_EQUAL": lambda left, right: left != right,
    "GREATER_THAN_EQUAL_TO": lambda left, right: left >= right,
    "GREATER_THAN": lambda left, right: left > right,
    "LESS_THAN_EQUAL_TO": lambda left, right: left <= right,
    "LESS_THAN": lambda left, right: left < right,
}


class SearchRequests:
    """The Search operations, by their name in Python's clients."""

    def __init__(self, world: World) -> None:
        self._world = world

    def search_jobs(self, request: Wire) -> Wire:
        return _page(request, "jobs", (_searched_job(job) for job in self._jobs(request)))

    def search_steps(self, request: Wire) -> Wire:
        steps = (step for job in self._jobs(request) for step in job.steps)
        return _page(request, "steps", map(_searched_step, steps))

    def search_tasks(self, request: Wire) -> Wire:
        tasks = (task for job in self._jobs(request) for task in job.tasks)
        return _page(request, "tasks", map(_searched_task, tasks))

    def _jobs(self, request: Wire) -> list[Job]:
        for queue in request["queueIds"]:
            if queue != QUEUE:
                raise not_found("queue", queue)
        if "jobId" in request:
            return [self._world.job(request)]
        return [self._world.job({"jobId": name}) for name in self._world.jobs]


def _searched_job(job: Job) -> Wire:
    line = {**shown.shown_job(job), "queueId": job.queue, "jobParameters": job.parameters}
    line.pop("lifecycleStatusMessage")
    return line


def _searched_step(step: Step) -> Wire:
    line = {**shown.shown_step(step), "jobId": step.job.id, "queueId": step.job.queue}
    line.pop("dependencyCounts")
    return {**line, **shown.without_none(parameterSpace=step.space)}


def _searched_task(task: Task) -> Wire:
    line = {**shown.shown_task(task), "stepId": task.step.id}
    for name in ("createdAt", "createdBy"):
        line.pop(name)
    return {**line, "jobId": task.step.job.id, "queueId": task.step.job.queue}


def _page(request: Wire, key: str, lines: Iterable[Wire]) -> Wire:
    offset, size = request["itemOffset"], request.get("pageSize", 100)
    if offset > LAST_OFFSET:
        raise validation_error(f"itemOffset is above {LAST_OFFSET}", reason="FIELD_VALIDATION_FAILED")
    found = [line for line in lines if _matches(line, request.get("filterExpressions"))]
    for one in reversed(request.get("sortExpressions", [])):
        _sort(found, one.get("fieldSort"))
    more = {"nextItemOffset": offset + size} if offset + size < len(found) else {}
    return {key: found[offset : offset + size], "totalResults": len(found), **more}


def _sort(lines: list[Wire], by: Wire | None) -> None:
    if by:
        name = _field(by["name"])
        lines.sort(key=lambda line: str(line.get(name, "")), reverse=by["sortOrder"] == "DESCENDING")


def _matches(line: Wire, expression: Wire | None) -> bool:
    if not expression:
        return True
    held = [_holds(line, one) for one in expression["filters"]]
    return all(held) if expression["operator"] == "AND" else any(held)


def _holds(line: Wire, one: Wire) -> bool:
    [(kind, wanted)] = one.items()
    if kind == "groupFilter":
        return _matches(line, wanted)
    if kind == "searchTermFilter":
        return str(wanted["searchTerm"]).lower() in str(line.get("name", "")).lower()
    if kind == "stringListFilter":
        found = str(line.get(_field(wanted["name"]))) in wanted["values"]
        return bool(found == (wanted["operator"] == "ANY_EQUALS"))
    if kind == "parameterFilter":
        values: Wire = line.get("jobParameters") or line.get("parameters") or {}
        given = values.get(wanted["name"], {})
        return _COMPARE[wanted["operator"]](next(iter(given.values()), None), wanted["value"])
    value = line.get(_field(wanted["name"]))
    right: Any = wanted["dateTime"] if kind == "dateTimeFilter" else wanted["value"]
    if value is None:
        return bool(wanted["operator"] == "NOT_EQUAL")
    return _COMPARE[wanted["operator"]](value if isinstance(value, datetime) else str(value), right)


def _field(name: str) -> str:
    """Filters name fields as ``RUN_STATUS`` or ``taskRunStatus``."""
    if not name.isupper():
        return name
    first, *others = name.lower().split("_")
    return first + "".join(one.capitalize() for one in others)

"""What work exists: one folder a job type.

Built-in job types are found by listing this folder, a studio's own by the entry point group ``shotmill.jobs``. Both are
treated the same; a built-in name wins, and a clash is an error that names both.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ..pipeline.entrypoints import offered, owner
from ..schema.errors import UnknownJobTypeError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from ..schema.job import JobType
    from ..schema.task import TaskFunction

GROUP = "shotmill.jobs"
ALL = ("*",)

__all__ = ["code_places", "find_job_type", "job_type_names", "task_function"]


def job_type_names(*, allowed: Sequence[str] = ALL) -> list[str]:
    """The names of all job types that may be used, sorted; imports none of them."""
    others = [name for name in offered(GROUP) if _is_allowed(name, allowed)]
    return sorted({*_built_in_names(), *others})


def find_job_type(name: str, *, allowed: Sequence[str] = ALL) -> JobType[Any]:
    """The job type of this name; imports its face and nothing heavy.

    Args:
        name: as typed after ``shotmill submit``.
        allowed: names of job types from other wheels that may be used; ``*`` allows all.

    Raises:
        UnknownJobTypeError: there is none, two claim the name, or it is not allowed.
    """
    built_in = name in _built_in_names()
    others = offered(GROUP).get(name, [])
    _refuse_clash(name, built_in=built_in, others=others)
    if built_in:
        return _job_of(importlib.import_module(f"{__name__}.{name}"), name)
    if not others:
        raise UnknownJobTypeError(_unknown(name, allowed), hint="shotmill submit --help")
    if not _is_allowed(name, allowed):
        raise UnknownJobTypeError(
            f"job type {name!r} from {owner(others[0])} is not on the list of allowed job types",
            hint=f"add {name!r} to the setting 'job_types'",
        )
    try:
        return _job_of(others[0].load(), name)
    except ImportError as error:
        raise UnknownJobTypeError(f"job type {name!r} from {owner(others[0])} does not import: {error}") from error


def task_function(job_type: JobType[Any], task: str) -> TaskFunction:
    """The function that does a task; imports the job type's ``tasks`` module, which may be heavy.

    Raises:
        UnknownJobTypeError: the module has no such task, or no ``TASKS``.
    """
    module = importlib.import_module(job_type.tasks)
    functions: dict[str, TaskFunction] | None = getattr(module, "TASKS", None)
    if functions is None:
        raise UnknownJobTypeError(f"{job_type.tasks} must hold TASKS, a mapping of task names to functions")
    if task not in functions:
        known = ", ".join(sorted(functions))
        raise UnknownJobTypeError(f"job type {job_type.name!r} has no task {task!r}; {job_type.tasks} has: {known}")
    return functions[task]


def code_places(name: str) -> list[str]:
    """Files and folders that hold the code of a job type from another wheel; none of a built-in one."""
    modules = {point.value.partition(":")[0].strip() for point in offered(GROUP).get(name, [])}
    return sorted({place for module in modules for place in _places(module)})


def _places(module: str) -> list[str]:
    try:
        found = importlib.util.find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return []
    if found is None:
        return []
    return list(found.submodule_search_locations or filter(None, [found.origin]))


@cache  # asked for each task, and the same as long as a process lives
def _built_in_names() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]


def _refuse_clash(name: str, *, built_in: bool, others: Sequence[EntryPoint]) -> None:
    owners = (["Shotmill itself"] if built_in else []) + [owner(point) for point in others]
    if len(owners) > 1:
        raise UnknownJobTypeError(
            f"job type {name!r} is claimed by {' and '.join(owners)}; rename or uninstall one of them",
            hint="pip uninstall one of them",
        )


def _is_allowed(name: str, allowed: Sequence[str]) -> bool:
    return "*" in allowed or name in allowed


def _job_of(found: Any, name: str) -> JobType[Any]:
    from ..schema.job import JobType  # noqa: PLC0415 - pydantic, which a list of names does not need

    job = getattr(found, "JOB", found)
    if not isinstance(job, JobType) or job.name != name:
        raise UnknownJobTypeError(f"job type {name!r}: its module must hold JOB = JobType({name!r}, ...)")
    return job


def _unknown(name: str, allowed: Sequence[str]) -> str:
    names = job_type_names(allowed=allowed)
    near = difflib.get_close_matches(name, names, n=3) or names
    return f"there is no job type {name!r}; did you mean: {', '.join(near)}"

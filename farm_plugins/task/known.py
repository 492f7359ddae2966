"""Jobs as a process that does many tasks knows them: read and checked once, as long as job.json stays the same."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ...jobs import code_places, find_job_type, task_function
from ...pipeline.folders import JobFolder
from ...schema.errors import BadRequestError, ParamsError
from ...schema.frames import FrameSet
from ...schema.job import PUBLISH_TASK, JobSpec, Params, Step
from ...schema.task import TaskFunction
from ..code import code_stamp
from .mapping import mapped_spec, read_rules

KEPT = 8
_Stamp = tuple[str, int, int, int]


@dataclass(frozen=True)
class KnownStep:
    """A step and what runs it; the function is None for the publish step."""

    step: Step
    frames: frozenset[int]
    function: TaskFunction | None


class KnownJob:
    """One job.

    Args:
        spec: with the places of its files on this host.
        allowed: job types from other wheels that may be used.
        published: what is published, with the places where people find the files; None: the same.
    """

    def __init__(self, spec: JobSpec, allowed: tuple[str, ...], *, published: JobSpec | None = None) -> None:
        self.spec = spec
        self.published = published or spec
        self._allowed = allowed
        self._steps: dict[str, KnownStep] = {}
        self._params: Params | None = None

    @property
    def params(self) -> Params:
        """The job type's params.

        Raises:
            ParamsError: they do not fit the job type on this host.
            BadRequestError: this host has another version of the job type.
        """
        if self._params is None:
            job_type = find_job_type(self.spec.type, allowed=self._allowed)
            try:
                found: Params = job_type.params.model_validate(self.spec.params)
            except ValidationError as error:
                raise ParamsError(f"the job's parameters do not fit {self.spec.type} on this host: {error}") from error
            self._params = found
            return found
        return self._params

    def step(self, name: str, frames: FrameSet) -> KnownStep:
        """The step of this name.

        Raises:
            BadRequestError: there is none, or it does not have the frames, or this host has another version of the
                job type.
            UnknownJobTypeError: this host lacks the job type, or its task.
        """
        known = self._steps.get(name)
        if known is None:
            known = self._steps[name] = self._look_up(name)
        beyond = [frame for frame in frames if frame not in known.frames]
        if beyond:
            raise BadRequestError(f"step {name!r} has frames {known.step.frames}, not {FrameSet.of(beyond)}")
        return known

    def _look_up(self, name: str) -> KnownStep:
        try:
            step = self.spec.step(name)
        except KeyError:
            known = ", ".join(step.name for step in self.spec.steps)
            raise BadRequestError(f"the job has no step {name!r}; it has: {known}") from None
        function = None
        if step.task != PUBLISH_TASK:
            job_type = find_job_type(self.spec.type, allowed=self._allowed)
            if job_type.version != self.spec.type_version:
                raise BadRequestError(
                    f"the job was made by version {self.spec.type_version} of {self.spec.type}, this host has "
                    f"{job_type.version}; install the same Shotmill everywhere, or submit again",
                )
            function = task_function(job_type, step.task)
        return KnownStep(step, frozenset(step.frames), function)


code: dict[str, str] = {}  # stamps of the code that this process loaded, from before it did
_jobs: OrderedDict[tuple[_Stamp, Any], KnownJob] = OrderedDict()


def known_job(folder: JobFolder, *, allowed: tuple[str, ...], rules: str = "") -> KnownJob:
    """The job of a bundle.

    Args:
        folder: around the bundle.
        allowed: job types from other wheels that may be used.
        rules: file of path mapping rules; empty: everything lies where it lay when the job was made.

    Raises:
        InputMissingError: the bundle holds no job.json.
        InputCorruptError: it is no JobSpec of this version.
    """
    key = (_stamp(folder), (allowed, rules))
    if key in _jobs:
        _jobs.move_to_end(key)
        return _jobs[key]
    spec = folder.read_spec()
    here = mapped_spec(spec, read_rules(rules)) if rules else spec
    found = KnownJob(here, allowed, published=spec.model_copy(update={"inputs": here.inputs}))
    for place in code_places(found.spec.type):
        if place not in code:
            code[place] = code_stamp(place)
    _jobs[key] = found
    while len(_jobs) > KEPT:
        _jobs.popitem(last=False)
    return found


def _stamp(folder: JobFolder) -> _Stamp:
    try:
        facts = folder.job.stat()
    except OSError:
        return (str(folder.job), 0, 0, 0)
    return (str(folder.job), facts.st_ino, facts.st_mtime_ns, facts.st_size)

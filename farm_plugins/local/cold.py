"""Runs tasks in processes of their own, through openjd-sessions and the job's own OpenJD template."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ...pipeline.folders import JobFolder
from ...schema.errors import (
    EXIT_DONE,
    EngineError,
    InputCorruptError,
    InputMissingError,
    MachineError,
    ShotmillError,
    TaskCancelledError,
    TaskFailedError,
    TaskTimeoutError,
    WorkerLostError,
)
from ...schema.frames import FrameSet
from ...schema.job import PUBLISH_TASK
from ..openjd import BUNDLE_PARAMETER, CHUNKING, COMMAND_PARAMETER, FRAME_PARAMETER
from ..task import Attempted
from .environment import NUMBER, child_environment
from .processes import end_left_behind
from .work import Assignment, failed

if TYPE_CHECKING:
    from openjd.sessions import ActionStatus, Session

LOGGER = "openjd.sessions"
KEPT_LINES = 2000
KEPT_JOBS = 16
_LINE = re.compile(r"SHOTMILL (?P<code>E\d{3}) .*?retryable=(?P<retry>yes|no)")
_CAUSE = re.compile(r'cause="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class _Script:
    """A step of a template, ready to run."""

    script: Any
    job_values: dict[str, Any]
    frame_type: Any
    publishes: bool


def program() -> str:
    """The ``shotmill`` program of this installation.

    Raises:
        MachineError: it is not beside Python.
    """
    found = Path(sys.executable).with_name("shotmill")
    if not found.is_file():
        raise MachineError(f"{found} is not there; install Shotmill with pip, which makes it", path=found)
    return str(found)


@dataclass(frozen=True)
class _Ready:
    """A task with a session of its own that waits to run it, and what is heard of it."""

    work: Assignment
    folder: JobFolder
    frames: FrameSet
    step: _Script
    mark: str
    session: Session
    ended: threading.Event
    seen: list[ActionStatus]


class ColdRunner:
    """Runs one task after another, each in a session and a process of its own; a context manager.

    Nobody waits for what a session needs before and after: while a task runs, the next one's is made ready, and what
    the last one's left is cleared away.

    Args:
        environment: of the engine; what tasks may see of it is chosen here.
        folder: where sessions keep their working folders; it has the engine's name.
        grace_s: seconds a task gets to end by itself.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path, *, grace_s: float) -> None:
        self.environment = environment
        self.engine = folder.name
        self.folder = folder
        self.grace_s = grace_s
        self._ear = _Ear()
        self._old: Session | None = None
        self._next: _Ready | None = None

    def __enter__(self) -> Self:
        logger = logging.getLogger(LOGGER)  # stays at INFO: a filter of it reads openjd_fail and openjd_progress
        logger.propagate = False
        logger.addHandler(self._ear)
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self._clear()
            self._drop_next()
        finally:
            logging.getLogger(LOGGER).removeHandler(self._ear)

    def run(
        self,
        work: Assignment,
        *,
        cancelled: threading.Event,
        begun: Callable[[], None] = lambda: None,
        following: Callable[[], Assignment | None] = lambda: None,
    ) -> Attempted:
        """Run one task to its end; nothing of it is left afterwards.

        Args:
            work: the task.
            cancelled: set when somebody wants it to end.
            begun: called when its process runs.
            following: asked then for the task that will probably be next.
        """
        ready = self._taken(work)
        try:
            status = self._run(ready, cancelled, begun, following)
        finally:
            end_left_behind(ready.mark)
        log = _keep(self._ear.forget(ready.mark), ready)
        return _attempted(work, status, log, cancelled=cancelled.is_set())

    def _run(
        self,
        ready: _Ready,
        cancelled: threading.Event,
        begun: Callable[[], None],
        following: Callable[[], Assignment | None],
    ) -> ActionStatus | None:
        from openjd.model import ParameterValue  # noqa: PLC0415 - heavy
        from openjd.sessions import SessionState  # noqa: PLC0415 - heavy: 240 ms

        session, ended = ready.session, ready.ended
        try:
            values = {FRAME_PARAMETER: ParameterValue(type=ready.step.frame_type, value=ready.frames.openjd)}
            session.run_task(step_script=ready.step.script, task_parameter_values=values)
            begun()
            self._clear()
            self._prepare(following())
            while not ended.wait(1.0 if not cancelled.is_set() else 0.02):
                if cancelled.is_set() and session.state is SessionState.RUNNING:
                    with contextlib.suppress(RuntimeError):  # it has just ended
                        session.cancel_action(time_limit=timedelta(seconds=self.grace_s))
                    ended.wait(self.grace_s + 5.0)
                    break
        finally:
            self._clear()
            self._old = session
            if cancelled.is_set():
                self._clear()
        return ready.seen[0] if ready.seen else None

    def _taken(self, work: Assignment) -> _Ready:
        """The task's session: the one that waits for it, else a new one."""
        if self._next is not None and self._next.work is work:
            ready, self._next = self._next, None
            return ready
        self._drop_next()
        return self._made_ready(work)

    def _prepare(self, work: Assignment | None) -> None:
        """Make a session for a task whose turn comes next; what goes wrong with that goes wrong again in its turn."""
        if work is not None:
            with contextlib.suppress(ShotmillError, OSError, RuntimeError):
                self._next = self._made_ready(work)

    def _drop_next(self) -> None:
        """Clear away the session that nobody will use."""
        if self._next is not None:
            self._next.session.cleanup()
            self._ear.forget(self._next.mark)
            self._next = None

    def _made_ready(self, work: Assignment) -> _Ready:
        from openjd.sessions import ActionState, Session  # noqa: PLC0415 - heavy: 240 ms

        folder = JobFolder(Path(work.task.folder))
        mark = f"{self.engine}-{work.task.task_id}-{uuid.uuid4().hex[:8]}"
        ended = threading.Event()
        seen: list[ActionStatus] = []

        def hear(_session: str, status: ActionStatus) -> None:
            seen[:] = [status]
            if status.state is not ActionState.RUNNING:
                ended.set()
            elif status.progress is not None or status.status_message:
                work.tell((status.progress or 0.0) / 100.0, status.status_message or "")

        step = _script_of(folder.root, work.task.step, _changed(folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        session = Session(
            session_id=mark,
            job_parameter_values=step.job_values,
            callback=hear,
            os_env_vars=self._environment(work, mark, publishes=step.publishes),
            session_root_directory=self.folder,
        )
        self._ear.listen(mark)
        return _Ready(work, folder, FrameSet.parse(work.task.frames), step, mark, session, ended, seen)

    def _clear(self) -> None:
        """Clear away what the session before left."""
        if self._old is not None:
            self._old.cleanup()
            self._old = None

    def _environment(self, work: Assignment, mark: str, *, publishes: bool) -> Any:
        """What the child sees; openjd-sessions adds it to this process's own, of which None takes names out."""
        wanted = child_environment(self.environment, gpus=work.gpus, attempt=mark, publishes=publishes)
        return {**dict.fromkeys(self.environment), **wanted, NUMBER: str(work.task.attempt)}


@lru_cache(KEPT_JOBS)
def _script_of(root: Path, step_name: str, _changed: int) -> _Script:
    """The step's script from the template, and the values of its parameters."""
    from openjd.model import (  # noqa: PLC0415 - heavy
        ParameterValueType,
        create_job,
        preprocess_job_parameters,
    )

    folder = JobFolder(root)
    template = _template(folder.template)
    values = preprocess_job_parameters(
        job_template=template,
        job_parameter_values={COMMAND_PARAMETER: program(), BUNDLE_PARAMETER: str(folder.bundle)},
        job_template_dir=folder.bundle,
        current_working_dir=folder.bundle,
    )
    job = create_job(job_template=template, job_parameter_values=values)
    step = next((step for step in job.steps if step.name == step_name), None)
    if step is None or step.parameterSpace is None:
        raise EngineError(f"the template of {folder.root} has no step {step_name!r}; submit the job again")
    definition = step.parameterSpace.taskParameterDefinitions[FRAME_PARAMETER]
    publishes = folder.read_spec().step(step_name).task == PUBLISH_TASK
    return _Script(step.script, values, ParameterValueType(definition.type.value), publishes)


def _template(path: Path) -> Any:
    from openjd.model import DecodeValidationError, decode_job_template  # noqa: PLC0415 - heavy

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return decode_job_template(template=document, supported_extensions=[CHUNKING])
    except (ValueError, DecodeValidationError) as error:
        raise InputCorruptError(f"{path} is no job template: {error}; submit the job again", path=path) from error


def _changed(folder: JobFolder) -> int:
    """When the template was written last."""
    try:
        return folder.template.stat().st_mtime_ns
    except OSError as error:
        raise InputMissingError(
            f"job template {folder.template} cannot be read: {error.strerror}; submit the job again",
            path=folder.template,
        ) from error


class _Ear(logging.Handler):
    """Keeps the last lines that the processes of sessions print; they go nowhere else."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[str, deque[str]] = {}

    def listen(self, session_id: str) -> None:
        """Keep what the process of this session will print."""
        self._lines[session_id] = deque(maxlen=KEPT_LINES)

    def forget(self, session_id: str) -> deque[str]:
        """What was heard of a session, which is not listened to any more."""
        return self._lines.pop(session_id)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record, if a process of ours printed it."""
        from openjd.sessions import LogContent  # noqa: PLC0415 - heavy

        lines = self._lines.get(getattr(record, "session_id", ""))
        if lines is not None and getattr(record, "openjd_log_content", None) == LogContent.COMMAND_OUTPUT:
            lines.append(record.getMessage())


def _keep(lines: Iterable[str], ready: _Ready) -> str:
    """Append what the process printed to the attempt's own log, or to one that is made for it."""
    folder, task = ready.folder, ready.work.task
    printed = [line for line in lines if not line.startswith("openjd_")]
    newest = folder.newest_log(task.step, ready.frames, task.attempt)
    place = folder.log(task.step, ready.frames, "x").parent
    newest = newest or place / f"{task.attempt:03d}-output.log"
    if printed:
        place.mkdir(parents=True, exist_ok=True)
        with newest.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write("".join(f"{line}\n" for line in ("-- printed:", *printed)))
    return str(newest.relative_to(folder.root)) if newest.exists() else ""


def _attempted(work: Assignment, status: ActionStatus | None, log: str, *, cancelled: bool) -> Attempted:
    if status is not None and status.exit_code == EXIT_DONE:
        return Attempted(EXIT_DONE, log, message=status.status_message or "")
    if cancelled:
        return failed(work, TaskCancelledError("the job was cancelled"), log=log)
    if status is None:
        return failed(work, WorkerLostError("its session ended without a word"), log=log)
    if status.state.value == "timeout":
        return failed(work, TaskTimeoutError(f"it ran longer than {work.task.timeout_s} s"), log=log)
    line = status.fail_message or ""
    found = _LINE.search(line)
    if found is None:
        return failed(work, _unspoken(status, line), log=log)
    cause = _CAUSE.search(line)
    return Attempted(
        exit_code=status.exit_code if status.exit_code is not None else 1,
        log=log,
        failure_code=found.group("code"),
        failure=line,
        retryable=found.group("retry") == "yes",
        message=json.loads(f'"{cause.group(1)}"') if cause else line,
    )


def _unspoken(status: ActionStatus, line: str) -> ShotmillError:
    """Why a process ended that did not say so in our words."""
    code = status.exit_code
    if code is not None and code < 0:
        return WorkerLostError(f"it was killed by signal {-code}")
    return TaskFailedError(line or f"it ended with code {code}", hint="the log holds what it printed; shotmill logs")

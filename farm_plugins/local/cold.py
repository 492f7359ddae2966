"""Runs tasks in processes of their own, through openjd-sessions and the job's own OpenJD template."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...pipeline.folders import JobFolder
from ...schema.errors import (
    EXIT_DONE,
    EngineError,
    MachineError,
    ShotmillError,
    TaskCancelledError,
    TaskFailedError,
    TaskTimeoutError,
    WorkerLostError,
)
from ...schema.frames import FrameSet
from ..openjd import BUNDLE_PARAMETER, CHUNKING, COMMAND_PARAMETER, FRAME_PARAMETER
from ..task import Attempted
from .work import Assignment, failed

if TYPE_CHECKING:
    from openjd.sessions import ActionStatus

_LINE = re.compile(r"SHOTMILL (?P<code>E\d{3}) .*?retryable=(?P<retry>yes|no)")
_ATTEMPT = re.compile(r" attempt=\d+(?= retryable=)")  # the argv of a task does not know which attempt it is
_CAUSE = re.compile(r'cause="((?:[^"\\]|\\.)*)"')


def program() -> str:
    """The ``shotmill`` program of this installation.

    Raises:
        MachineError: it is not beside Python.
    """
    found = Path(sys.executable).with_name("shotmill")
    if not found.is_file():
        raise MachineError(f"{found} is not there; install Shotmill with pip, which makes it", path=found)
    return str(found)


def run_cold(work: Assignment, *, cancelled: threading.Event, grace_s: float) -> Attempted:
    """Run one task to its end in a session of its own; nothing of it is left afterwards.

    Args:
        work: the task.
        cancelled: set when somebody wants it to end.
        grace_s: seconds it gets to end by itself.
    """
    from openjd.sessions import ActionState, Session, SessionState  # noqa: PLC0415 - heavy: 240 ms

    ended = threading.Event()
    seen: dict[str, Any] = {}

    def hear(_session: str, status: ActionStatus) -> None:
        seen["status"] = status
        if status.state is not ActionState.RUNNING:
            ended.set()
        elif status.progress is not None or status.status_message:
            work.tell((status.progress or 0.0) / 100.0, status.status_message or "")

    folder = JobFolder(Path(work.task.folder))
    script, job_values, task_values = _script_of(folder, work)
    _quiet_sessions()
    session = Session(
        session_id=str(work.task.task_id),
        job_parameter_values=job_values,
        callback=hear,
        os_env_vars={"CUDA_VISIBLE_DEVICES": ",".join(map(str, work.gpus))},
    )
    with session:
        session.run_task(step_script=script, task_parameter_values=task_values)
        while not ended.wait(0.05):
            if cancelled.is_set() and session.state is SessionState.RUNNING:
                session.cancel_action(time_limit=timedelta(seconds=grace_s))
                ended.wait(grace_s + 5.0)
                break
    return _attempted(work, seen.get("status"), folder, cancelled=cancelled.is_set())


def _quiet_sessions() -> None:
    """Keep what a task prints out of the engine's own log: its lines stand in the task's log already.

    The level stays at INFO: openjd-sessions reads ``openjd_fail`` and ``openjd_progress`` in a filter of this logger,
    which a higher level would starve.
    """
    logger = logging.getLogger("openjd.sessions")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _script_of(folder: JobFolder, work: Assignment) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """The step's script from the template, and the values of its parameters."""
    from openjd.model import (  # noqa: PLC0415 - heavy
        ParameterValue,
        ParameterValueType,
        create_job,
        decode_job_template,
        preprocess_job_parameters,
    )

    document = json.loads(folder.template.read_text(encoding="utf-8"))
    template = decode_job_template(template=document, supported_extensions=[CHUNKING])
    given = {COMMAND_PARAMETER: program(), BUNDLE_PARAMETER: str(folder.bundle)}
    values = preprocess_job_parameters(
        job_template=template,
        job_parameter_values=given,
        job_template_dir=folder.bundle,
        current_working_dir=folder.bundle,
    )
    job = create_job(job_template=template, job_parameter_values=values)
    step = next((step for step in job.steps if step.name == work.task.step), None)
    if step is None or step.parameterSpace is None:
        raise EngineError(f"the template of {folder.root} has no step {work.task.step!r}; submit the job again")
    definition = step.parameterSpace.taskParameterDefinitions[FRAME_PARAMETER]
    kind = ParameterValueType(definition.type.value)
    frames = FrameSet.parse(work.task.frames).openjd
    return step.script, values, {FRAME_PARAMETER: ParameterValue(type=kind, value=frames)}


def _attempted(work: Assignment, status: Any, folder: JobFolder, *, cancelled: bool) -> Attempted:
    log = _log_of(folder, work)
    if status is not None and status.exit_code == EXIT_DONE:
        return Attempted(EXIT_DONE, log, message=status.status_message or "")
    line = status.fail_message or "" if status is not None else ""
    found = _LINE.search(line)
    if cancelled or status is None or status.state.value == "timeout" or found is None:
        return replace(failed(work, _speechless(work, status, line, cancelled=cancelled)), log=log)
    cause = _CAUSE.search(line)
    return Attempted(
        exit_code=status.exit_code if status.exit_code is not None else 1,
        log=log,
        failure_code=found.group("code"),
        failure=_ATTEMPT.sub(f" attempt={work.task.attempt}", line),
        retryable=found.group("retry") == "yes",
        message=json.loads(f'"{cause.group(1)}"') if cause else line,
    )


def _speechless(work: Assignment, status: ActionStatus | None, line: str, *, cancelled: bool) -> ShotmillError:
    """Why an attempt ended that did not say so itself."""
    if cancelled:
        return TaskCancelledError("the job was cancelled")
    if status is None:
        return WorkerLostError("its session ended without a word")
    if status.state.value == "timeout":
        return TaskTimeoutError(f"it ran longer than {work.task.timeout_s} s")
    code = status.exit_code
    if code is not None and code < 0:
        return WorkerLostError(f"it was killed by signal {-code}")
    return TaskFailedError(line or f"it ended with code {code}")


def _log_of(folder: JobFolder, work: Assignment) -> str:
    """The newest log of the task: the attempt's own."""
    place = folder.log(work.task.step, FrameSet.parse(work.task.frames), "x").parent
    logs = sorted(place.glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
    return str(logs[-1].relative_to(folder.root)) if logs else ""

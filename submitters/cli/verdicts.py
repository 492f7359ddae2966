"""What to say of a job, and of every error: what happened, and the next thing to type."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...schema.errors import EXIT_TASK_ERROR, error_kinds
from ...schema.job import PUBLISH_STEP
from ...schema.names import counted
from ...schema.states import State

if TYPE_CHECKING:
    from ...pipeline.store.jobs import JobRow, StepRow

# What mends each error; the same words stand in docs/troubleshooting.md. JOB stands for the job's handle.
MENDS = {
    "E100": "report it with the log",
    "E110": "the message names the layer; shotmill config explain NAME shows who set it",
    "E111": "type the pip install that the hint gives",
    "E112": "the message lists the nearest names, or both owners",
    "E113": "shotmill doctor says what there is",
    "E114": "the message names path and hash; copy the right file there, or mend the setting weights",
    "E200": "read the message",
    "E201": "write 1001-1096, 1-100x2 or 1-5,9",
    "E202": "letters, digits, _, -, dots inside; rename it",
    "E203": "give the absolute path of the real file",
    "E204": "was the plate moved? The message names path and frame",
    "E205": "copy or render that frame again",
    "E206": "if it is honest, raise max_pixels, max_file_mib or max_image_mib",
    "E207": "the message names the file, or the nearest three; shotmill colour explain SHOT shows who says what; "
    "--param colourspace=...",
    "E208": "mend the job type's steps.py",
    "E209": "export it again; for EDL give --rate",
    "E210": "the message names the field and its rule",
    "E211": "shotmill jobs, shotmill versions and shotmill shots list what there is",
    "E300": "read the message; a retry may help",
    "E301": "make space, then shotmill retry JOB",
    "E302": "shotmill db check; a retry helps once it is back",
    "E303": "older: shotmill db upgrade; newer: upgrade Shotmill on this machine",
    "E304": "the message names the role that may; ask an administrator for it",
    "E305": "move it away, with its -wal and -shm, then put a backup in its place",
    "E310": "shotmill logs JOB",
    "E311": "is the host sick? Else give the step more time",
    "E312": "shotmill retry JOB goes on where it stopped",
    "E313": "it is tried again by itself; look at the host's memory when it repeats",
    "E314": "the message names object and frame; add points inside and outside of it, or a box",
    "E315": "shotmill report JOB --open shows all of it; mend the frames, then submit again",
    "E400": "read the message",
    "E401": "try again; shotmill engine status",
    "E402": "mend what the message names; trying again does not help",
    "E403": "shotmill status JOB shows where it stands",
    "E500": "read the message",
    "E501": "shotmill retry JOB renders them; holes and eaten frames need submit --allow-holes, which lists them",
    "E502": "shotmill retry JOB runs its task again; the message names file and frame",
    "E503": "mend the plug-in; the message names the file",
    "E504": "the message is the plug-in's own; the report in the job's folder has all of it",
    "E505": "a job with a publish step must write something; see the report",
    "E506": "the message says whose it is: keep a version, move away what was made by hand, then shotmill retry JOB",
    "E507": "shotmill retry JOB submits it again, as a new job of what is there now",
    "E600": "read the message",
    "E601": "nothing: it is tried again, and told once",
    "E602": "nothing: it is tried again when it said",
    "E603": "mend what the message names, then shotmill outbox retry --all-dead",
    "E604": "set the variable, or put it into the keyring, of who runs shotmill deliver",
    "E700": "read the message",
    "E701": "shotmill install RV, NUKE or BLENDER where Shotmill is now, or set SHOTMILL_PYTHON to its Python",
    "E702": "shotmill install puts the client of this version into the host",
    "E703": "ask again; the same request id never makes a second job",
    "E704": "ask again; the same request id never makes a second job",
    "E705": "nothing: somebody closed it; a job that was submitted goes on",
    "E800": "open the address that shotmill board printed; programs send its token, see shotmill board --help",
}
_MEND_FIRST = "mend what the message names, then: "
ANOTHER = "submit again with"  # how a hint begins where another job helps, and trying this one again does not


def code_of(failure: str | None) -> str:
    """The code in a failure's one line; empty when it has none."""
    words = (failure or "").split(" ", 2)
    return words[1] if len(words) > 1 and words[0] == "SHOTMILL" else ""


def exit_code_of(job: JobRow) -> int:
    """What a script is told of a job that ended: 0, or the exit code of the error that it failed of."""
    if job.state is State.SUCCEEDED:
        return 0
    kind = error_kinds().get(code_of(job.failure))
    return kind.exit_code if kind else EXIT_TASK_ERROR


def is_held_up(job: JobRow) -> bool:
    """Whether a job is not at its farm yet, and what keeps it from there is known."""
    is_waiting = job.state is State.QUEUED and job.engine != "local" and job.engine_job_id is None
    return is_waiting and bool(job.failure)


def is_refused(job: JobRow) -> bool:
    """Whether its farm will not take a job, however often it is asked."""
    kind = error_kinds().get(code_of(job.failure))
    return is_held_up(job) and kind is not None and not kind.retryable


def verdict_of(job: JobRow, steps: Sequence[StepRow]) -> tuple[str, str]:
    """What happened, in one line, and what to type next; both may be about nothing being wrong."""
    handle = job.handle
    done, tasks = sum(step.done for step in steps), sum(step.tasks for step in steps)
    if job.state is State.SUCCEEDED:
        publishes = any(step.name == PUBLISH_STEP for step in steps)
        following = f"shotmill versions --job {handle}" if publishes else f"look into {job.folder}/attempts"
        return f"{handle} succeeded: {counted(tasks, 'task')}", following
    if job.state is State.FAILED:
        return f"{handle} failed: {job.failure or 'no task said why'}", _mend(job)
    if job.state is State.BLOCKED:
        return f"{handle} waits for a person: {job.failure or 'a task is blocked'}", _mend(job)
    if job.state is State.CANCELLED:
        return f"{handle} was cancelled: {done} of {counted(tasks, 'task')} were done", f"shotmill retry {handle}"
    if is_held_up(job):
        mend = _MEND_FIRST if is_refused(job) else ""
        return f"{handle} is not at its farm yet: {job.failure}", f"{mend}shotmill reconcile"
    return f"{handle} is {job.state}: {done} of {counted(tasks, 'task')} done", f"shotmill watch {handle}"


def _mend(job: JobRow) -> str:
    mend = MENDS.get(code_of(job.failure), f"shotmill logs {job.handle}").replace("JOB", job.handle)
    hint = _hint_of(job.failure)
    if hint.startswith(ANOTHER):
        return hint
    again = f"shotmill retry {job.handle}"
    return mend if again in mend else f"{mend}; then: {again}"


def _hint_of(failure: str | None) -> str:
    """What the failure itself says is to be done; empty when it says nothing."""
    _, _, hint = (failure or "").rpartition(" hint=")
    try:
        return str(json.loads(hint)) if hint.startswith('"') else ""
    except ValueError:
        return ""

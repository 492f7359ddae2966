"""What small jobs did, as their receipts, their own tasks and their logs tell it, beside what was asked for."""

from __future__ import annotations

import json
import shlex
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..pipeline.folders import JobFolder
from ..pipeline.receipts import read_receipts, sound_receipt
from ..schema.errors import NotFoundError
from ..schema.frames import FrameSet
from ..schema.job import JobSpec, Step
from ..schema.states import State
from .conformance import Probe
from .engine import Engine, JobStatus
from .openjd import task_argv

if TYPE_CHECKING:
    from ..schema.receipts import Receipt

# Text that neither a shell nor a farm may read.
WORDS = "$(shotmill-canary) `x` \"two\" 'one' %PATH% #FRAME# {{Param.x}} ; | & > < * ? \\ ü 影"
LINES = 200  # of which the Python RQD shows one or two in its own log
BAIT = "SELFTEST_OF_WHOEVER_SUBMITS"  # a variable that no task may see
CLOCKS = timedelta(seconds=2)  # by which clocks of hosts may differ


@dataclass
class LiveJob:
    """One job that ran.

    Attributes:
        case: what it is called in tables.
        status: where it stood when it was looked at last.
        hosts: that ran its tasks, sorted.
        attempts: at its tasks, as far as is known.
        seconds: from when it was handed over to when it was seen to have ended.
    """

    case: str
    spec: JobSpec
    folder: JobFolder
    status: JobStatus | None = None
    hosts: tuple[str, ...] = ()
    attempts: int = 0
    seconds: float = 0.0
    probes: list[Probe] = field(default_factory=list)

    @property
    def id(self) -> uuid.UUID:
        """As engines know it."""
        return uuid.UUID(self.spec.id)

    @property
    def rests(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.status is not None and (self.status.state.is_final or self.status.state is State.BLOCKED)

    @property
    def standing(self) -> str:
        """How far it is, in one line."""
        if self.status is None:
            return "handed over"
        steps = "  ".join(f"{step.name} {step.done}/{step.tasks}" for step in self.status.steps)
        return f"{self.status.state}: {steps}"


def differences(engine: Engine, job: LiveJob) -> Iterator[tuple[str, str]]:
    """Each aspect, and how what became of it differs from what was asked for; of a failed job, no more than why."""
    if job.status is None or job.status.state is not State.SUCCEEDED:
        failure = job.status.failure if job.status else None
        how = failure or ("" if job.rests else f"not done in {job.seconds:.0f} s; ") + job.standing
        yield "done", how
        return
    yield "done", ""
    ran = [_Ran(step, tuple(read_receipts(job.folder, step.name)), job.folder) for step in job.spec.steps]
    for aspect, compare in _ASPECTS.items():
        yield aspect, "; ".join(f"{one.step.name}: {said}" for one in ran if (said := compare(one)))
    yield "order", "; ".join(_out_of_order(ran))
    yield "variables", "; ".join(said for one in ran if (said := one.other_variables(job.spec.id)))
    yield "logs", _lost_lines(engine, job)


@dataclass(frozen=True)
class _Ran:
    """What became of one step."""

    step: Step
    receipts: tuple[Receipt, ...]
    folder: JobFolder

    @cached_property
    def told(self) -> list[tuple[Receipt, dict[str, Any]]]:
        """What each file says that a task wrote, with its receipt."""
        return [
            (receipt, json.loads((self.folder.root / receipt.root / file.path).read_bytes()))
            for receipt in self.receipts
            for output in receipt.outputs
            for file in output.files
        ]

    def other_variables(self, job_id: str) -> str:
        """How the environment of a task differs."""
        for _receipt, said in self.told:
            values = said["values"]
            if BAIT in said["variables"]:
                return f"{self.step.name} sees the variables of whoever submitted"
            if values.get("SHOTMILL_JOB", job_id) != job_id:
                return f"{self.step.name} is told of another job, {values['SHOTMILL_JOB']}"
            if values.get("CUDA_VISIBLE_DEVICES"):
                return f"{self.step.name} asked for no GPU and sees {values['CUDA_VISIBLE_DEVICES']}"
        return ""


def _other_frames(ran: _Ran) -> str:
    """Each exactly once."""
    asked = Counter(ran.step.frames)
    found = Counter(frame for receipt in ran.receipts for frame in receipt.done or ())
    files = Counter(said["frame"] for _receipt, said in ran.told)
    if asked == found == files:
        return ""
    lost, twice = asked - found, found - asked
    return f"{lost.total()} of {asked.total()} frames not done, {twice.total()} too often or not asked for"


def _other_chunks(ran: _Ran) -> str:
    """None longer than asked for, none across a gap where that is asked for, no more of them than needed."""
    step = ran.step
    longest = max((len(receipt.frames) for receipt in ran.receipts), default=0)
    if longest > step.chunk:
        return f"a chunk of {longest}, {step.chunk} at most asked for"
    if step.contiguous and any(one.frames.last - one.frames.first != len(one.frames) - 1 for one in ran.receipts):
        return "a chunk crosses a gap"
    wanted = len(step.chunks())
    return "" if len(ran.receipts) == wanted else f"{wanted} chunks asked for, {len(ran.receipts)} found"


def _other_words(ran: _Ran) -> str:
    return "" if all(said["words"] == WORDS for _receipt, said in ran.told) else "parameters reach tasks changed"


def _other_argv(ran: _Ran) -> str:
    for receipt, said in ran.told:
        argv = list(map(str, said["argv"]))
        wanted = task_argv([], bundle=str(ran.folder.bundle), step=ran.step.name, frames="")
        if argv[:-1] != wanted[:-1] or FrameSet.parse(argv[-1]) != receipt.frames:
            return shlex.join(argv)
    return ""


def _other_files(ran: _Ran) -> str:
    unsound = [one for one in ran.receipts if sound_receipt(ran.folder, ran.step.name, one.frames) is None]
    return f"files of frames {unsound[0].frames} are not what their receipt says" if unsound else ""


_ASPECTS: dict[str, Callable[[_Ran], str]] = {
    "frames": _other_frames,
    "chunks": _other_chunks,
    "files": _other_files,
    "parameters": _other_words,
    "argv": _other_argv,
}


def _out_of_order(ran: Sequence[_Ran]) -> Iterator[str]:
    """Steps of which a task began before all tasks of those that it waits for had ended."""
    by_name = {one.step.name: one for one in ran}
    for one in ran:
        for before in one.step.after:
            began = min((receipt.started for receipt in one.receipts), default=None)
            ended = max((receipt.finished for receipt in by_name[before].receipts), default=None)
            if began and ended and began + CLOCKS < ended:
                yield f"{one.step.name} began before {before} had ended"


def _lost_lines(engine: Engine, job: LiveJob) -> str:
    """Whether the log of each task has all that it printed."""
    wanted = {f"selftest line {number} of {LINES}" for number in range(1, LINES + 1)}
    for task in engine.tasks(job.id):  # a farm may have cut its own in other places
        try:
            text = engine.logs(job.id, step=task.step, frames=task.frames)
        except NotFoundError as error:
            return error.message
        if not wanted <= set(text.splitlines()):
            return f"that of {task.step}, frames {task.frames}, lacks lines"
    return ""

"""What really became of a farm's tasks: receipts and records first, the farm's own word after them.

Farms lose reports, run frames twice, call eaten frames done and forget jobs. So a task is done when its receipt lies
there or its record says so, it failed for the reason that its own record gives, and only what nobody wrote down is
taken from the farm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from ..pipeline.folders import JobFolder, chunk_name
from ..pipeline.holes import marked_frames
from ..pipeline.receipts import read_receipt
from ..pipeline.records import read_records
from ..schema.attempts import AttemptRecord
from ..schema.errors import (
    EXIT_DONE,
    FramesMissingError,
    InputCorruptError,
    ShotmillError,
    TaskCancelledError,
    TaskFailedError,
    WorkerLostError,
)
from ..schema.frames import FrameSet
from ..schema.holes import HoleMark
from ..schema.job import PUBLISH_TASK, Step
from ..schema.states import State
from .farm import FarmJob, FarmTask

if TYPE_CHECKING:
    from ..pipeline.store.farmed import FarmedTask, Seen

LATE = timedelta(seconds=60)  # a shared disk may show a receipt so much later than the farm tells of its task
# Of several farm tasks that share a stored one, the first of these tells how it stands.
ORDER = (State.BLOCKED, State.FAILED, State.RUNNING, State.QUEUED, State.CANCELLED, State.SUCCEEDED)


@dataclass(frozen=True)
class Known:
    """What lies in a job's folder of one step.

    Attributes:
        done: frames that receipts speak of, or None.
        records: attempts that are not stored yet, oldest first.
        holes: what the farm was told to leave out.
    """

    step: Step
    done: FrameSet | None
    records: tuple[AttemptRecord, ...]
    holes: tuple[HoleMark, ...] = ()

    @cached_property
    def settled(self) -> frozenset[int]:
        """Frames that are done, and those that never will be."""
        return marked_frames(self.holes).union(self.done or ())

    def told(self, frames: FrameSet) -> str:
        """What is said of frames that were left out."""
        mark = next(mark for mark in self.holes if not set(mark.frames).isdisjoint(frames))
        return f"{mark.said} on {mark.farm}; the publish goes on without it"


def look_into(folder: JobFolder, step: Step, *, known: Iterable[str] = ()) -> Known:
    """What lies in a job's folder of a step.

    Args:
        folder: of the job.
        step: one of its steps.
        known: attempts whose records are stored already.
    """
    return Known(step, _done_frames(folder, step), tuple(read_records(folder, step.name, known=frozenset(known))))


def _done_frames(folder: JobFolder, step: Step) -> FrameSet | None:
    """The frames of receipts; those of our own chunks are told by their names, the farm's own cuts are read."""
    chunks = {chunk_name(chunk): chunk for chunk in step.chunks()}
    frames: set[int] = set()
    for path in folder.receipts(step.name):
        if path.stem in chunks:
            frames |= set(chunks[path.stem])
            continue
        try:
            frames |= set(read_receipt(path).frames)
        except (FileNotFoundError, InputCorruptError):
            continue  # the publish step tells of it
    return FrameSet.of(frames) if frames else None


def became_of(tasks: Sequence[FarmedTask], known: Mapping[str, Known], situation: Situation) -> list[Seen]:
    """What became of each task.

    Args:
        tasks: as they are stored.
        known: what lies in the job's folder, by step.
        situation: what else is known of their job.
    """
    by_step: dict[str, list[FarmTask]] = {}
    for one in situation.job.tasks if situation.job else ():
        by_step.setdefault(one.step, []).append(one)
    frames = {name: _by_frame(found) for name, found in by_step.items()}
    return [situation.seen(task, known[task.step], frames.get(task.step, {})) for task in tasks]


def _by_frame(tasks: Iterable[FarmTask]) -> dict[int, FarmTask]:
    return {frame: task for task in tasks for frame in task.frames}


@dataclass(frozen=True)
class Situation:
    """What is known of a job beside its folder.

    Attributes:
        job: as its farm sees it; None: the farm does not know it (any more), or did not answer.
        cancelling: whether somebody asked Shotmill to end it.
        launched: when it was handed over, or soon before.
        heard: whether the farm answered; if not, only what lies in the folder counts.
        moment: now.
    """

    job: FarmJob | None
    cancelling: bool
    launched: datetime
    heard: bool = True
    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def seen(self, task: FarmedTask, known: Known, farm: Mapping[int, FarmTask]) -> Seen:
        """What became of one task."""
        from ..pipeline.store.farmed import Seen  # noqa: PLC0415 - heavy: SQLAlchemy

        frames = FrameSet.parse(task.frames)
        records = tuple(one for one in known.records if not set(one.frames).isdisjoint(frames))
        on_farm = _of_interest([farm[frame] for frame in frames if frame in farm])
        name = on_farm.task_id if on_farm else None
        if self._is_done(task, frames, known, records):
            message = next((one.message for one in reversed(records) if one.exit_code == EXIT_DONE), None)
            return Seen(task, State.SUCCEEDED, engine_task_id=name, message=message, records=records)
        if known.holes and known.settled.issuperset(frames):
            return Seen(task, State.SUCCEEDED, engine_task_id=name, message=known.told(frames), records=records)
        state = self._state(task, on_farm)
        host, started = (on_farm.host, on_farm.started) if on_farm and state is State.RUNNING else (None, None)
        news = Seen(task, state, records=records, host=host, started=started)
        if not self.heard or (state is task.state and not records):
            return replace(news, state=task.state, failure_code=task.failure_code, failure=task.failure)
        code, line = self._failure(on_farm, records, task) if state in {State.BLOCKED, State.FAILED} else (None, None)
        said = (on_farm.message or None) if on_farm else None
        return replace(news, engine_task_id=name, message=said, failure_code=code, failure=line)

    def _is_done(self, task: FarmedTask, frames: FrameSet, known: Known, records: Sequence[AttemptRecord]) -> bool:
        if task.state is State.SUCCEEDED:
            return True
        if any(one.exit_code == EXIT_DONE for one in records):
            return True
        return known.step.task != PUBLISH_TASK and known.done is not None and set(frames) <= set(known.done)

    def _state(self, task: FarmedTask, on_farm: FarmTask | None) -> State:
        """The state of a task that left no receipt."""
        if self.job is None or on_farm is None:
            if self.moment - self.launched < LATE:  # it was just handed over: not every part of a farm has heard of it
                return task.state
            return State.CANCELLED if self.cancelling else State.FAILED
        state = self._farms_state(on_farm)
        if self.job.ended and state in {State.QUEUED, State.RUNNING, State.BLOCKED}:
            if self.cancelling or self.job.cancelled:
                return State.CANCELLED
            return State.FAILED if state is State.BLOCKED else state  # nobody can let it go on there
        return state

    def _farms_state(self, on_farm: FarmTask) -> State:
        if on_farm.state is State.SUCCEEDED:  # eaten, marked as done, or its receipt is on its way
            late = on_farm.finished is not None and self.moment - on_farm.finished < LATE
            return State.RUNNING if late and not on_farm.holes else State.BLOCKED
        return on_farm.state

    def _failure(self, on_farm: FarmTask | None, records: Sequence[AttemptRecord], task: FarmedTask) -> tuple[str, str]:
        """Code and the one line: the task's own words where it could still say them."""
        if on_farm is None or on_farm.state is not State.SUCCEEDED:
            said = [(one.failure_code, one.failure) for one in records if one.failure_code and one.failure]
            last = said[-1] if said else task.last  # a record may be stored before the farm tells of the end
            if last is not None and last[0] != TaskCancelledError.code:
                return last
        error = _farms_word(on_farm, task)
        host = on_farm.host if on_farm else None
        return error.code, error.line(step=task.step, frames=task.frames, host=host)


def _of_interest(tasks: Sequence[FarmTask]) -> FarmTask | None:
    """The farm's task that tells how a stored one stands, where the farm cut its frames in another way."""
    return min(tasks, key=lambda one: ORDER.index(one.state), default=None)


def _farms_word(on_farm: FarmTask | None, task: FarmedTask) -> ShotmillError:
    if on_farm is None:
        return WorkerLostError("the farm does not know the job any more, and it left no receipt", hint="submit again")
    if on_farm.state is State.SUCCEEDED:
        how = "was eaten" if on_farm.holes else "counts as done"
        return FramesMissingError(
            f"frames {task.frames} of {task.step} {how} on the farm, but nobody wrote its receipt",
            hint="shotmill retry runs it",
        )
    code = "" if on_farm.exit_code is None else f" with code {on_farm.exit_code}"
    said = f": {on_farm.message}" if on_farm.message else ""
    return TaskFailedError(f"the farm ended it{code}{said}", hint="shotmill logs; then shotmill retry")

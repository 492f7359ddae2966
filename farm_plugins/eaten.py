"""Frames that a farm was told to leave out, as OpenCue's eaten ones: marked as holes, for a publish that may lack some.

Only the farm's own word makes a mark, and only in a job whose publish may go on without frames. A receipt counts more
than a mark; whoever tries the frames again takes it away.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..pipeline.files import storage_error
from ..pipeline.folders import JobFolder
from ..pipeline.holes import forget_holes, mark_hole, read_holes
from ..schema.errors import EXIT_DONE, FramesMissingError
from ..schema.frames import FrameSet
from ..schema.holes import HoleMark
from ..schema.job import PUBLISH_TASK, JobSpec, Step
from ..schema.states import State
from .farm import FarmJob, FarmTask
from .reconcile import Known

if TYPE_CHECKING:
    from ..pipeline.store.farmed import FarmedTask, Seen

log = logging.getLogger(__name__)

TRIES = 3  # a host may see a mark on a shared disk later than it is asked to publish
GOING = frozenset({State.QUEUED, State.RUNNING, State.BLOCKED, State.FAILED})
WAITING = frozenset({State.QUEUED, State.BLOCKED, State.FAILED})


@dataclass(frozen=True)
class Looked:
    """Who looked at a job, and what its farm said of it.

    Attributes:
        farm: the farm's name.
        user: who looked.
        found: what was said; None: nothing, or the job is being cancelled.
    """

    farm: str
    user: str
    found: FarmJob | None

    def of(self, step: Step) -> list[FarmTask]:
        """The farm's tasks of a step."""
        return [task for task in self.found.tasks if task.step == step.name] if self.found else []


def with_holes(
    folder: JobFolder, spec: JobSpec, known: Mapping[str, Known], looked: Looked, tasks: Iterable[FarmedTask]
) -> dict[str, Known]:
    """What is known of each step, with the marks of its holes as the farm's word makes them.

    Once the job is published, marks stay as they were then.

    Args:
        folder: of the job, whose publish may lack frames.
        spec: the job.
        known: what else lies in its folder, by step.
        looked: what its farm says.
        tasks: as they are stored.
    """
    found = dict(known)
    is_open = not _is_published(spec, known, tasks)
    for step in spec.steps:
        if not spec.is_published(step):
            continue
        if is_open:
            _settle(folder, spec, step, known[step.name], looked)
        marks = read_holes(folder, step.name, job=spec.id)
        found[step.name] = replace(known[step.name], holes=tuple(marks))
    return found


def _is_published(spec: JobSpec, known: Mapping[str, Known], tasks: Iterable[FarmedTask]) -> bool:
    own = {step.name for step in spec.steps if step.task == PUBLISH_TASK}
    recorded = any(record.exit_code == EXIT_DONE for name in own for record in known[name].records)
    return recorded or any(task.step in own and task.state is State.SUCCEEDED for task in tasks)


def _settle(folder: JobFolder, spec: JobSpec, step: Step, known: Known, looked: Looked) -> None:
    """Mark what the farm left out, and take away the marks of what it tries again."""
    done = frozenset(known.done or ())
    tasks = looked.of(step)
    try:
        forget_holes(folder, step.name, [frame for task in tasks if not task.holes for frame in task.frames])
        for task in tasks:
            if task.holes and not done.issuperset(task.frames):
                mark_hole(folder, _mark(spec, task, looked))
    except OSError as error:
        log.warning("holes of %s could not be marked: %s", step.name, storage_error(folder.root, error).line())


def _mark(spec: JobSpec, task: FarmTask, looked: Looked) -> HoleMark:
    from .task.attempted import host_name  # noqa: PLC0415 - loads all that runs tasks, which whoever submits does not

    return HoleMark(
        job=spec.id,
        step=task.step,
        frames=task.frames,
        farm=looked.farm,
        task=task.task_id,
        said=task.message or "left out",
        user=looked.user,
        host=host_name(),
        seen=datetime.now(UTC),
    )


def tried_again(
    spec: JobSpec, known: Mapping[str, Known], looked: Looked, tasks: Sequence[FarmedTask]
) -> list[FarmedTask]:
    """Tasks that were left out, and so counted as done, and that somebody on the farm tries again."""
    if looked.found is None or looked.found.ended or _is_published(spec, known, tasks):
        return []
    going = {
        step.name: {frame for task in looked.of(step) if task.state in GOING for frame in task.frames}
        for step in spec.steps
        if spec.is_published(step)
    }
    done = [task for task in tasks if task.state is State.SUCCEEDED and going.get(task.step)]
    return [task for task in done if (going[task.step] - known[task.step].settled).intersection(_frames(task))]


def publish_to_let_go(
    spec: JobSpec, known: Mapping[str, Known], looked: Looked, seen: Iterable[Seen]
) -> tuple[FarmTask, ...]:
    """The farm's tasks of a publish that waits, or was refused, only for frames that are holes by now."""
    publish = next((step for step in spec.steps if step.task == PUBLISH_TASK), None)
    if publish is None or looked.found is None or looked.found.cancelled:
        return ()
    before = [spec.step(name) for name in publish.after]
    if not any(known[step.name].holes for step in before):
        return ()
    if not all(known[step.name].settled.issuperset(step.frames) for step in before):
        return ()
    own = [one for one in seen if one.task.step == publish.name]
    if any(one.state in {State.BLOCKED, State.FAILED} and one.failure_code != FramesMissingError.code for one in own):
        return ()
    return tuple(task for task in looked.of(publish) if task.state in WAITING)


def _frames(task: FarmedTask) -> FrameSet:
    return FrameSet.parse(task.frames)


def refused_tasks(publish: Iterable[FarmTask], seen: Iterable[Seen]) -> list[FarmedTask]:
    """Those of a publish, as they are stored, that ended or wait for a person."""
    steps = {task.step for task in publish}
    return [one.task for one in seen if one.task.step in steps and one.state in {State.BLOCKED, State.FAILED}]


def holes_text(known: Mapping[str, Known]) -> str:
    """All holes of a job in one text, which is another one when there are others."""
    marks = (mark for one in known.values() for mark in one.holes)
    return " ".join(sorted(f"{mark.step}:{mark.frames}" for mark in marks))

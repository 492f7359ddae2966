"""What a compiled job would make a farm do: one form for every engine, read back from what each of them is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..schema.job import PUBLISH_TASK, JobSpec, Step
from .openjd import task_argv

FRAMES = "{frames}"  # the word of an argv that an engine puts a task's frames for


@dataclass(frozen=True)
class ReadNeeds:
    """What is booked for one task; memory in MiB, that of GPUs for each GPU."""

    cpu: float
    memory_mib: float
    gpu: int = 0
    gpu_memory_mib: float = 0


@dataclass(frozen=True)
class ReadStep:
    """One step.

    Attributes:
        after: steps it waits for, sorted.
        chunks: the frames of each task, in the engine's order; a frame may stand in none, or in two.
        argv: of its tasks, with FRAMES for the frames.
        timeout_s: seconds that one task may run; None: for ever.
    """

    name: str
    after: tuple[str, ...]
    chunks: tuple[tuple[int, ...], ...]
    needs: ReadNeeds
    argv: tuple[str, ...]
    timeout_s: int | None = None

    @property
    def frames(self) -> tuple[int, ...]:
        """The frames of all tasks."""
        return tuple(frame for chunk in self.chunks for frame in chunk)


@dataclass(frozen=True)
class ReadPlan:
    """All steps in the engine's order, and the variables that their tasks see besides those of the host."""

    steps: tuple[ReadStep, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def intended_plan(spec: JobSpec, bundle: Path, *, command: Sequence[str] = ("shotmill",)) -> ReadPlan:
    """What the job itself asks for; publishing comes last."""
    ordered = sorted(spec.steps, key=lambda step: step.task == PUBLISH_TASK)
    return ReadPlan(tuple(_intended(step, bundle, command) for step in ordered))


def _intended(step: Step, bundle: Path, command: Sequence[str]) -> ReadStep:
    needs = step.needs
    return ReadStep(
        name=step.name,
        after=tuple(sorted(step.after)),
        chunks=tuple(chunk.frames for chunk in step.chunks()),
        needs=ReadNeeds(needs.cpu, needs.memory_mib, needs.gpu, needs.gpu_memory_mib),
        argv=tuple(task_argv(list(command), bundle=str(bundle), step=step.name, frames=FRAMES)),
        timeout_s=step.timeout_s,
    )

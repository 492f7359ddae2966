"""What a task is given and what it gives back: the contract between a runner and a job type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from .frames import FrameSet
from .job import JobSpec, Params, Step
from .receipts import Output, Receipt

P = TypeVar("P", bound=Params)


class Progress(Protocol):
    """Tells the runner how far a task is."""

    def __call__(self, fraction: float, message: str = "", /) -> None:
        """Report 0..1 and a sentence; raises TaskCancelledError when somebody cancelled."""
        ...


@dataclass(frozen=True)
class Written:
    """What a task function hands back; the runner hashes the files and makes the receipt.

    Attributes:
        outputs: as in the receipt, but with files given by ``FileMade``.
        done: frames with all their outputs.
        holes: frames that the source does not have.
    """

    outputs: Sequence[OutputMade]
    done: FrameSet | None
    holes: FrameSet | None = None
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class FileMade:
    """One file in the task's staging folder: its path relative to it, and its frame."""

    path: str
    frame: int | None = None


@dataclass(frozen=True)
class OutputMade:
    """Files of one representation of one product, not yet hashed; fields as in ``receipts.Output``."""

    product: str
    representation: str
    files: Sequence[FileMade]
    colourspace: str | None = None
    width: int | None = None
    height: int | None = None
    pixel_aspect: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskContext(Generic[P]):
    """Everything a task may know.

    Attributes:
        job: the whole job.
        step: the step this task belongs to.
        params: the job type's params, validated.
        frames: the frames of this chunk.
        staging: an empty folder of this attempt's own; nothing may be written elsewhere.
        job_dir: the job's folder; receipts' ``root`` is relative to it.
        upstream: receipts of the steps this one waits for, by step name.
        progress: see Progress.
        tools: what the studio's machine offers (images, movies, colour); see ``pipeline.tools``.
    """

    job: JobSpec
    step: Step
    params: P
    frames: FrameSet
    staging: Path
    job_dir: Path
    upstream: Mapping[str, Sequence[Receipt]]
    progress: Progress
    tools: Any

    def upstream_files(self, step: str) -> list[tuple[Output, Path]]:
        """Each output of an upstream step with the folder its files lie in."""
        return [
            (output, self.job_dir / receipt.root)
            for receipt in self.upstream.get(step, ())
            for output in receipt.outputs
        ]


TaskFunction = Callable[[TaskContext[Any]], Written]

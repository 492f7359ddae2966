"""Technical check: measure frames in parallel, judge them together, publish; a strict one then fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...schema.frames import FrameSet
from ...schema.job import Needs, OutputSpec, Step, publish_step
from ...schema.media import Clip
from ...schema.products import outputs_per_clip
from .params import QcParams

MEASURE, REPORT, VERDICT = "measure", "report", "verdict"
JSON, SHEET = "json", "jpg"
MEASURE_S = 6 * 3600  # all of a movie may be one task


@dataclass(frozen=True)
class Part:
    """The numbers of one clip among those of the measuring step.

    Attributes:
        index: of the clip, from 0.
        first: number of its first frame; a movie whose length is not known has this one number.
        frames: that it should have; None: a movie's, which only opening it tells.
    """

    index: int
    first: int
    frames: FrameSet | None

    @property
    def numbers(self) -> range:
        """Where its frames stand, in their order."""
        return range(self.first, self.first + (1 if self.frames is None else len(self.frames)))


def frames_of(params: QcParams, clip: Clip) -> FrameSet | None:
    """The frames that a clip should have; None: not known yet."""
    return params.frames or clip.frames or (None if _is_movie(clip) else FrameSet((0,)))


def _is_movie(clip: Clip) -> bool:
    from ...pipeline.media import is_movie  # noqa: PLC0415 - job types' faces load no more than they need

    return is_movie(clip.media)


def parts_of(params: QcParams) -> list[Part]:
    """The clips one after the other, their frames counted from 1."""
    parts, first = [], 1
    for index, clip in enumerate(params.clips):
        parts.append(Part(index, first, frames_of(params, clip)))
        first = parts[-1].numbers.stop
    return parts


def shows_own_frames(params: QcParams) -> bool:
    """Whether the measuring step counts as the only clip does: people then see its own numbers on a farm."""
    return len(params.clips) == 1 and frames_of(params, params.clips[0]) is not None


def work_of(params: QcParams, numbers: FrameSet) -> Iterator[tuple[Clip, int, FrameSet | None]]:
    """What a task has to measure: clips with their indices from 0, and frames of each; None: all of a movie.

    Args:
        params: of the job.
        numbers: of the task's chunk.
    """
    if shows_own_frames(params):
        yield params.clips[0], 0, numbers
        return
    wanted = set(numbers)
    for part in parts_of(params):
        mine = [at for at, number in enumerate(part.numbers) if number in wanted]
        if mine:
            frames = None if part.frames is None else FrameSet(tuple(part.frames.frames[at] for at in mine))
            yield params.clips[part.index], part.index, frames


def steps(params: QcParams) -> list[Step]:
    """Measuring, chunked over the frames of all clips; a report for each; the publish; a strict one's verdict."""
    only = frames_of(params, params.clips[0]) if shows_own_frames(params) else None
    measure = Step(
        name=MEASURE,
        task="measure",
        frames=only or FrameSet.span(1, parts_of(params)[-1].numbers.stop - 1),
        chunk=params.chunk_frames,
        needs=Needs(cpu=1, memory_mib=2048),
        timeout_s=MEASURE_S,
    )
    report = Step(
        name=REPORT,
        task="report",
        frames=FrameSet.span(1, len(params.clips)),
        needs=Needs(cpu=1, memory_mib=2048),
        after=(MEASURE,),
        outputs=(*_outputs(params, JSON), *_outputs(params, SHEET)),
    )
    publish = publish_step(REPORT)
    verdict = Step(name=VERDICT, task="verdict", needs=Needs(memory_mib=512), after=(REPORT, publish.name), retries=0)
    return [measure, report, publish, *([verdict] if params.strict else [])]


def _outputs(params: QcParams, representation: str) -> tuple[OutputSpec, ...]:
    return outputs_per_clip(params.clips, name=params.product, kind="document", representation=representation)

"""What a self-test is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...schema.job import Params

MAX_WORDS = 1000


Shape = Literal["frames", "chunks", "gaps", "order"]  # of jobs that farms stumble over


class SelftestParams(Params):
    """One small job."""

    shape: Shape = Field(
        default="frames",
        title="Shape",
        description="frames: a task each; chunks: of stepped frames; gaps: that no chunk may cross; order: steps wait",
    )
    words: str = Field(
        default="",
        max_length=MAX_WORDS,
        title="Words",
        description="text that every task must be given as it is",
    )
    lines: int = Field(default=1, ge=1, le=1000, title="Lines", description="how much each task prints")
    publish: bool = Field(
        default=True,
        title="Publish",
        description="whether what the tasks tell becomes a version; if not, it stays in the job's folder",
    )

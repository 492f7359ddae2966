"""What an artist fills in for a probe."""

from __future__ import annotations

from pydantic import Field

from ...schema.job import ClipParams


class ProbeParams(ClipParams):
    """What is in each clip."""

    publish: bool = Field(
        default=True,
        title="Publish",
        description="whether what was found becomes a version; if not, it stays in the job's folder",
    )

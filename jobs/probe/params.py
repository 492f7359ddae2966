"""What an artist fills in for a probe."""

from __future__ import annotations

from ...schema.job import ClipParams


class ProbeParams(ClipParams):
    """What is in each clip; nothing to choose."""

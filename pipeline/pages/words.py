"""Numbers and moments as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ...schema.publishing import PublishReport

_STAGES = ((0.5, "collect"), (1.5, "validate"), (2.5, "extract"), (float("inf"), "integrate"))
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def size_text(size: float) -> str:
    """Bytes, such as ``1.4 GiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:  # noqa: PLR2004 - binary units
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def time_text(seconds: float) -> str:
    """A time span, such as ``3 min 20 s``."""
    if seconds < 0.1:  # noqa: PLR2004 - below it, ms say more
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < 10:  # noqa: PLR2004 - above it, tenths say nothing
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def moment_text(moment: datetime) -> str:
    """A moment, such as ``2026-11-21 20:00 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def number_text(number: int) -> str:
    """A number, its thousands apart."""
    return f"{number:,}"


def stage_of(order: float) -> str:
    """What a plug-in of this order does."""
    return next(name for end, name in _STAGES if order < end)


def spoken(name: str) -> str:
    """A class name as words: ``ValidateFrames`` is ``Validate frames``."""
    first, *rest = _HUMP.split(name)
    return " ".join([first, *(word if word.isupper() else word.lower() for word in rest)])


def lasted(report: PublishReport) -> float:
    """Seconds that a run of the publish step took."""
    return (report.finished - report.started).total_seconds()

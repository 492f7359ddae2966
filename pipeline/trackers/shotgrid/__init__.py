"""Flow Production Tracking, which studios call ShotGrid: told by its own client, ``shotgun_api3``."""

from __future__ import annotations

from typing import Any

from ...outbox.sections import read_section
from ...outbox.target import SecretReader
from .section import ShotGridSection
from .tracker import ShotGrid

__all__ = ["ShotGrid", "ShotGridSection", "make"]


def make(name: str, section: dict[str, Any], secrets: SecretReader, timeout_s: float) -> ShotGrid:
    """A ShotGrid site; nothing is asked of it yet. See ``TargetMaker``."""
    from .client import connect  # noqa: PLC0415 - optional: the base install has no shotgun_api3

    read = read_section(ShotGridSection, name, section)
    return ShotGrid(name, read, connect(read, secrets(read.key), timeout_s))

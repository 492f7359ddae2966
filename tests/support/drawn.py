"""Pictures of the docs that were drawn anew, held against those that are kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

MAX_BYTES = 120_000


def check_drawn(files: Iterable[Path], kept_in: Path) -> None:
    """Each is as large as the one that is kept, shows something, and is a small file."""
    from PySide6.QtGui import QImage  # noqa: PLC0415 - after Qt was told to need no screen

    for file in files:
        drawn, kept = QImage(str(file)), QImage(str(kept_in / file.name))
        assert (drawn.width(), drawn.height()) == (kept.width(), kept.height())
        colours = {drawn.pixel(x, y) for x in range(0, drawn.width(), 3) for y in range(0, drawn.height(), 3)}
        assert len(colours) > 50, f"nothing is drawn in {file.name}"
        assert file.stat().st_size < MAX_BYTES

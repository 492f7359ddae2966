"""Fixtures of cuts: commands run in this process, over a plate of ten frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from in_process import home, shotmill
from roto_plates import Plate, make_plate
from timelines import Item, clip, numbered, timeline, track, write

__all__ = ["home", "shotmill"]

WriteCut = Callable[..., Path]


@pytest.fixture
def plate(tmp_path: Path) -> Plate:
    """Frames 1001 to 1010, in ``plates``."""
    return make_plate(tmp_path / "plates", last=1010)


@pytest.fixture
def write_cut(tmp_path: Path, plate: Plate) -> WriteCut:
    """Write a cut of shots over that plate, each given as its name, its first frame and how many."""
    folder = str(Path(plate.pattern).parent)

    def one(name: str, first: int, count: int) -> Item:
        media = numbered(folder, first=1001, available=(0, 10)) | {"name_suffix": ".png"}
        return clip(f"sq010_{name}", (first - 1001, count), media)

    def make(name: str, *shots: tuple[str, int, int]) -> Path:
        return write(tmp_path / name, timeline(track(*(one(*shot) for shot in shots))))

    return make

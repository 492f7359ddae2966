"""Fixtures of cuts: commands run in this process, over a plate of ten frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Ran, Shotmill, stop_engines
from roto_plates import Plate, make_plate
from timelines import Item, clip, numbered, timeline, track, write

from shotmill.submitters.cli.root import invoke

WriteCut = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SHOTMILL_IDLE_S", "5")
    yield tmp_path / "home"
    stop_engines(tmp_path / "home")


@pytest.fixture
def shotmill(home: Path, capfd: pytest.CaptureFixture[str]) -> Shotmill:
    """Run a command in this process."""
    del home

    def run(*arguments: object) -> Ran:
        capfd.readouterr()
        code = invoke([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run


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

"""What the sheet of a technical check shows: each finding's own frame, its mark on the right pixel, its words below."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from qc_clips import SIZE, Picture, clip_at, frame_file, scene, write_clip

from shotmill.pipeline import drawing
from shotmill.pipeline.images import read_image, text_mask
from shotmill.pipeline.qc.sheet import COLOURS, draw_findings
from shotmill.pipeline.sheets import BOLD, MONO
from shotmill.schema.media import Clip
from shotmill.schema.qc import QcReport, Severity

RunJob = Callable[..., Any]  # see conftest.py
Pixels = NDArray[np.uint8]
WIDTH = 400
HEIGHT = WIDTH * SIZE[1] // SIZE[0]
TEXT, GAP, MARGIN = 19, 25, 38  # by hand, of tiles that are 400 pixels wide
BAD = (117, 20)  # where the NaN is: x and y


class Shown(NamedTuple):
    """What a tile should show and say, by hand."""

    frame: int
    name: str
    severity: Severity
    source: str


# The worst first, and of each kind the first; frames 1005 and 1006 are one run.
TILES = (
    Shown(1003, "black", Severity.ERROR, "the mean level is 0, the highest 0"),
    Shown(1007, "missing", Severity.ERROR, "plate.1007.exr"),
    Shown(1010, "NaN", Severity.ERROR, "1 pixel of R (0.011 %) is no number (NaN)"),
    Shown(1005, "frozen", Severity.WARNING, "1005-1006: the same as frame 1004"),
    Shown(1009, "duplicate", Severity.WARNING, "the same as frame 1002"),
)
GONE = 1007
ACROSS = 3


def spoiled(picture: Picture) -> Picture:
    picture[BAD[1], BAD[0], 0] = np.nan
    return picture


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    folder = tmp_path_factory.mktemp("faulty")
    held = {frame: lambda _: scene(1004) for frame in (1005, 1006)}
    faults = {1003: lambda picture: picture * 0, **held, 1009: lambda _: scene(1002), 1010: spoiled}
    clip = write_clip(folder, faults=faults)
    frame_file(clip, 1007).unlink()
    return clip_at(folder / "plate.####.exr")


@pytest.fixture
def made(run_job: RunJob, faulty: Clip) -> dict[str, Path]:
    """The report and the sheet, by their representation."""
    return {output.representation: path for output, [path] in run_job("qc", [faulty]).outputs("report")}


def tile_at(sheet: Pixels, place: int) -> Pixels:
    """A tile's picture, with what stands below it."""
    top = MARGIN + 68  # below the heading
    x, y = MARGIN + place % ACROSS * (WIDTH + GAP), top + place // ACROSS * (HEIGHT + 63 + GAP)
    return sheet[y : y + HEIGHT + 63, x : x + WIDTH]


def likeness(tile: Pixels, text: str, size: int, row: int, *, right: bool = False, font: Any = "DroidSans") -> float:
    """How much a line below a tile's picture looks like a text: the correlation of the two, 1 at most."""
    mask = text_mask(text, size, font=font)
    height, width = mask.shape
    left = WIDTH - width if right else 0
    found = tile[HEIGHT + row - size : HEIGHT + row - size + height, left : left + width, 1]
    return float(np.corrcoef(found.ravel(), mask[: len(found)].ravel())[0, 1])


@pytest.mark.parametrize("place", range(len(TILES)))
def test_each_tile_says_its_own_finding(made: dict[str, Path], place: int) -> None:
    tile = tile_at(read_codes(made["jpg"]), place)
    for word, size, row, more in (
        ("name", TEXT, 26, {"font": BOLD}),
        ("frame", TEXT, 26, {"right": True, "font": MONO}),
        ("source", 16, 52, {}),
    ):
        found = [likeness(tile, str(getattr(one, word)), size, row, **more) for one in TILES]
        assert found[place] > 0.85, f"{word} {getattr(TILES[place], word)}: {found}"
        assert max(found) == found[place]


@pytest.mark.parametrize("place", [2, 3, 4])
def test_each_tile_shows_its_own_frame(made: dict[str, Path], place: int) -> None:
    rows, columns = (np.arange(8, side - 8) * WIDTH // SIZE[0] + 1 for side in (SIZE[1], SIZE[0] - 20))
    shown = tile_at(read_codes(made["jpg"]), place)[np.ix_(rows, columns)][:, :, 1]
    same = {1005: 1004, 1009: 1002}  # what they hold
    likest = {
        frame: np.corrcoef(shown.ravel(), scene(frame)[8:-8, 8:-28, 1].ravel())[0, 1] for frame in range(1001, 1013)
    }
    assert max(likest, key=lambda frame: likest[frame]) == same.get(TILES[place].frame, TILES[place].frame)


def test_frames_and_marks_have_the_colour_of_how_bad_it_is(made: dict[str, Path]) -> None:
    report = QcReport.model_validate_json(made["json"].read_text())
    plain = (90, 90, 90)
    sheet = draw_findings(report, lambda _frame: drawing.blank(WIDTH, HEIGHT, plain), heading="plate")
    for place, shown in enumerate(TILES):
        picture = tile_at(sheet, place)[:HEIGHT]
        marked = (picture == COLOURS[shown.severity]).all(axis=2)
        if shown.frame == GONE:
            assert not marked.any()  # nothing is there to be marked
            continue
        edge = np.ones_like(marked)
        edge[3:-3, 3:-3] = False
        assert marked[edge].all()
        rows, columns = np.nonzero(marked & ~edge)
        if shown.name == "NaN":
            middle = (columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2
            wanted = ((BAD[0] + 0.5) * WIDTH / SIZE[0], (BAD[1] + 0.5) * HEIGHT / SIZE[1])
            assert middle == pytest.approx(wanted, abs=1.0)
        else:
            assert len(rows) == 0


def test_a_frame_that_cannot_be_shown_says_why(made: dict[str, Path]) -> None:
    report = QcReport.model_validate_json(made["json"].read_text())
    sheet = draw_findings(report, lambda _frame: "too large to show", heading="plate")
    mask = text_mask("too large to show", TEXT)
    tile = tile_at(sheet, 0)
    left, top = (WIDTH - mask.shape[1]) // 2, (HEIGHT + TEXT * 2 // 3) // 2 - TEXT
    shown = tile[top : top + mask.shape[0], left : left + mask.shape[1], 1]
    assert np.corrcoef(shown.ravel(), mask.ravel())[0, 1] > 0.95


def read_codes(path: Path) -> Pixels:
    """(h, w, 3) as shown."""
    return np.asarray(read_image(path).pixels, dtype=np.uint8)

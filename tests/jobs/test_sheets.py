"""The layout of sheets, and text that fits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from shotmill.pipeline import drawing
from shotmill.pipeline.images import FONTS, text_mask
from shotmill.pipeline.sheets import MAX_SHEET_PIXELS, Tile, draw_sheet, draw_strip, tile_width

RED = (200, 40, 40)


def picture(width: int, height: int) -> NDArray[np.uint8]:
    return drawing.blank(width, height, RED)


def is_red(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((pixels == RED).all(axis=2))


@pytest.mark.parametrize(("count", "across"), [(1, 1), (2, 2), (6, 3), (8, 4), (12, 4), (40, 8)])
def test_the_sheet_has_the_shape_of_a_screen(count: int, across: int) -> None:
    sheet = draw_sheet([Tile(str(index)) for index in range(count)], heading="", columns=0, width=400)
    assert sheet.shape[1] == 2 * 38 + across * 400 + (across - 1) * 25


def test_columns_are_honoured() -> None:
    sheet = draw_sheet([Tile(str(index)) for index in range(6)], heading="h", columns=2, width=100)
    assert sheet.shape[1] == 2 * 12 + 2 * 100 + 8


def test_a_picture_of_another_shape_is_fitted_not_cut() -> None:
    tiles = [Tile("wide", pixels=picture(200, 85)), Tile("tall", pixels=picture(200, 400))]
    sheet = draw_sheet(tiles, heading="", columns=2, width=200)
    rows = is_red(sheet[:, 230:]).any(axis=1)
    columns = is_red(sheet[:, 230:]).any(axis=0)
    assert (rows.sum(), columns.sum()) == (200, 100)


def test_thousands_of_tiles_make_a_sheet_that_still_opens() -> None:
    width = tile_width(2048, 3000)
    assert width < 200
    assert 3000 * width * width * 0.75 <= MAX_SHEET_PIXELS
    assert tile_width(400, 100) == 400


@pytest.mark.parametrize(
    "name", ["", "sh010", "a_very_long_name_of_a_shot_that_does_not_fit_its_tile_v0123", "ÄÖ…漢字"]
)
def test_a_name_never_leaves_its_tile(name: str) -> None:
    sheet = draw_sheet([Tile(name, source=name, reason=name)], heading=name, columns=1, width=64)
    assert sheet.shape[1] == 64 + 2 * 12
    assert (sheet[:, 64 + 12 :] == drawing.PAPER).all()


def test_long_names_are_cut_in_the_middle() -> None:
    short = drawing.shorten("sq010_sh010_comp_v001", 20, 120)
    assert short.startswith("sq0")
    assert short.endswith("001")
    assert drawing.text_width(short, 20) <= 120


def test_text_that_fits_stays() -> None:
    assert drawing.shorten("sh010", 20, 200) == "sh010"


def test_nothing_fits_into_nothing() -> None:
    assert drawing.shorten("sh010", 20, 0) == ".."


def test_text_is_cut_at_the_edges() -> None:
    canvas = drawing.blank(20, 20)
    drawing.write(canvas, "WWWW", (-30, 5), 40, RED)
    drawing.write(canvas, "WWWW", (200, 200), 40, RED)
    assert canvas.shape == (20, 20, 3)


def test_text_on_linear_pixels_keeps_light_above_one() -> None:
    canvas = np.zeros((60, 60, 3), dtype=np.float32)
    drawing.write(canvas, "W", (0, 50), 50, (4.0, 4.0, 4.0))
    assert canvas.max() == pytest.approx(4.0)


def test_a_strip_is_as_wide_as_its_pictures_and_gaps() -> None:
    strip = draw_strip([picture(32, 18)] * 3, [1, 2, 3], gap=2, labels=False)
    assert strip.shape == (18, 3 * 32 + 2 * 2, 3)
    assert is_red(strip).sum() == 3 * 32 * 18


@pytest.mark.parametrize("font", FONTS)
def test_letters_are_found_whatever_the_environment_says(font: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OpenImageIO_ROOT", raising=False)
    assert text_mask(f"in {font}", 20, font=font).max() == 1.0

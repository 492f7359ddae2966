"""Movies by a table are what OpenColorIO makes of a grade, with CDL, look and context, within one code value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shotmill.pipeline.colour import Colour
from shotmill.pipeline.colour_grade import Grader
from shotmill.pipeline.viewtable import ViewTables
from shotmill.schema.colour import Cdl, Grade

ACES_1, ACES_2 = "ocio://studio-config-v1.0.0_aces-v1.3_ocio-v2.1", "ocio://default"
VIEWS = {ACES_1: "ACES 1.0 - SDR Video", ACES_2: "ACES 2.0 - SDR 100 nits (Rec.709)"}
DISPLAY = "sRGB - Display"
GAMUT = "ACES 1.3 Reference Gamut Compression"
STRONG = Cdl(slope=(1.8, 0.9, 0.5), offset=(-0.02, 0.01, 0.05), power=(0.8, 1.1, 1.3), saturation=1.6)
GREY = Cdl(saturation=0)
SIZE = (256, 257, 3)
HOW: dict[str, dict[str, Any]] = {
    "plain": {},
    "CDL": {"cdl": STRONG, "cdl_space": "ACEScct"},
    "CDL in light": {"cdl": STRONG, "cdl_space": "ACEScg"},
    "grey": {"cdl": GREY, "cdl_space": "ACEScg"},
    "look": {"look": GAMUT},
    "default view": {"view": ""},
    "CDL, and a look elsewhere": {"cdl": STRONG, "cdl_space": "ACEScct", "look": GAMUT, "look_space": "ACES2065-1"},
}


def dice() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(53))


def unreal() -> NDArray[Any]:
    pixels = dice().uniform(-1, 2, SIZE)
    pixels[::3], pixels[1::5, ::2, 1], pixels[2::7, 1::3] = np.nan, np.inf, -np.inf
    return pixels.astype(np.float32)


def half_black() -> NDArray[Any]:
    """As of computer graphics on nothing; where a CDL lifts black, it is no colour of a table's node any more."""
    pixels = dice().uniform(0, 1, SIZE)
    pixels[::2], pixels[1, ::2] = 0, -0.0
    return pixels.astype(np.float16)


PICTURES: dict[str, Callable[[], NDArray[Any]]] = {
    "saturated": lambda: (2 ** dice().uniform(-10, 5, SIZE)).astype(np.float16),
    "near grey": lambda: (2 ** dice().uniform(-8, 4, (256, 257, 1)) * 2 ** dice().normal(0, 0.3, SIZE)).astype("f4"),
    "negative": lambda: dice().uniform(-1, 1, SIZE).astype(np.float16),
    "half black": half_black,
    "no numbers": unreal,
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> ViewTables:
    return ViewTables(tmp_path_factory.mktemp("home"))


def grader_of(config: str, **how: Any) -> Grader:
    return Grader(Colour(config), Grade(**{"source": "ACEScg", "display": DISPLAY, "view": VIEWS[config], **how}))


@pytest.mark.parametrize("config", VIEWS, ids=["ACES 1", "ACES 2"])
@pytest.mark.parametrize("how", HOW)
def test_every_pixel_is_within_one_code_value_of_the_grade(tables: ViewTables, config: str, how: str) -> None:
    grader = grader_of(config, **HOW[how])
    painter = tables.graded(grader, SIZE[0] * SIZE[1])
    assert painter.by == "table"
    for name, make in PICTURES.items():
        pixels = make()
        off = np.abs(painter.show(pixels).pixels.astype(int) - grader.codes(pixels))
        assert off.max() <= 1, name


@pytest.mark.parametrize("config", VIEWS, ids=["ACES 1", "ACES 2"])
def test_what_is_no_number_is_shown_as_the_grade_shows_it(tables: ViewTables, config: str) -> None:
    grader, pixels = grader_of(config), unreal()
    shown = tables.graded(grader, SIZE[0] * SIZE[1]).show(pixels).pixels
    strange = ~np.isfinite(pixels).all(axis=2)
    assert (shown[strange] == grader.codes(pixels)[strange]).all()


def test_all_grades_of_a_view_share_its_table(tmp_path: Path) -> None:
    for how in HOW.values():
        ViewTables(tmp_path).graded(grader_of(ACES_2, **how), SIZE[0] * SIZE[1])
    assert len(list((tmp_path / "cache" / "views").iterdir())) == 1


@pytest.mark.parametrize(
    ("size", "how"),
    [
        pytest.param(65_535, {}, id="a small picture"),
        pytest.param(65_536, {"view": "Un-tone-mapped"}, id="a cheap view"),
        pytest.param(65_536, {"view": "Un-tone-mapped", "look": GAMUT}, id="a cheap view behind a look of ACES"),
        pytest.param(65_536, {"source": DISPLAY}, id="a picture for a display"),
        pytest.param(65_536, {"source": "Raw", "look": GAMUT}, id="no colours at all"),
        pytest.param(65_536, {"display": "", "view": "", "space": "ACEScct"}, id="a colour space"),
        pytest.param(65_536, {"inverse": True}, id="the way back"),
    ],
)
def test_all_else_is_shown_exactly(tmp_path: Path, size: int, how: dict[str, Any]) -> None:
    grader = grader_of(ACES_2, **how)
    painter, pixels = ViewTables(tmp_path).graded(grader, size), PICTURES["saturated"]()[:64]
    assert (painter.by, list(tmp_path.iterdir())) == ("exact", [])
    assert (painter.show(pixels).pixels == grader.codes(pixels)).all()

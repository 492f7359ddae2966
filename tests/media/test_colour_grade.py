"""Exact colour: what a grade does to pixels is what OpenColorIO's own processors do, one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from shotmill.pipeline.colour import Colour
from shotmill.pipeline.colour_grade import Grader, look_names
from shotmill.pipeline.colour_tags import end_of, view_passed
from shotmill.schema.colour import Cdl, Grade
from shotmill.schema.errors import ColourError

ACES1 = "ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1"
ACES2 = "ocio://cg-config-v4.0.0_aces-v2.0_ocio-v2.5"
CDL = Cdl(slope=(1.1, 0.9, 1.0), offset=(0.01, 0.0, -0.02), power=(1.0, 1.1, 0.95), saturation=0.8)


@pytest.fixture(scope="module")
def light() -> NDArray[np.float32]:
    """(40, 50, 3) float32: random, saturated, negative, far too bright, and what is no number."""
    dice = np.random.default_rng(7)
    pixels = dice.normal(0.4, 0.5, (40, 50, 3)).astype(np.float32)
    pixels[0, :, 1:] = 0.0
    pixels[1] = -pixels[1]
    pixels[2] *= 400.0
    pixels[3, :3, 0] = np.nan, np.inf, -np.inf
    return pixels


def own(config: Any, *ways: Any, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """What OCIO makes of a whole picture, given all transforms of a way as one group."""
    processor = config.getProcessor(ocio.GroupTransform(list(ways))).getDefaultCPUProcessor()
    made = pixels.copy()
    height, width = pixels.shape[:2]
    processor.apply(ocio.PackedImageDesc(made, width, height, 3))
    return made


@pytest.mark.parametrize("source", [ACES1, ACES2])
def test_a_view_is_ocios_own_bit_for_bit(source: str, light: NDArray[np.float32]) -> None:
    colour = Colour(source)
    display = colour.display()
    view = colour.view(display)
    made = Grader(colour, Grade(source="ACEScg", display=display)).floats(light)
    wanted = own(colour.config, ocio.DisplayViewTransform("ACEScg", display, view), pixels=light)
    assert made.tobytes() == wanted.tobytes()


def test_a_display_of_another_name_than_its_space_passes_no_view_a_second_time(
    tmp_path: Path, light: NDArray[np.float32]
) -> None:
    """Studios name displays after monitors; what was made for one is shown as it is, and so it is said."""
    config = ocio.Config.CreateFromFile(ACES2)
    transform, space = "ACES 2.0 - SDR 100 nits (Rec.709)", "sRGB - Display"
    config.addDisplayView(display="Monitor", view="Show", viewTransform=transform, displayColorSpaceName=space)
    config.addDisplayView("Monitor", "Raw", space)
    config.setActiveDisplays("")
    config.setActiveViews("")
    (tmp_path / "client.ocio").write_text(config.serialize())
    colour = Colour(str(tmp_path / "client.ocio"))
    made_for_it = Grade(source=space, display="Monitor", view="Show")
    assert Grader(colour, made_for_it).floats(light).tobytes() == light.tobytes()
    assert (view_passed(colour, made_for_it), end_of(colour, made_for_it).shown) == ("", space)
    of_light = made_for_it.model_copy(update={"source": "ACEScg"})
    assert (view_passed(colour, of_light), end_of(colour, of_light).shown) == ("Show", "Show on Monitor")
    assert view_passed(colour, of_light.model_copy(update={"view": ""})) == "Show"
    assert view_passed(colour, made_for_it.model_copy(update={"view": "Raw"})) == "Raw"


def test_a_cdl_is_applied_in_its_own_space_before_all_else(light: NDArray[np.float32]) -> None:
    colour = Colour(ACES2)
    cdl = ocio.CDLTransform()
    cdl.setSlope([1.1, 0.9, 1.0])
    cdl.setOffset([0.01, 0.0, -0.02])
    cdl.setPower([1.0, 1.1, 0.95])
    cdl.setSat(0.8)
    ways = (
        ocio.ColorSpaceTransform("ACEScg", "ACEScct"), cdl, ocio.ColorSpaceTransform("ACEScct", "ACES2065-1"),
    )  # fmt: skip
    made = Grader(colour, Grade(source="ACEScg", cdl=CDL, cdl_space="ACEScct", space="ACES2065-1")).floats(light)
    assert made.tobytes() == own(colour.config, *ways, pixels=light).tobytes()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("kind", [np.float32, np.float16], ids=["floats", "halves"])
def test_code_values_are_the_exact_floats_rounded(
    bits: Any, threads: int, kind: type[np.floating[Any]], light: NDArray[np.float32]
) -> None:
    colour = Colour(ACES2)
    grader = Grader(colour, Grade(source="ACEScg", display=colour.display()))
    most = 2**bits - 1
    pixels = np.nan_to_num(light, nan=0.0, posinf=100.0, neginf=0.0).astype(kind)
    exact = np.clip(grader.floats(pixels), 0, 1) * most
    made = grader.codes(pixels, bits=bits, threads=threads)
    assert made.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert np.abs(made - exact).max() <= (0.5 + 1e-3 if bits == 8 else 1.0)


def test_alpha_stays_and_half_is_read_as_it_is(light: NDArray[np.float32]) -> None:
    grader = Grader(Colour(ACES2), Grade(source="ACEScg", space="ACEScct"))
    half = np.concatenate([light, np.full((40, 50, 1), 0.25, np.float32)], axis=2).astype(np.float16)
    made = grader.floats(half)
    assert (made[:, :, 3] == 0.25).all()
    assert made[:, :, :3].tobytes() == grader.floats(half[:, :, :3].astype(np.float32)).tobytes()
    assert np.isnan(made[3, 0, 0])


@pytest.mark.parametrize("kind", [np.float32, np.float16], ids=["floats", "halves"])
def test_alpha_stays_where_colour_is_no_number_and_colour_where_alpha_is_none(
    kind: type[np.floating[Any]], light: NDArray[np.float32]
) -> None:
    grader = Grader(Colour(ACES2), Grade(source="ACEScg", space="ACES2065-1"))
    given = np.concatenate([light, np.full((40, 50, 1), 0.25, np.float32)], axis=2).astype(kind)
    given[5, :3, 3] = np.nan, np.inf, -np.inf
    plain = given[:, :, :3].astype(np.float32)
    made = grader.floats(given)
    assert made[:, :, 3].tobytes() == given[:, :, 3].astype(np.float32).tobytes()
    assert made[:, :, :3].tobytes() == grader.floats(plain).tobytes()
    assert grader.codes(given)[:, :, :3].tobytes() == grader.codes(plain).tobytes()


def test_the_way_back_ends_where_it_began() -> None:
    colour = Colour(ACES2)
    grade = Grade(source="ACEScg", cdl=CDL, cdl_space="ACEScct", space="ACES2065-1")
    pixels = np.random.default_rng(1).uniform(0.05, 0.9, (8, 8, 3)).astype(np.float32)
    there = Grader(colour, grade).floats(pixels)
    back = Grader(colour, grade.model_copy(update={"inverse": True})).floats(there)
    assert np.abs(back - pixels).max() < 1e-3
    assert np.abs(there - pixels).max() > 0.01


def studio(folder: Path) -> Colour:
    """A config with a look whose LUT a context variable chooses."""
    (folder / "luts").mkdir()
    (folder / "luts" / "warm.spi1d").write_text("Version 1\nFrom 0.0 1.0\nLength 2\nComponents 1\n{\n0.0\n0.5\n}\n")
    made = ocio.Config()
    made.setVersion(2, 1)
    made.setSearchPath("luts")
    made.addEnvironmentVar("SHOT", "none")
    made.addColorSpace(ocio.ColorSpace(name="lin"))
    made.setRole("scene_linear", "lin")
    made.setRole("default", "lin")
    made.addDisplayView("screen", "plain", "lin")
    made.addLook(ocio.Look(name="warm", processSpace="lin", transform=ocio.FileTransform(src="${SHOT}.spi1d")))
    (folder / "config.ocio").write_text(made.serialize())
    return Colour(str(folder / "config.ocio"))


def test_a_look_is_found_by_the_shots_context_and_its_file_is_told(tmp_path: Path) -> None:
    grade = Grade(source="lin", look="+warm", space="lin", context={"SHOT": "warm"})
    grader = Grader(studio(tmp_path), grade)
    assert [Path(path).name for path in grader.files] == ["warm.spi1d"]
    assert grader.floats(np.full((1, 1, 3), 0.5, np.float32)).tolist() == [[[0.25, 0.25, 0.25]]]


def test_the_key_changes_with_the_numbers_of_a_lut(tmp_path: Path) -> None:
    grade = Grade(source="lin", look="warm", space="lin", context={"SHOT": "warm"})
    before = Grader(studio(tmp_path), grade).key
    path = tmp_path / "luts" / "warm.spi1d"
    path.write_text(path.read_text().replace("0.5", "0.6"))
    ocio.ClearAllCaches()
    assert Grader(Colour(str(tmp_path / "config.ocio")), grade).key != before


def test_a_lut_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ColourError, match=r"nothing\.spi1d"):
        Grader(studio(tmp_path), Grade(source="lin", look="warm", space="lin", context={"SHOT": "nothing"}))


@pytest.mark.parametrize(
    ("grade", "says"),
    [
        (Grade(source="ACEScgg", space="ACEScct"), "'ACEScgg' is not in .* nearest: ACEScg"),
        (Grade(source="ACEScg", look="+neutrall", space="ACEScct"), "look 'neutrall' is not in"),
        (Grade(source="ACEScg", display="sRGB"), "display 'sRGB' is not in .* nearest: sRGB - Display"),
        (Grade(source="ACEScg", display="sRGB - Display", view="Film"), "view 'Film' is not on"),
    ],
)
def test_a_name_that_is_not_in_the_config_is_refused_with_those_near(grade: Grade, says: str) -> None:
    with pytest.raises(ColourError, match=says):
        Grader(Colour(ACES2), grade)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"source": "lin"}, "name one of the two"),
        ({"source": "lin", "space": "a", "display": "b"}, "name one of the two"),
        ({"source": "lin", "space": "a", "view": "b"}, "needs a display"),
        ({"source": "lin", "space": "a", "cdl": CDL}, "a CDL needs the colour space"),
    ],
)
def test_a_grade_that_says_too_little_or_too_much_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Grade(**given)


@pytest.mark.parametrize("given", [{"slope": (-1, 1, 1)}, {"power": (0, 1, 1)}, {"offset": (float("nan"), 0, 0)}])
def test_numbers_that_are_no_correction_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Cdl(**given)


def test_names_are_found_in_ocios_words_for_looks() -> None:
    assert look_names("+ grade, -neutral | other") == ["grade", "neutral", "other"]

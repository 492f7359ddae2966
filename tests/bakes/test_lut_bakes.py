"""LUTs of every format hold the grade, and say how far they are from it."""

from __future__ import annotations

import ast
import importlib
import json
import re
import runpy
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from nkparser import Script
from numpy.typing import NDArray
from rv_host import FAKE, on_path
from show_colour import write_ccc

from shotmill.pipeline.colour import Colour
from shotmill.pipeline.colour_lut import NAMES, SHAPERS, LutMaker, LutSize
from shotmill.pipeline.lut_text import WRITTEN, cube_text
from shotmill.schema.colour import Grade
from shotmill.schema.errors import ColourError, ParamsError
from shotmill.schema.luts import LutFormat, LutReport

Bake = Callable[..., Any]  # see conftest.py
ACES1 = "ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1"
ACES2 = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
VIEW1 = {"display": "sRGB - Display", "view": "ACES 1.0 - SDR Video"}
VIEW2 = {"display": "sRGB - Display", "view": "ACES 2.0 - SDR 100 nits (Rec.709)"}
CUBES = [one for one in LutFormat if one is not LutFormat.SPI1D]
UUID = re.compile(r"urn:uuid:[0-9a-f-]{36}")
OCIOBAKELUT = Path(ocio.__file__).parent / "bin" / "ociobakelut"


def read(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """What OCIO makes of pixels by a LUT file."""
    transform = ocio.FileTransform(str(path), interpolation=ocio.INTERP_LINEAR)
    processor = ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor()
    made = pixels.copy()
    processor.apply(ocio.PackedImageDesc(made, len(made), 1, 3))
    return made


def exact(config: str, transform: Any, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    processor = ocio.Config.CreateFromFile(config).getProcessor(transform).getDefaultCPUProcessor()
    made = pixels.copy()
    processor.apply(ocio.PackedImageDesc(made, len(made), 1, 3))
    return made


def report_of(ran: Any) -> LutReport:
    return LutReport.model_validate_json(ran.files["lut.lut.json"].read_bytes())


def test_every_format_that_the_library_bakes_has_a_plain_name() -> None:
    assert sorted(NAMES.values()) == sorted(name for name, _suffix in ocio.Baker.getFormats())
    assert set(NAMES) == set(LutFormat)


@pytest.fixture(scope="module")
def dice() -> NDArray[np.float32]:
    return np.random.default_rng(5).random((500, 3), dtype=np.float32)


def test_every_format_holds_a_view(bake: Bake, dice: NDArray[np.float32]) -> None:
    ran = bake("lut_bake", colourspace="ACEScct", formats=",".join(CUBES), exact=False, ocio=ACES1, **VIEW1)
    wanted = exact(ACES1, ocio.DisplayViewTransform("ACEScct", VIEW1["display"], VIEW1["view"]), dice)
    found = {lut.format: lut for lut in report_of(ran).luts}
    for form in CUBES:
        whole = form in {"flame-3dl", "lustre-3dl"}  # they hold 0 to 1, and say so
        apart = np.abs(read(ran.files[f"lut.{form.extension}"], dice) - (np.clip(wanted, 0, 1) if whole else wanted))
        assert apart.mean() < 0.01, form
        assert ("cut off" in found[form].note) is whole
        assert np.abs(read(ran.files[f"lut.{form.extension}"], dice) - wanted).max() <= found[form].worst * 1.5, form


@pytest.mark.parametrize("exact", [True, False])
def test_the_same_grade_gives_the_same_bytes(bake: Bake, exact: bool) -> None:
    first, second = (
        bake("lut_bake", colourspace="ACEScct", formats=",".join(CUBES), size=9, exact=exact, **VIEW2).files
        for _ in range(2)
    )
    assert {name: path.read_bytes() for name, path in first.items()} == {
        name: path.read_bytes() for name, path in second.items()
    }


@pytest.mark.parametrize("form", ["clf", "ctf"])
def test_a_plain_conversion_is_held_exactly(bake: Bake, form: str) -> None:
    ran = bake("lut_bake", colourspace="ACEScct", space="ACES2065-1", formats=form)
    [lut] = report_of(ran).luts
    assert (lut.is_exact, lut.size) == (True, None)
    assert lut.worst <= 1e-4
    strange = np.array([[-0.2, 0.5, 1.4], [0.0, 0.18, 3.0]], dtype=np.float32)  # outside of any cube
    wanted = exact(ACES2, ocio.ColorSpaceTransform("ACEScct", "ACES2065-1"), strange)
    assert read(ran.files[f"lut.{form}"], strange) == pytest.approx(wanted, rel=1e-4, abs=1e-5)


def test_what_clf_has_no_words_for_is_sampled_and_says_so(bake: Bake) -> None:
    [lut] = report_of(bake("lut_bake", colourspace="ACEScct", formats="clf", **VIEW2)).luts
    assert (lut.is_exact, lut.size) == (False, 33)
    assert "cannot hold this transform itself" in lut.note


def test_the_worst_error_is_that_of_the_worst_point(bake: Bake) -> None:
    ran = bake("lut_bake", colourspace="ACEScct", formats="cube", size=17, **VIEW2)
    [lut] = report_of(ran).luts
    assert {one.kind: one.count for one in lut.points} == {
        "midpoints": 16**3,
        "greys": 1024,
        "saturated": 6 * 256,
        "random": 20_000,
    }
    for one in lut.points:
        at = np.array([one.worst_at], dtype=np.float32)
        wanted = exact(ACES2, ocio.DisplayViewTransform("ACEScct", VIEW2["display"], VIEW2["view"]), at)
        found = read(ran.files["lut.cube"], at)
        assert float(np.abs(found - wanted).max()) == pytest.approx(one.worst, abs=2e-6)
    assert lut.worst == max(one.worst for one in lut.points)


def test_a_finer_cube_is_nearer(bake: Bake) -> None:
    means = [
        report_of(bake("lut_bake", colourspace="ACEScct", formats="cube", size=size, **VIEW1, ocio=ACES1)).luts[0].mean
        for size in (9, 17, 33)
    ]
    assert means == sorted(means, reverse=True)


@pytest.mark.parametrize("form", [LutFormat.CSP, LutFormat.RESOLVE_CUBE, LutFormat.HOUDINI_LUT, "clf", "ctf"])
@pytest.mark.parametrize("points", [0, 2048])
def test_a_shaper_brings_the_light_of_a_scene_into_a_cube(bake: Bake, form: str, points: int) -> None:
    shaped = {"shaper_space": "ACEScct", "shaper_size": points, "formats": form}
    ran = bake("lut_bake", colourspace="ACEScg", exact=False, size=65, **VIEW1, ocio=ACES1, **shaped)
    [lut] = report_of(ran).luts
    path = ran.files[f"lut.{lut.extension}"]
    assert (lut.shaper_size, lut.size, lut.curve) == (points or SHAPERS[lut.format], 65, False)
    assert lut.shaper_size == shaper_points(path)
    assert f"{lut.shaper_size} points in its shaper" in ran.outputs[0].facts["told"][0]
    light = np.array([[0.18, 0.18, 0.18], [0.5, 0.3, 0.2], [2.0, 1.0, 0.5], [8.0, 8.0, 8.0]], dtype=np.float32)
    wanted = exact(ACES1, ocio.DisplayViewTransform("ACEScg", VIEW1["display"], VIEW1["view"]), light)
    coarse = points and form != LutFormat.CSP  # which alone spaces them as the shaper does
    assert np.abs(read(path, light) - wanted).max() < (0.1 if coarse else 0.01)
    assert np.abs(read(path, light) - wanted).max() <= lut.worst


def shaper_points(path: Path) -> int:
    """As the file has them."""
    text = path.read_text()
    written = re.search(
        r"LUT_1D_SIZE (\d+)|Length\t\t\d+ (\d+)|END METADATA\n\n(\d+)\n|<LUT1D.*?dim=\"(\d+) ", text, re.DOTALL
    )
    assert written
    return next(int(found) for found in written.groups() if found)


def test_a_curve_has_as_many_points_as_were_asked_for(bake: Bake, studio_config: Path) -> None:
    given = {"ocio": str(studio_config), "colourspace": "shown", "space": "lin"}
    ran = bake("lut_bake", formats="spi1d,resolve-cube,csp", curve_size=2048, **given)
    assert "Length 2048" in ran.files["lut.spi1d"].read_text()
    assert [(one.curve, one.size) for one in report_of(ran).luts] == [(True, 2048), (True, 2048), (False, 33)]


def test_matrices_that_undo_each_other_leave_curves(bake: Bake) -> None:
    """ACEScg to ACEScct goes by way of ACES2065-1, and mixes no channels in the end."""
    given = {"colourspace": "ACEScct", "space": "ACEScg", "exact": False}
    ran = bake("lut_bake", formats="spi1d,resolve-cube,clf,ctf", curve_size=2048, **given)
    codes = np.linspace(0, 1, 700, dtype=np.float32)[:, np.newaxis].repeat(3, axis=1)
    wanted = exact(ACES2, ocio.ColorSpaceTransform("ACEScct", "ACEScg"), codes)
    for lut in report_of(ran).luts:
        assert (lut.curve, lut.size, lut.shaper_size) == (True, 2048, None)
        assert read(ran.files[f"lut.{lut.extension}"], codes) == pytest.approx(wanted, rel=1e-3, abs=1e-5), lut.format


@pytest.mark.parametrize("form", [LutFormat.SPI1D, LutFormat.RESOLVE_CUBE, LutFormat.CLF])
def test_curves_hold_the_light_of_a_scene(bake: Bake, form: str) -> None:
    """Where a shaper is named they span 0 to 223, in even steps."""
    given = {"colourspace": "ACEScg", "space": "ACEScct", "exact": False, "shaper_space": "ACEScct", "formats": form}
    light = np.array([0.02, 0.18, 2.0, 100.0], dtype=np.float32)[:, np.newaxis].repeat(3, axis=1)
    wanted = exact(ACES2, ocio.ColorSpaceTransform("ACEScg", "ACEScct"), light)
    ran = bake("lut_bake", **given)
    [lut] = report_of(ran).luts
    assert (lut.curve, lut.size) == (True, 65_536)
    assert read(ran.files[f"lut.{lut.extension}"], light) == pytest.approx(wanted, abs=0.001)
    [coarse] = report_of(bake("lut_bake", shaper_size=2048, **given)).luts
    assert (coarse.size, coarse.shaper_size) == (2048, None)


def test_spi1d_with_crosstalk_is_refused(bake: Bake) -> None:
    with pytest.raises(ColourError, match="channels depend on each other; choose spi3d"):
        bake("lut_bake", colourspace="ACEScct", formats="spi1d", **VIEW2)


def test_curves_that_nobody_can_read_again_are_refused(bake: Bake) -> None:
    with pytest.raises(ColourError, match=r"houdini-lut that it cannot read again, .* choose spi1d or csp"):
        bake("lut_bake", colourspace="ACEScct", space="ACEScg", formats="houdini-lut")


def test_a_shaper_for_a_format_without_one_is_refused(bake: Bake) -> None:
    with pytest.raises(ColourError, match="itx has no shaper"):
        bake("lut_bake", colourspace="ACEScg", formats="itx", shaper_space="ACEScct", **VIEW2)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"space": "ACEScg"}, "say which colours the LUT is handed"),
        ({"colourspace": "ACEScct"}, "say where the colours go"),
        ({"colourspace": "ACEScct", "space": "ACEScg", "formats": "cub"}, "formats"),
        ({"colourspace": "ACEScct", "space": "ACEScg", "formats": "cube,cube"}, "cube is there twice"),
        ({"colourspace": "ACEScct", "space": "ACEScg", "shaper_size": 1}, "a shaper has two points at least"),
    ],
)
def test_params_that_say_too_little_are_refused(bake: Bake, params: dict[str, str], words: str) -> None:
    with pytest.raises(ParamsError, match=words):
        bake("lut_bake", **params)


def test_a_cdl_whose_space_nobody_says_works_in_the_working_space(bake: Bake) -> None:
    given = {"colourspace": "ACEScct", "space": "ACEScct", "cdl": "slope 1.1", "formats": "cube", "size": 9}
    left_open, said = (bake("lut_bake", **given, **more).files["lut.cube"] for more in ({}, {"cdl_space": "ACEScg"}))
    assert left_open.read_bytes() == said.read_bytes()


@pytest.mark.parametrize(
    ("form", "theirs"), [("cube", "iridas_cube"), ("spi3d", "spi3d"), ("csp", "cinespace"), ("itx", "iridas_itx")]
)
def test_ociobakelut_writes_the_same_numbers(bake: Bake, tmp_path: Path, form: str, theirs: str) -> None:
    ran = bake("lut_bake", colourspace="ACEScct", formats=form, size=9, ocio=ACES1, **VIEW1)
    other = tmp_path / f"theirs.{form}"
    words = ["--inputspace", "ACEScct", "--displayview", *VIEW1.values(), "--cubesize", "9", "--format", theirs]
    subprocess.run([OCIOBAKELUT, "--iconfig", ACES1, *words, other], check=True, capture_output=True)
    ours = list(numbers(ran.files[f"lut.{form}"]))
    if form in {"cube", "csp"}:  # written by ourselves, as it is quicker
        assert ran.files[f"lut.{form}"].read_bytes() == other.read_bytes()
    assert len(ours) >= 9**3 * 3
    assert ours == pytest.approx(list(numbers(other)), abs=2e-6)


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.500000"), (-1e-9, "-0.000000"), (-1.25, "-1.250000")])
def test_a_number_of_a_cube_is_written_as_printf_writes_it(value: float, text: str) -> None:
    nodes = np.full((2, 2, 2, 3), value, dtype=np.float32)
    assert cube_text(nodes, LutFormat.CUBE) == "LUT_3D_SIZE 2\n" + f"{text} {text} {text}\n" * 8


@pytest.mark.parametrize("value", [12.0, np.inf, np.nan])
def test_what_needs_more_room_is_left_to_the_library(value: float) -> None:
    assert cube_text(np.full((2, 2, 2, 3), value, dtype=np.float32), LutFormat.CUBE) is None


@pytest.mark.parametrize("form", sorted(WRITTEN))
@pytest.mark.parametrize("source", ["ACEScct", "ACEScg"])
def test_a_cube_has_the_bytes_of_opencolorios_own_baker(form: LutFormat, source: str) -> None:
    """Ids aside, which that draws by lot; the ACES 1 view goes below 0 and above 1, and columns of CLF get wider."""
    grade = Grade(source=source, display=VIEW1["display"], view=VIEW1["view"])
    ours = LutMaker(Colour(ACES1), grade, size=LutSize(cube=9)).bake(form)
    baker = ocio.Baker()
    baker.setConfig(ocio.Config.CreateFromFile(ACES1))
    baker.setFormat(NAMES[form])
    baker.setInputSpace(source)
    baker.setDisplayView(**VIEW1)
    baker.setCubeSize(9)
    assert UUID.sub("", ours) == UUID.sub("", baker.bake())


def test_columns_of_clf_hold_every_number_as_printf_writes_it() -> None:
    """Among them numbers half way between two of eight digits, next to powers of ten, and with exponents."""
    dice = np.random.default_rng(7)
    tens = np.array([1, 0.1, 0.01, 0.001, 1e-4, 1e-5], dtype=np.float32)
    spread = 10 ** dice.uniform(-9, 0.9, 2000) * dice.choice([-1, 1], 2000)
    made = [spread, 2.0 ** -np.arange(40), np.nextafter(tens, np.float32(0)), tens, [0.0, -0.0]]
    values = np.resize(np.concatenate(made).astype(np.float32), (10, 10, 10, 3))
    text = cube_text(values, LutFormat.CLF)
    assert text is not None
    body = text.split('<Array dim="10 10 10 3">\n')[1].split("        </Array>")[0]
    wanted = [f"{float(one):.8g}" for one in values.transpose(2, 1, 0, 3).reshape(-1)]
    assert body.split() == wanted


def numbers(path: Path) -> Iterator[float]:
    """All numbers of a text, in lines that hold nothing else."""
    for line in path.read_text().splitlines():
        words = line.split()
        if words and all(word.replace(".", "").replace("-", "").replace("e", "").isdigit() for word in words):
            yield from map(float, words)


def test_a_grade_with_a_look_and_file_luts_is_baked(bake: Bake, studio_config: Path) -> None:
    given = {"colourspace": "log", "look": "shot", "context": "SHOT=sh010", "display": "Desk", "view": "Graded"}
    ran = bake("lut_bake", ocio=str(studio_config), formats="cube,spi3d", size=65, **given)
    assert all(lut.mean < 0.01 for lut in report_of(ran).luts)


def test_a_cdl_file_makes_the_lut_that_its_numbers_make(bake: Bake, tmp_path: Path) -> None:
    ccc = write_ccc(tmp_path / "show.ccc", sh010=1.1, sh020=1.2)
    given = {"colourspace": "ACEScct", "space": "ACEScct", "cdl_space": "ACEScct", "formats": "cube", "size": 9}
    of_file = bake("lut_bake", cdl=f"{ccc}#sh020", **given)
    typed = bake("lut_bake", cdl="slope 1.2,1,1 offset 0,0,0.25 power 1,2,1 saturation 0.5", **given)
    assert of_file.files["lut.cube"].read_bytes() == typed.files["lut.cube"].read_bytes()
    assert of_file.spec.params["cdl"]["id"] == "sh020"
    with pytest.raises(ColourError, match="holds no correction 'sh021'; nearest: sh020, sh010"):
        bake("lut_bake", cdl=f"{ccc}#sh021", **given)


def test_nuke_gets_plain_nodes_that_read_the_lut_beside_them(bake: Bake) -> None:
    ran = bake("lut_bake", colourspace="ACEScct", formats="clf,cube", hosts="nuke", product="hero-look", **VIEW2)
    text = ran.files["hero-look.nk"].read_text()
    script = Script.from_string(text)
    assert not script.has_errors
    assert [line.removesuffix(" {") for line in text.splitlines() if line.endswith(" {")] == [
        "OCIOColorSpace",
        "OCIOFileTransform",
    ]
    assert r'file "\[file rootname \[value root.name]].cube"' in text
    assert ' out_colorspace "ACEScct"' in text
    assert "view it raw" in text


def test_in_nuke_a_look_comes_back_to_the_light_of_the_scene(bake: Bake) -> None:
    ran = bake("lut_bake", colourspace="ACEScct", space="ACEScct", cdl="slope 1.1", cdl_space="ACEScct", hosts="nuke")
    lines = ran.files["lut.nk"].read_text().splitlines()
    spaces = [line.split(None, 1) for line in lines if "_colorspace" in line]
    assert [name for _knob, name in spaces] == ['"scene_linear"', '"ACEScct"', '"ACEScct"', '"scene_linear"']


@pytest.mark.parametrize(
    ("ends", "display"),
    [pytest.param(VIEW2, (0, 1.0), id="on a display"), pytest.param({"space": "ACEScct"}, (1, 2.2), id="in a scene")],
)
def test_rv_gets_a_csp_and_a_script_that_puts_it_on_what_is_open(
    bake: Bake, ends: dict[str, str], display: tuple[int, float]
) -> None:
    ran = bake("lut_bake", colourspace="ACEScct", size=9, hosts="rv", product="hero", **ends)
    lut, script = ran.files["hero.csp"], ran.files["hero.rv.py"]
    assert ast.parse(script.read_text(), feature_version=(3, 7))
    with on_path(FAKE):
        session = importlib.import_module("rv.state").new_session()
        shown = session.add_display()
        for media in ("a.exr", "b.exr"):
            session.add_source(media)
        assert runpy.run_path(str(script))["LUT"] == str(lut)
    found = {name: one.values for name, one in session.properties.items() if ".lut." in name}
    assert found == {
        f"sourceGroup00000{number}_lookPipeline_0.lut.{name}": value
        for number in (0, 1)
        for name, value in (("file", [str(lut)]), ("active", [1]))
    }
    assert tuple(session.properties[f"{shown}.color.{name}"].values[0] for name in ("sRGB", "gamma")) == display


def test_the_receipt_tells_the_error_for_the_publish_report(bake: Bake) -> None:
    ran = bake("lut_bake", colourspace="ACEScct", formats="cube", **VIEW2)
    [cube] = [output for output in ran.outputs if output.representation == "cube"]
    assert cube.facts["told"][0].startswith("cube: 33 nodes an axis, worst error ")
    assert json.loads(ran.files["lut.lut.json"].read_text())["luts"][0]["worst"] == cube.facts["worst"]

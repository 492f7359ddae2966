"""Colours are what OpenColorIO itself, and oiiotool, make of them; the patch of a picture proves it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from image_makers import KINDS, PATCH, SIZE, Kind, picture, write
from movie_makers import DNXHR, LONG_GOP, PRORES, movie
from numbered import numbered, read_patch, with_patch

from shotmill.pipeline.images import read_image
from shotmill.pipeline.media import clip_of, find_medium
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import Look, Still, StudioTools
from shotmill.schema.errors import ColourError
from shotmill.schema.media import Clip

CONFIG = "ocio://default"
DISPLAY = "sRGB - Display"
OIIOTOOL = Path(oiio.__file__).parent / "bin" / "oiiotool"
SCENE = ("ACEScg", "ACES2065-1", "ACEScct", "Linear Rec.709 (sRGB)", "Linear P3-D65", "Linear Rec.2020")
COLOURS = {
    "clay": PATCH,
    "grey": (0.18, 0.18, 0.18),
    "beyond white": (4.0, 3.5, 3.0),
    "deep blue": (0.01, 0.02, 0.4),
    "below zero": (-0.05, 0.2, 0.1),
    "black": (0.0, 0.0, 0.0),
}


def still(tools: StudioTools, path: Path, look: Look) -> Still:
    return tools.still(clip_of(find_medium(str(path))), 0, width=SIZE[0], look=look)


def by_ocio(colour: tuple[float, ...], space: str, view: str) -> np.ndarray:
    config = ocio.Config.CreateFromFile(CONFIG)
    transform = ocio.DisplayViewTransform(src=space, display=DISPLAY, view=view)
    return np.asarray(config.getProcessor(transform).getDefaultCPUProcessor().applyRGB(list(colour)))


def by_oiiotool(path: Path, space: str, view: str, made: Path) -> np.ndarray:
    words = ("--colorconfig", CONFIG, "-i:ch=R,G,B", path, f"--ociodisplay:from={space}", DISPLAY, view)
    subprocess.run([str(word) for word in (OIIOTOOL, *words, "-d", "uint8", "-o", made)], check=True)
    return read_patch(read_image(made).pixels) / 255


def with_colour(path: Path, kind: Kind, colour: tuple[float, float, float]) -> Path:
    return write(path, kind, with_patch(numbered(1, size=SIZE), colour))


@pytest.mark.parametrize("space", SCENE)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_colour_of_an_exr_is_what_opencolorio_makes_of_it(
    tools: StudioTools, tmp_path: Path, space: str, colour: str
) -> None:
    path = with_colour(tmp_path / "patch.exr", KINDS["EXR float"], COLOURS[colour])
    shown = still(tools, path, Look(colourspace=space))
    expected = by_ocio(COLOURS[colour], space, shown.facts["view"])
    assert np.abs(read_patch(shown.pixels) / 255 - expected).max() <= 1 / 255


@pytest.mark.parametrize("space", SCENE)
def test_a_colour_of_an_exr_is_what_oiiotool_makes_of_it(tools: StudioTools, tmp_path: Path, space: str) -> None:
    path = with_colour(tmp_path / "patch.exr", KINDS["EXR ZIP"], PATCH)
    shown = still(tools, path, Look(colourspace=space))
    expected = by_oiiotool(path, space, shown.facts["view"], tmp_path / "theirs.png")
    assert np.abs(read_patch(shown.pixels) / 255 - expected).max() <= 1 / 255


@pytest.mark.parametrize("view", ["Un-tone-mapped", "ACES 2.0 - SDR 100 nits (Rec.709)", "Raw"])
def test_every_view_is_honoured(tools: StudioTools, tmp_path: Path, view: str) -> None:
    path = with_colour(tmp_path / "patch.exr", KINDS["EXR ZIP"], PATCH)
    shown = still(tools, path, Look(colourspace="ACEScg", view=view))
    assert np.abs(read_patch(shown.pixels) / 255 - by_ocio(PATCH, "ACEScg", view)).max() <= 1 / 255


@pytest.mark.parametrize("kind", ["PNG 8 bit", "PNG 16 bit", "TIFF 8 bit", "TIFF 16 bit", "DPX 10 bit", "TGA"])
@pytest.mark.parametrize("space", ["ACEScct", "sRGB Encoded Rec.709 (sRGB)", "ACEScg"])
def test_a_colour_of_an_integer_file_is_what_opencolorio_makes_of_it(
    tools: StudioTools, tmp_path: Path, kind: str, space: str
) -> None:
    path = with_colour(tmp_path / f"patch{KINDS[kind].suffix}", KINDS[kind], PATCH)
    shown = still(tools, path, Look(colourspace=space))
    stored = tuple(read_patch(read_image(path).pixels) / (255 if "8" in kind or kind == "TGA" else 65535))
    assert np.abs(read_patch(shown.pixels) / 255 - converted(stored, space, shown.facts["view"])).max() <= 1 / 255


def converted(colour: tuple[float, ...], space: str, view: str) -> np.ndarray:
    """Scene-referred colours pass the view; pictures that were made for a display do not, a second time."""
    if "sRGB Encoded" not in space:
        return by_ocio(colour, space, view)
    config = ocio.Config.CreateFromFile(CONFIG)
    transform = ocio.ColorSpaceTransform(src=space, dst=DISPLAY)
    return np.asarray(config.getProcessor(transform).getDefaultCPUProcessor().applyRGB(list(colour)))


@pytest.mark.parametrize("kind", ["PNG 8 bit", "JPEG", "TIFF 8 bit"])
def test_a_picture_without_tags_is_srgb_and_stays_itself(tools: StudioTools, tmp_path: Path, kind: str) -> None:
    path = with_colour(tmp_path / f"patch{KINDS[kind].suffix}", KINDS[kind], PATCH)
    shown = still(tools, path, Look())
    assert np.abs(read_patch(shown.pixels) / 255 - PATCH).max() <= (3 if kind == "JPEG" else 1) / 255


@pytest.mark.parametrize(
    ("tag", "space"),
    [("lin_ap1_scene", "ACEScg"), ("lin_ap0_scene", "ACES2065-1"), ("lin_rec709_scene", "Linear Rec.709 (sRGB)")],
)
def test_an_exr_says_which_space_it_is_in(tools: StudioTools, tmp_path: Path, tag: str, space: str) -> None:
    kind = Kind(".exr", "half", facts={"compression": "zip", "colorInteropID": tag})
    shown = still(tools, with_colour(tmp_path / "patch.exr", kind, PATCH), Look())
    assert shown.facts["colourspace"] == space
    assert np.abs(read_patch(shown.pixels) / 255 - by_ocio(PATCH, space, shown.facts["view"])).max() <= 1 / 255


def test_a_dpx_without_a_name_for_its_colour_is_refused(tools: StudioTools, tmp_path: Path) -> None:
    path = with_colour(tmp_path / "patch.dpx", KINDS["DPX 10 bit"], PATCH)
    with pytest.raises(ColourError, match=r"nothing says which colour space patch\.dpx is in"):
        still(tools, path, Look())


def test_light_that_is_no_number_is_black(tools: StudioTools, tmp_path: Path) -> None:
    pixels = picture(1)
    pixels[100:, :, :] = np.nan
    shown = still(tools, write(tmp_path / "holes.exr", KINDS["EXR ZIP"], pixels), Look(colourspace="ACEScg"))
    assert (shown.pixels[100:] == 0).all()


@pytest.mark.parametrize(
    ("name", "codec", "full"),
    [
        pytest.param("h264.mp4", LONG_GOP, False, id="H.264"),
        pytest.param("prores.mov", PRORES, False, id="ProRes"),
        pytest.param("dnxhr.mxf", DNXHR, False, id="DNxHR"),
        pytest.param("full.mp4", LONG_GOP, True, id="H.264, full range"),
    ],
)
@pytest.mark.parametrize("width", [256, 128, 100])
def test_a_patch_of_a_movie_keeps_its_levels(  # 8-bit Y'CbCr cannot hold this colour better than 2.4 of 255
    tools: StudioTools, tmp_path: Path, name: str, codec: tuple[str, ...], *, full: bool, width: int
) -> None:
    made = movie(tmp_path / name, codec, frames=3, patch=PATCH, full=full)
    shown = tools.still(Clip(name="p", media=str(made.path)), 0, width=width, look=Look(colourspace=DISPLAY))
    assert np.abs(read_patch(shown.pixels) - np.multiply(PATCH, 255)).max() <= (2.5 if full else 1)


def test_a_movie_is_shown_from_rec_1886(tools: StudioTools, tmp_path: Path) -> None:
    made = movie(tmp_path / "video.mov", PRORES, frames=3, patch=PATCH)
    config = ocio.Config.CreateFromFile(CONFIG)
    transform = ocio.ColorSpaceTransform(src="Rec.1886 Rec.709 - Display", dst=DISPLAY)
    expected = config.getProcessor(transform).getDefaultCPUProcessor().applyRGB(list(PATCH))
    assert np.abs(read_patch(still(tools, made.path, Look()).pixels) - np.multiply(expected, 255)).max() <= 1


def test_another_config_changes_its_hash(tmp_path: Path) -> None:
    one, other = (
        StudioTools(Settings(home=tmp_path, ocio=name)).colour for name in (CONFIG, "ocio://studio-config-latest")
    )
    assert one.hash != other.hash


@pytest.mark.parametrize("path", ["nowhere.ocio", "broken.ocio"])
def test_a_config_that_does_not_load_is_named(tmp_path: Path, path: str) -> None:
    (tmp_path / "broken.ocio").write_text("ocio_profile_version: 99\n")
    with pytest.raises(ColourError, match=path):
        still(
            StudioTools(Settings(home=tmp_path, ocio=str(tmp_path / path))),
            with_colour(tmp_path / "patch.exr", KINDS["EXR ZIP"], PATCH),
            Look(),
        )


def test_an_unknown_space_gets_the_nearest_names(tools: StudioTools, tmp_path: Path) -> None:
    clip = Clip(name="patch", media=str(with_colour(tmp_path / "patch.exr", KINDS["EXR ZIP"], PATCH)))
    with pytest.raises(ColourError, match=r"'ACESgc' is not in .*; nearest: .*ACEScg"):
        tools.still(clip, 0, width=64, look=Look(colourspace="ACESgc"))

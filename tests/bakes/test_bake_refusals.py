"""What cannot be baked is refused by name, before it is submitted where that can be told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import pytest
from image_makers import Kind, deep, write

from shotmill.schema.errors import (
    BadRequestError,
    ColourError,
    FramesMissingError,
    InputCorruptError,
    ParamsError,
    ShotmillError,
)

Bake = Callable[..., Any]  # see conftest.py
HALF = Kind(".exr", "half", facts={"compression": "zip"})
GREY = np.full((48, 64, 3), 0.18, dtype=np.float32)


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    for frame in (1, 2, 3):
        write(tmp_path / f"plate.{frame:04d}.exr", HALF, GREY)
    return tmp_path / "plate.####.exr"


@pytest.mark.parametrize(
    ("params", "near"),
    [
        ({"space": "ACEScgg"}, "'ACEScgg' is not in .*nearest: ACEScg, .*, "),
        ({"colourspace": "ACES2065"}, "'ACES2065' is not in .*nearest: ACES2065-1, "),
        ({"space": "", "display": "sRGB - Displai"}, "nearest: sRGB - Display, "),
        ({"space": "", "display": "sRGB - Display", "view": "ACES 2.0 SDR"}, "nearest: ACES 2.0 - SDR 100 nits"),
        ({"look": "ACES 1.3 Reference Gamut"}, "nearest: ACES 1.3 Reference Gamut Compression"),
    ],
)
def test_an_unknown_name_gets_the_nearest_ones(bake: Bake, plate: Path, params: dict[str, str], near: str) -> None:
    with pytest.raises(ColourError, match=near):
        bake("ocio_bake", plate, **{"colourspace": "ACEScg", "space": "ACEScct", **params})


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "name a colour space with --space, or a display"),
        ({"space": "ACEScct", "display": "sRGB - Display"}, "'ACEScct' and display 'sRGB - Display' are two places"),
        ({"space": "ACEScct", "view": "Raw"}, "view 'Raw' needs its display"),
        ({"space": "ACEScct", "cdl": "slop 1.1"}, "'slop 1.1' is no CDL; write slope"),
        (
            {"space": "ACEScct", "cdl": "slope 1,1"},
            "parameter 'cdl' .* slope '1,1' of the CDL has 2 numbers; write three",
        ),
        (
            {"space": "ACEScct", "cdl": "saturation 1,1,1"},
            "saturation '1,1,1' of the CDL has 3 numbers; write one number",
        ),
        ({"space": "ACEScct", "context": "sh010"}, "'sh010' is no context; write NAME=VALUE"),
    ],
)
def test_params_that_say_too_little_or_too_much_are_refused(
    bake: Bake, plate: Path, params: dict[str, str], words: str
) -> None:
    with pytest.raises(ParamsError, match=words):
        bake("ocio_bake", plate, colourspace="ACEScg", **params)


def test_a_movie_is_told_what_it_is_before_its_colours_are_asked_for(bake: Bake, tmp_path: Path) -> None:
    (tmp_path / "plate.mov").touch()
    with pytest.raises(ParamsError, match=r"plate\.mov is a movie; .* write it as EXR first$"):
        bake("ocio_bake", tmp_path / "plate.mov", space="ACEScct")


def test_a_file_that_says_no_colour_space_is_not_guessed(bake: Bake, plate: Path) -> None:
    with pytest.raises(ColourError, match=r"nothing says which colour space plate\.0001\.exr .* is in"):
        bake("ocio_bake", plate, space="ACEScct")


def test_a_missing_lut_of_the_config_is_named(bake: Bake, plate: Path, studio_config: Path) -> None:
    (studio_config.parent / "luts/film.cube").unlink()
    with pytest.raises(ColourError, match=r"film\.cube"):
        bake("ocio_bake", plate, ocio=str(studio_config), colourspace="lin", space="film")
    assert bake("ocio_bake", plate, ocio=str(studio_config), colourspace="lin", space="log").files


def test_a_lut_of_a_gigabyte_of_zeros_is_not_read(bake: Bake, plate: Path, studio_config: Path) -> None:
    path = studio_config.parent / "luts/film.cube"
    os.truncate(path, 0)
    os.truncate(path, 2**30)
    with pytest.raises(ColourError, match=r"film\.cube.* has 1024 MiB"):
        bake("ocio_bake", plate, ocio=str(studio_config), colourspace="lin", space="film")


@pytest.mark.parametrize("content", [b"\0" * 4096, b"LUT_3D_SIZE 5\n0 0 0\n"], ids=["zeros", "cut off"])
def test_a_damaged_lut_is_named(bake: Bake, plate: Path, studio_config: Path, content: bytes) -> None:
    (studio_config.parent / "luts/film.cube").write_bytes(content)
    with pytest.raises(ColourError, match=r"film\.cube"):
        bake("ocio_bake", plate, ocio=str(studio_config), colourspace="lin", space="film")


def test_a_config_that_does_not_parse_is_named(bake: Bake, plate: Path, studio_config: Path) -> None:
    studio_config.write_text("ocio_profile_version: 2\ncolorspaces: [")
    with pytest.raises(ColourError, match=r"config\.ocio' cannot be loaded"):
        bake("ocio_bake", plate, ocio=str(studio_config), colourspace="lin", space="log")


def test_a_gap_is_refused_before_anything_runs(bake: Bake, plate: Path) -> None:
    plate.with_name("plate.0002.exr").unlink()
    with pytest.raises(FramesMissingError, match="frames 2 are not there"):
        bake("ocio_bake", plate, colourspace="ACEScg", space="ACEScct")
    allowed = bake("ocio_bake", plate, colourspace="ACEScg", space="ACEScct", allow_holes=True)
    assert sorted(allowed.files) == ["plate.0001.exr", "plate.0003.exr"]


def test_another_size_is_named_with_its_frame(bake: Bake, plate: Path) -> None:
    write(plate.with_name("plate.0002.exr"), HALF, GREY[:40])
    failure = bake("ocio_bake", plate, colourspace="ACEScg", space="ACEScct").failure
    assert "plate.0002.exr has 64x40 pixels, and plate.0001.exr, the first frame, 64x48" in failure
    assert "frame=2" in failure
    write(plate.with_name("plate.0003.exr"), HALF, GREY[:40])
    with pytest.raises(BadRequestError, match=r"plate\.0003\.exr has 64x40 pixels"):
        bake("ocio_bake", plate, colourspace="ACEScg", space="ACEScct")


def test_a_frame_that_is_cut_off_is_named_and_nothing_of_it_is_seen(bake: Bake, plate: Path) -> None:
    broken = plate.with_name("plate.0002.exr")
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size * 2 // 3])
    ran = bake("ocio_bake", plate, colourspace="ACEScg", space="ACEScct")
    assert "E205 input-corrupt" in ran.failure
    assert "plate.0002.exr" in ran.failure
    assert "frame=2" in ran.failure
    assert not list(ran.folder.root.rglob("*plate.0002*"))


def test_a_deep_image_is_refused(bake: Bake, tmp_path: Path) -> None:
    deep(tmp_path / "deep.exr", (4, 4))
    with pytest.raises(BadRequestError, match=r"deep\.exr is a deep image; flatten it first"):
        bake("ocio_bake", tmp_path / "deep.exr", colourspace="ACEScg", space="ACEScct")


def test_several_views_in_one_file_are_refused(bake: Bake, tmp_path: Path) -> None:
    def both(spec: Any) -> None:
        spec.attribute("multiView", oiio.TypeDesc("string[2]"), ("left", "right"))

    path = write(tmp_path / "stereo.exr", HALF, GREY, shape=both)
    with pytest.raises(BadRequestError, match=r"stereo\.exr holds the views left, right"):
        bake("ocio_bake", path, colourspace="ACEScg", space="ACEScct")


def test_a_file_without_colour_is_refused(bake: Bake, tmp_path: Path) -> None:
    path = write(tmp_path / "depth.exr", Kind(".exr", "half", ("Z",)), GREY)
    with pytest.raises(BadRequestError, match=r"depth\.exr has no R, G and B"):
        bake("ocio_bake", path, colourspace="ACEScg", space="ACEScct")


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("plate.jpg", {}, "name a format with --format"),
        ("plate.png", {"depth": "half"}, ".png files cannot hold half; choose one of: uint8, uint16"),
    ],
)
def test_a_format_that_cannot_hold_it_is_refused(
    bake: Bake, tmp_path: Path, name: str, params: dict[str, str], words: str
) -> None:
    path = write(tmp_path / name, Kind(Path(name).suffix, "uint8"), GREY)
    with pytest.raises(ShotmillError, match=words):
        bake("ocio_bake", path, colourspace="sRGB - Display", space="ACEScg", **params)


def test_a_still_of_zero_bytes_is_refused(bake: Bake, tmp_path: Path) -> None:
    (tmp_path / "empty.exr").write_bytes(b"")
    with pytest.raises(InputCorruptError, match="zero bytes"):
        bake("ocio_bake", tmp_path / "empty.exr", colourspace="ACEScg", space="ACEScct")


def test_another_lut_is_another_job(bake: Bake, plate: Path, studio_config: Path) -> None:
    given = {"ocio": str(studio_config), "colourspace": "lin", "space": "film"}
    before = bake("ocio_bake", plate, **given).spec
    lut = studio_config.parent / "luts/film.cube"
    lut.write_text(lut.read_text().replace("1.000000", "0.990000"))
    after = bake("ocio_bake", plate, **given).spec
    assert before.key != after.key
    assert bake("lut_bake", **given).spec.key != before.key
    assert [Path(file.path).name for file in after.colour_files] == ["film.cube"]

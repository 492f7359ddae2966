"""Mattes lie over their plate, pixel for pixel, and keep what it says of itself but its colour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import pytest

from shotmill.pipeline.images import Placed, read_image, read_matte, write_mattes
from shotmill.schema.errors import InputCorruptError
from shotmill.schema.media import Rate

WIDTH, HEIGHT = 47, 31  # odd sizes


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """An EXR with overscan, a pixel aspect of 2, a timecode and entries of its own."""
    spec = oiio.ImageSpec(WIDTH + 16, HEIGHT + 8, 3, oiio.HALF)
    spec.x, spec.y = -8, -4
    spec.full_width, spec.full_height = WIDTH, HEIGHT
    spec.attribute("PixelAspectRatio", 2.0)
    spec.attribute("framesPerSecond", oiio.TypeDesc("rational"), (24000, 1001))
    spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (0x01020304, 0))
    spec.attribute("nuke/node_hash", "abc")
    spec.attribute("oiio:ColorSpace", "lin_ap1_scene")
    spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), (0.7, 0.3, 0.2, 0.7, 0.1, 0.0, 0.3, 0.3))
    path = tmp_path / "plate.1001.exr"
    output: Any = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(np.full((HEIGHT + 8, WIDTH + 16, 3), 0.18, np.float16))
    assert output.close()
    return path


def header(path: Path) -> Any:
    source: Any = oiio.ImageInput.open(str(path))
    spec = oiio.ImageSpec(source.spec())
    source.close()
    return spec


def planes(*names: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {name: np.round(rng.random((HEIGHT, WIDTH)) * 64).astype(np.float32) / 64 for name in names}


def test_windows_aspect_timecode_rate_and_own_entries_are_kept(plate: Path, tmp_path: Path) -> None:
    """Roto fact 11: data window, display window, pixel aspect, timecode, custom attributes."""
    made = planes("A")
    window = write_mattes(tmp_path / "matte.exr", made, over=plate)
    found, before = header(tmp_path / "matte.exr"), header(plate)
    for name in ("x", "y", "width", "height", "full_x", "full_y", "full_width", "full_height"):
        assert getattr(found, name) == getattr(before, name), name
    for name in ("PixelAspectRatio", "framesPerSecond", "smpte:TimeCode", "nuke/node_hash"):
        assert found.getattribute(name) == before.getattribute(name) is not None, name
    assert (window.x, window.y, window.width, window.height) == (-8, -4, WIDTH + 16, HEIGHT + 8)
    assert found.getattribute("compression") == "zip"
    assert str(found.channelformat(0)) == "half"


def test_a_matte_says_nothing_of_the_plate_s_colour(plate: Path, tmp_path: Path) -> None:
    write_mattes(tmp_path / "matte.exr", planes("A"), over=plate)
    found = header(tmp_path / "matte.exr")
    assert found.getattribute("chromaticities") is None
    assert found.getattribute("oiio:ColorSpace") in {"data", "raw"}


def test_channels_are_found_by_name_and_hold_what_was_written(plate: Path, tmp_path: Path) -> None:
    """Roto fact 11: OpenImageIO sorts channels when it reads them, so places mean nothing."""
    made = planes("zoe.A", "adam.A")
    write_mattes(tmp_path / "matte.exr", made, over=plate)
    assert set(header(tmp_path / "matte.exr").channelnames) == {"adam.A", "zoe.A"}
    for name, plane in made.items():
        np.testing.assert_array_equal(read_matte(tmp_path / "matte.exr", name), plane)
    with pytest.raises(InputCorruptError, match=r"no channel 'eve\.A'; it has: "):
        read_matte(tmp_path / "matte.exr", "eve.A")


def test_a_data_window_smaller_than_the_display_keeps_what_lies_in_it(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(10, 8, 3, oiio.HALF)
    spec.x, spec.y, spec.full_width, spec.full_height = 5, 6, WIDTH, HEIGHT
    output: Any = oiio.ImageOutput.create(str(tmp_path / "small.exr"))
    assert output.open(str(tmp_path / "small.exr"), spec)
    assert output.write_image(np.zeros((8, 10, 3), np.float16))
    assert output.close()
    made = planes("A")
    write_mattes(tmp_path / "matte.exr", made, over=tmp_path / "small.exr")
    expected = np.zeros((HEIGHT, WIDTH), np.float32)
    expected[6:14, 5:15] = made["A"][6:14, 5:15]
    np.testing.assert_array_equal(read_matte(tmp_path / "matte.exr", "A"), expected)
    assert read_image(tmp_path / "small.exr").pixels.shape == (HEIGHT, WIDTH, 3)


def test_over_a_movie_rate_aspect_and_timecode_are_those_that_were_given(tmp_path: Path) -> None:
    placed = Placed(WIDTH, HEIGHT, 2.0, Rate.parse("23.976"), "01:02:03:04")
    write_mattes(tmp_path / "matte.exr", planes("A"), over=placed)
    found = header(tmp_path / "matte.exr")
    assert (found.width, found.height, found.getattribute("PixelAspectRatio")) == (WIDTH, HEIGHT, 2.0)
    assert found.get_string_attribute("smpte:TimeCode") == "01:02:03:04"
    assert found.getattribute("framesPerSecond") == (24000, 1001)


def test_the_same_mattes_are_the_same_bytes(plate: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_mattes(tmp_path / f"{name}.exr", planes("A"), over=plate)
    assert (tmp_path / "one.exr").read_bytes() == (tmp_path / "two.exr").read_bytes()

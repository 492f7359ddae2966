"""What frames say of time and shape goes along when a bake writes them in another format, there and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import pytest
from image_makers import Kind, write
from numpy.typing import NDArray

from shotmill.pipeline.images import read_header

Bake = Callable[..., Any]  # see conftest.py

HALF = Kind(".exr", "half", facts={"compression": "zip"})
DPX = Kind(".dpx", "uint16", facts={"oiio:BitsPerSample": 10})
RATES = [(24, 1), (24000, 1001), (25, 1), (30000, 1001)]
TIMECODE = 0x01020304  # 01:02:03:04, SMPTE ST 12-1: binary coded, hours first
DROP = 1 << 6  # of the frames' byte


def spec_of(path: Path) -> Any:
    source: Any = oiio.ImageInput.open(str(path))
    spec = oiio.ImageSpec(source.spec())
    source.close()
    return spec


def clocked(rate: tuple[int, int], timecode: int = TIMECODE) -> Callable[[Any], None]:
    def shape(spec: Any) -> None:
        spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), rate)
        spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (timecode, 0))
        spec.attribute("PixelAspectRatio", 2.0)

    return shape


@pytest.mark.parametrize("rate", RATES)
def test_dpx_of_exr_has_its_rate_timecode_and_aspect_and_exr_of_that_again(
    bake: Bake, light: NDArray[np.float32], tmp_path: Path, rate: tuple[int, int]
) -> None:
    plate = write(tmp_path / "plate.exr", HALF, light, shape=clocked(rate))
    [there] = bake("ocio_bake", plate, colourspace="ACEScg", space="ACEScct", format="dpx", depth="10").files.values()
    spec = spec_of(there)
    for name in ("dpx:FrameRate", "dpx:TemporalFrameRate"):
        assert spec.getattribute(name) == pytest.approx(rate[0] / rate[1], rel=1e-7)
    assert spec.get_string_attribute("dpx:TimeCode") == "01:02:03:04"
    assert spec.getattribute("PixelAspectRatio") == 2.0
    found = read_header(there)
    assert found.timecode == "01:02:03:04"
    assert found.rate == pytest.approx(rate[0] / rate[1], rel=1e-7)
    [back] = bake("ocio_bake", there, colourspace="ACEScct", space="ACEScg", format="exr").files.values()
    again = spec_of(back)
    assert again.getattribute("FramesPerSecond") == (rate if rate[1] > 1 else (rate[0] * 1000, 1000))
    assert again.getattribute("smpte:TimeCode") == (TIMECODE, 0)
    assert again.getattribute("PixelAspectRatio") == 2.0


def test_drop_frame_stays_drop_frame(bake: Bake, light: NDArray[np.float32], tmp_path: Path) -> None:
    plate = write(tmp_path / "plate.exr", HALF, light, shape=clocked((30000, 1001), TIMECODE | DROP))
    [there] = bake("ocio_bake", plate, colourspace="ACEScg", space="ACEScct", format="dpx", depth="10").files.values()
    assert spec_of(there).getattribute("smpte:TimeCode")[0] == TIMECODE | DROP
    [back] = bake("ocio_bake", there, colourspace="ACEScct", space="ACEScg", format="exr").files.values()
    assert spec_of(back).getattribute("smpte:TimeCode") == (TIMECODE | DROP, 0)


def test_user_bits_that_nobody_filled_in_are_none(bake: Bake, tmp_path: Path) -> None:
    """A DPX whose header holds a timecode alone, as scanners write it."""

    def shape(spec: Any) -> None:
        spec.attribute("dpx:TimeCode", "10:00:00:00")
        spec.attribute("dpx:TemporalFrameRate", 24.0)

    plate = write(tmp_path / "scan.dpx", DPX, np.full((48, 64, 3), 0.5, np.float32), shape=shape)
    [made] = bake("ocio_bake", plate, colourspace="ACEScct", space="ACEScg", format="exr").files.values()
    assert spec_of(made).getattribute("smpte:TimeCode") == (0x10000000, 0)
    assert read_header(made).rate == 24


def test_dpx_of_dpx_keeps_what_its_header_says(bake: Bake, tmp_path: Path) -> None:
    said = {
        "dpx:FrameRate": 25.0, "dpx:TemporalFrameRate": 25.0, "dpx:TimeCode": "10:00:00:00", "dpx:FramePosition": 7,
        "dpx:SlateInfo": "sh010 take 3", "dpx:InputDevice": "scanner", "DocumentName": "sh010", "Copyright": "a studio",
    }  # fmt: skip

    def shape(spec: Any) -> None:
        for name, value in said.items():
            spec.attribute(name, value)

    plate = write(tmp_path / "scan.dpx", DPX, np.full((48, 64, 3), 0.5, np.float32), shape=shape)
    [made] = bake("ocio_bake", plate, colourspace="ACEScct", space="ACEScg").files.values()
    before, after = spec_of(plate), spec_of(made)
    assert {name: before.getattribute(name) for name in said} == said
    assert {name: after.getattribute(name) for name in said} == said


@pytest.mark.parametrize(
    ("suffix", "apart"),
    [
        pytest.param(".exr", False, id="EXR, always multiplied"),
        pytest.param(".tif", False, id="TIFF, multiplied"),
        pytest.param(".tif", True, id="TIFF, apart"),
    ],
)
def test_tiff_says_whether_colour_is_multiplied_with_alpha_as_its_source_did(
    bake: Bake, tmp_path: Path, suffix: str, apart: bool
) -> None:
    spec = oiio.ImageSpec(64, 48, 4, "float")
    spec.attribute("oiio:UnassociatedAlpha", int(apart))
    plate = tmp_path / f"plate{suffix}"
    output: Any = oiio.ImageOutput.create(str(plate))
    assert output.open(str(plate), spec)
    assert output.write_image(np.full((48, 64, 4), 0.5, np.float32))
    output.close()
    [made] = bake("ocio_bake", plate, colourspace="ACEScg", space="ACEScg", format="tif").files.values()
    untouched = oiio.ImageSpec()
    untouched.attribute("oiio:UnassociatedAlpha", 1)
    source: Any = oiio.ImageInput.open(str(made), untouched)
    assert source.spec().get_int_attribute("oiio:UnassociatedAlpha") == int(apart)
    assert np.abs(source.read_image("float") - 0.5).max() < 1e-4
    source.close()


def test_data_windows_that_differ_from_frame_to_frame_stay(
    bake: Bake, light: NDArray[np.float32], tmp_path: Path
) -> None:
    windows = {1001: (0, 0), 1002: (-5, 7), 1003: (12, -3)}

    def at(place: tuple[int, int]) -> Callable[[Any], None]:
        def shape(spec: Any) -> None:
            spec.x, spec.y = place
            spec.full_x, spec.full_y, spec.full_width, spec.full_height = 0, 0, 80, 60

        return shape

    for frame, place in windows.items():
        write(tmp_path / f"plate.{frame}.exr", HALF, light, shape=at(place))
    ran = bake("ocio_bake", tmp_path / "plate.1001.exr", colourspace="ACEScg", space="ACES2065-1")
    assert len(ran.files) == len(windows)
    for name, path in ran.files.items():
        spec = spec_of(path)
        assert (spec.x, spec.y) == windows[int(name.split(".")[-2])]
        assert (spec.width, spec.height, spec.full_width, spec.full_height) == (64, 48, 80, 60)

"""Baked frames hold exactly what OpenColorIO's own processor makes of them, and all else of their sources."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from image_makers import Kind, parts, write
from numpy.typing import NDArray

Bake = Callable[..., Any]  # see conftest.py

ACES1 = "ocio://cg-config-v1.0.0_aces-v1.3_ocio-v2.1"
ACES2 = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
VIEW1 = {"display": "sRGB - Display", "view": "ACES 1.0 - SDR Video"}
VIEW2 = {"display": "sRGB - Display", "view": "ACES 2.0 - SDR 100 nits (Rec.709)"}
HALF = Kind(".exr", "half", facts={"compression": "piz"})
FLOAT = Kind(".exr", "float", facts={"compression": "zip"})
OIIOTOOL = Path(oiio.__file__).parent / "bin" / "oiiotool"
CDL_TEXT = "slope 1.1,0.9,1 offset 0.01,0,-0.02 power 1,1.1,0.95 saturation 0.8"


def pixels_of(path: Path, part: int = 0) -> NDArray[np.float32]:
    source: Any = oiio.ImageInput.open(str(path))
    source.seek_subimage(part, 0)
    pixels = source.read_image(part, 0, 0, source.spec().nchannels, "float")
    source.close()
    return np.asarray(pixels)


def spec_of(path: Path) -> Any:
    source: Any = oiio.ImageInput.open(str(path))
    spec = oiio.ImageSpec(source.spec())
    source.close()
    return spec


def own(config: str, *ways: Any, pixels: NDArray[np.float32], context: dict[str, str] | None = None) -> Any:
    """What OCIO makes of a whole picture at once, given all transforms of a way as one group."""
    found = ocio.Config.CreateFromFile(config)
    given = copy.deepcopy(found.getCurrentContext())
    for name, value in (context or {}).items():
        given.setStringVar(name, value)
    group = ocio.GroupTransform(list(ways))
    processor = found.getProcessor(given, group, ocio.TRANSFORM_DIR_FORWARD).getDefaultCPUProcessor()
    made = np.ascontiguousarray(pixels[:, :, :3]).copy()
    processor.apply(ocio.PackedImageDesc(made, made.shape[1], made.shape[0], 3))
    return made


def cdl() -> Any:
    made = ocio.CDLTransform()
    made.setSlope([1.1, 0.9, 1.0])
    made.setOffset([0.01, 0.0, -0.02])
    made.setPower([1.0, 1.1, 0.95])
    made.setSat(0.8)
    made.setStyle(ocio.CDL_NO_CLAMP)
    return made


def shown(view: dict[str, str]) -> Any:
    return ocio.DisplayViewTransform("ACEScg", view["display"], view["view"])


def as_half(pixels: NDArray[np.float32]) -> bytes:
    with np.errstate(over="ignore"):
        return pixels.astype(np.float16).tobytes()


@pytest.mark.parametrize(
    ("config", "params", "ways"),
    [
        pytest.param(ACES1, VIEW1, [shown(VIEW1)], id="view of ACES 1"),
        pytest.param(ACES2, VIEW2, [shown(VIEW2)], id="view of ACES 2"),
        pytest.param(ACES2, {"space": "ACEScct"}, [ocio.ColorSpaceTransform("ACEScg", "ACEScct")], id="log"),
        pytest.param(
            ACES2,
            {"space": "ACES2065-1", "cdl": CDL_TEXT, "cdl_space": "ACEScct"},
            [
                ocio.ColorSpaceTransform("ACEScg", "ACEScct"),
                cdl(),
                ocio.ColorSpaceTransform("ACEScct", "ACES2065-1"),
            ],
            id="CDL",
        ),
    ],
)
def test_float_frames_are_ocios_own_bit_for_bit(
    bake: Bake, light: NDArray[np.float32], tmp_path: Path, config: str, params: dict[str, str], ways: list[Any]
) -> None:
    plate = write(tmp_path / "plate.exr", FLOAT, light)
    [made] = bake("ocio_bake", plate, ocio=config, colourspace="ACEScg", **params).files.values()
    assert spec_of(made).format == oiio.FLOAT
    assert pixels_of(made).tobytes() == own(config, *ways, pixels=light).tobytes()


@pytest.mark.parametrize("view", [VIEW2, {"space": "ACES2065-1"}], ids=["view", "space"])
def test_half_frames_stay_half(bake: Bake, light: NDArray[np.float32], tmp_path: Path, view: dict[str, str]) -> None:
    plate = write(tmp_path / "plate.exr", HALF, light)
    [made] = bake("ocio_bake", plate, colourspace="ACEScg", **view).files.values()
    way = ocio.ColorSpaceTransform("ACEScg", "ACES2065-1") if "space" in view else shown(VIEW2)
    spec = spec_of(made)
    assert (spec.format, spec.getattribute("compression")) == (oiio.HALF, "zip")
    assert as_half(pixels_of(made)) == as_half(own(ACES2, way, pixels=light))


def test_a_look_a_context_variable_and_file_luts_are_honoured(
    bake: Bake, light: NDArray[np.float32], tmp_path: Path, studio_config: Path
) -> None:
    plate = write(tmp_path / "plate.exr", FLOAT, light)
    given = {"look": "+warm, -shot", "look_space": "log", "context": "SHOT=sh010", "space": "film"}
    ran = bake("ocio_bake", plate, ocio=str(studio_config), colourspace="lin", **given)
    [made] = ran.files.values()
    ways = [
        ocio.ColorSpaceTransform("lin", "log"),
        ocio.LookTransform("log", "log", "+warm, -shot"),
        ocio.ColorSpaceTransform("log", "film"),
    ]
    wanted = own(str(studio_config), *ways, pixels=light, context={"SHOT": "sh010"})
    assert pixels_of(made).tobytes() == wanted.tobytes()
    assert [Path(name).name for name in ran.outputs[0].facts["lut_files"]] == ["film.cube", "sh010.cube"]


@pytest.mark.parametrize("way", ["view", "space"])
def test_oiiotool_makes_the_same(bake: Bake, light: NDArray[np.float32], tmp_path: Path, way: str) -> None:
    plate = write(tmp_path / "plate.exr", FLOAT, np.nan_to_num(np.clip(light, -0.5, 4)))
    params = VIEW2 if way == "view" else {"space": "ACEScct"}
    [made] = bake("ocio_bake", plate, colourspace="ACEScg", **params).files.values()
    theirs = tmp_path / "theirs.exr"
    words = ["--ociodisplay:from=ACEScg", *VIEW2.values()] if way == "view" else ["--colorconvert", "ACEScg", "ACEScct"]
    subprocess.run([OIIOTOOL, "--colorconfig", ACES2, plate, *words, "-d", "float", "-o", theirs], check=True)
    assert np.abs(pixels_of(made) - pixels_of(theirs)).max() < 2e-6


LAYERS = ("R", "G", "B", "A", "diffuse.R", "diffuse.G", "diffuse.B", "Z")


def dressed(spec: Any) -> None:
    """A spec with windows, a mixed set of channel types, and all that a camera writes."""
    spec.x, spec.y, spec.full_x, spec.full_y, spec.full_width, spec.full_height = -4, 5, 0, 0, 100, 70
    spec.channelformats = (*[oiio.HALF] * 7, oiio.FLOAT)
    spec.attribute("PixelAspectRatio", 2.0)
    spec.attribute("framesPerSecond", oiio.TypeDesc("rational"), (24000, 1001))
    spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (0x01020304, 0))
    spec.attribute("cameraModel", "Alexa 35")
    spec.attribute("colorInteropID", "lin_ap1_scene")


def test_windows_entries_and_other_channels_stay(bake: Bake, light: NDArray[np.float32], tmp_path: Path) -> None:
    plate = write(tmp_path / "plate.exr", Kind(".exr", "half", LAYERS, {"compression": "piz"}), light, shape=dressed)
    ran = bake("ocio_bake", plate, space="ACES2065-1")
    [made] = ran.files.values()
    before, after = spec_of(plate), spec_of(made)
    for name in ("x", "y", "width", "height", "full_x", "full_y", "full_width", "full_height", "channelnames"):
        assert getattr(after, name) == getattr(before, name)
    formats = dict(zip(after.channelnames, map(str, after.channelformats), strict=True))
    assert formats == {**dict.fromkeys(LAYERS, "half"), "Z": "float"}
    for name in ("PixelAspectRatio", "framesPerSecond", "smpte:TimeCode", "cameraModel"):
        assert after.getattribute(name) == before.getattribute(name) is not None
    assert pixels_of(made)[:, :, 3:].tobytes() == pixels_of(plate)[:, :, 3:].tobytes()
    way = ocio.ColorSpaceTransform("ACEScg", "ACES2065-1")
    assert as_half(pixels_of(made)[:, :, :3]) == as_half(own(ACES2, way, pixels=light))
    assert ran.outputs[0].facts["untouched"] == ["A", "Z", "diffuse.R", "diffuse.G", "diffuse.B"]


def test_the_file_says_which_colours_it_holds_now(bake: Bake, light: NDArray[np.float32], tmp_path: Path) -> None:
    plate = write(tmp_path / "plate.exr", Kind(".exr", "half", LAYERS, {}), light, shape=dressed)
    ran = bake("ocio_bake", plate, space="ACES2065-1")
    [made] = ran.files.values()
    spec = spec_of(made)
    assert spec.getattribute("colorInteropID") == "lin_ap0_scene"
    assert spec.getattribute("shotmill:colourspace") == "ACES2065-1"
    # SMPTE ST 2065-1: the AP0 primaries and the ACES white
    wanted = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
    assert spec.getattribute("chromaticities") == pytest.approx(wanted, abs=1e-6)
    assert ran.outputs[0].colourspace == "ACES2065-1"
    again = bake("ocio_bake", made, space="ACEScg")  # found from the file
    assert again.outputs[0].facts["colourspace"] == "ACES2065-1"


def test_the_shown_part_is_baked_and_the_others_are_kept(bake: Bake, tmp_path: Path) -> None:
    plate = parts(tmp_path / "parts.exr", [("depth", ("Z",)), ("beauty", ("R", "G", "B", "A"))], 7)
    [made] = bake("ocio_bake", plate, space="ACES2065-1", colourspace="ACEScg").files.values()
    assert pixels_of(made, 0).tobytes() == pixels_of(plate, 0).tobytes()
    before = pixels_of(plate, 1)
    way = ocio.ColorSpaceTransform("ACEScg", "ACES2065-1")
    assert as_half(pixels_of(made, 1)[:, :, :3]) == as_half(own(ACES2, way, pixels=before))
    assert pixels_of(made, 1)[:, :, 3].tobytes() == before[:, :, 3].tobytes()


@pytest.mark.parametrize("depth", ["source", "float"])
@pytest.mark.parametrize("others", [0, 1], ids=["one part", "two parts"])
def test_whole_numbers_of_objects_stay_to_the_last_bit(bake: Bake, tmp_path: Path, others: int, depth: str) -> None:
    """They are hashes of 32 bits, which float32 does not hold; OpenEXR's own package writes and reads them."""
    hashes = np.random.default_rng(7).integers(0, 2**32, (9, 16), dtype=np.uint32)
    hashes[0, :4] = (0, 1, 2**31, 2**32 - 1)
    far = np.full((9, 16), 1e30, np.float32)
    colour = {name: np.full((9, 16), 0.5, np.float16) for name in "RGB"}
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIPS_COMPRESSION}
    shown = OpenEXR.Part(dict(header), {**colour, "Z": far, "object": hashes}, "shown")
    OpenEXR.File([shown, OpenEXR.Part(dict(header), {"object": hashes}, "other")][: 1 + others]).write(
        str(tmp_path / "plate.exr")
    )
    ran = bake("ocio_bake", tmp_path / "plate.exr", space="ACES2065-1", colourspace="ACEScg", depth=depth)
    found = OpenEXR.File(str(next(iter(ran.files.values()))), separate_channels=True).parts
    assert [part.channels["object"].pixels.tolist() for part in found] == [hashes.tolist()] * (1 + others)
    assert np.array_equal(found[0].channels["Z"].pixels, far)
    assert found[0].channels["R"].pixels.dtype == (np.float32 if depth == "float" else np.float16)


@pytest.mark.parametrize("tiled", [0, 1], ids=["the shown one", "the other one"])
def test_a_part_in_tiles_beside_one_in_lines_is_kept(bake: Bake, tmp_path: Path, tiled: int) -> None:
    plane = np.arange(9 * 16, dtype=np.float16).reshape(9, 16)
    tiles = OpenEXR.TileDescription()
    tiles.xSize = tiles.ySize = 8
    headers: list[dict[str, Any]] = [{"type": OpenEXR.scanlineimage}, {"type": OpenEXR.scanlineimage}]
    headers[tiled] = {"type": OpenEXR.tiledimage, "tiles": tiles}
    channels = [dict.fromkeys("RGB", plane), {"Z": plane}]
    made_of = [OpenEXR.Part(*one) for one in zip(headers, channels, ("shown", "kept"), strict=True)]
    OpenEXR.File(made_of).write(str(tmp_path / "plate.exr"))
    [made] = bake("ocio_bake", tmp_path / "plate.exr", space="ACES2065-1", colourspace="ACEScg").files.values()
    assert np.array_equal(OpenEXR.File(str(made), separate_channels=True).parts[1].channels["Z"].pixels, plane)


def test_parts_that_are_kept_do_not_say_when_they_were_baked(bake: Bake, tmp_path: Path) -> None:
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIPS_COMPRESSION}
    plane = np.zeros((9, 16), np.float16)
    kept = OpenEXR.Part(dict(header), {"Z": plane}, "kept")
    OpenEXR.File([OpenEXR.Part(dict(header), dict.fromkeys("RGB", plane), "shown"), kept]).write(
        str(tmp_path / "plate.exr")
    )
    [made] = bake("ocio_bake", tmp_path / "plate.exr", space="ACES2065-1", colourspace="ACEScg").files.values()
    assert {part.header["capDate"] for part in OpenEXR.File(str(made)).parts} == {"2000:01:01 00:00:00"}


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_dpx_keeps_its_bits_within_one_code_value(bake: Bake, tmp_path: Path, bits: int) -> None:
    most = 2**bits - 1
    codes = np.random.default_rng(3).integers(0, most + 1, (48, 64, 3))
    kind = Kind(".dpx", f"uint{bits}" if bits in {8, 16} else "uint16", facts={"oiio:BitsPerSample": bits})
    plate = write(tmp_path / "plate.dpx", kind, (codes / most).astype(np.float32))
    [made] = bake("ocio_bake", plate, colourspace="ADX10", space="ACEScct", ocio=ACES2).files.values()
    assert spec_of(made).getattribute("oiio:BitsPerSample") in ({bits, None} if bits in {8, 16} else {bits})
    way = ocio.ColorSpaceTransform("ADX10", "ACEScct")
    wanted = np.clip(own(ACES2, way, pixels=(codes / most).astype(np.float32)), 0, 1) * most
    found = pixels_of(made) * most
    assert np.abs(found - wanted).max() <= 0.51 + most / 65535  # a reader spreads 10 and 12 bits over 16


def test_a_cdl_whose_space_nobody_says_works_in_the_working_space(
    bake: Bake, light: NDArray[np.float32], tmp_path: Path
) -> None:
    plate = write(tmp_path / "plate.exr", FLOAT, light)
    given = {"colourspace": "ACEScg", "space": "ACES2065-1", "cdl": CDL_TEXT}
    [left_open] = bake("ocio_bake", plate, **given).files.values()
    [said] = bake("ocio_bake", plate, **given, cdl_space="ACEScg").files.values()
    assert left_open.read_bytes() == said.read_bytes()


def test_a_picture_for_a_display_goes_back(bake: Bake, tmp_path: Path) -> None:
    ramp = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[np.newaxis, :, np.newaxis], 8, axis=0).repeat(3, axis=2)
    plate = write(tmp_path / "ramp.png", Kind(".png", "uint16"), ramp)
    ran = bake("ocio_bake", plate, colourspace="ACEScg", inverse=True, format="exr", depth="float", **VIEW2)
    [made] = ran.files.values()
    [shown_again] = bake("ocio_bake", made, format="png", **VIEW2).files.values()
    assert np.abs(pixels_of(shown_again) - pixels_of(plate)).max() < 2e-3
    assert ran.outputs[0].colourspace == "ACEScg"


def test_a_picture_for_a_display_passes_no_view_a_second_time(bake: Bake, tmp_path: Path) -> None:
    ramp = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[np.newaxis, :, np.newaxis], 8, axis=0).repeat(3, axis=2)
    plate = write(tmp_path / "ramp.tif", Kind(".tif", "float"), ramp)
    ran = bake("ocio_bake", plate, colourspace=VIEW2["display"], depth="float", **VIEW2)
    [made] = ran.files.values()
    assert pixels_of(made).tobytes() == ramp.tobytes()
    assert ran.outputs[0].facts["made_for"] == VIEW2["display"]
    light = bake("ocio_bake", plate, colourspace="ACEScg", depth="float", **VIEW2)
    assert light.outputs[0].facts["made_for"] == f"{VIEW2['view']} on {VIEW2['display']}"


def test_other_formats_get_the_display_window_with_colour_and_alpha(
    bake: Bake, light: NDArray[np.float32], tmp_path: Path
) -> None:
    plate = write(tmp_path / "plate.exr", Kind(".exr", "half", LAYERS, {}), light, shape=dressed)
    [made] = bake("ocio_bake", plate, format="png", depth="8", **VIEW2).files.values()
    spec, found = spec_of(made), pixels_of(made)
    assert (spec.width, spec.height, spec.nchannels) == (100, 70, 4)
    wanted = np.clip(np.nan_to_num(own(ACES2, shown(VIEW2), pixels=light)), 0, 1) * 255
    there = np.asarray(np.isfinite(light).all(axis=2))[:, 4:]
    apart = np.abs(found[5:53, 0:60, :3] * 255 - wanted[:, 4:])[there]
    assert apart.max() <= 0.51
    assert not found[:5].any()


@pytest.mark.parametrize("chunk", [10, 4, 1], ids=["1 chunk", "3 chunks", "10 chunks"])
def test_the_bytes_are_the_same_however_it_is_chunked(
    bake: Bake, light: NDArray[np.float32], tmp_path: Path, chunk: int
) -> None:
    for frame in range(1, 11):
        write(tmp_path / f"plate.{frame:04d}.exr", HALF, light * frame)
    plate = tmp_path / "plate.####.exr"
    ran = bake("ocio_bake", plate, colourspace="ACEScg", space="ACES2065-1", chunk_frames=chunk)
    assert len(ran.attempts) == -(-10 // chunk)
    alone = bake("ocio_bake", plate, colourspace="ACEScg", space="ACES2065-1", chunk_frames=7)
    assert {n: p.read_bytes() for n, p in ran.files.items()} == {n: p.read_bytes() for n, p in alone.files.items()}


def test_a_cdl_file_is_what_its_numbers_are(bake: Bake, light: NDArray[np.float32], tmp_path: Path) -> None:
    plate = write(tmp_path / "plate.exr", FLOAT, light)
    sop = "<SOPNode><Slope>1.1 0.9 1</Slope><Offset>0.01 0 -0.02</Offset><Power>1 1.1 0.95</Power></SOPNode>"
    one = f'<ColorCorrection id="sh010">{sop}<SatNode><Saturation>0.8</Saturation></SatNode></ColorCorrection>'
    (tmp_path / "shots.ccc").write_text(f"<ColorCorrectionCollection>{one}</ColorCorrectionCollection>")
    given = {"colourspace": "ACEScg", "space": "ACES2065-1", "cdl_space": "ACEScct"}
    [of_file] = bake("ocio_bake", plate, cdl=f"{tmp_path}/shots.ccc#sh010", **given).files.values()
    [typed] = bake("ocio_bake", plate, cdl=CDL_TEXT, **given).files.values()
    assert pixels_of(of_file).tobytes() == pixels_of(typed).tobytes()

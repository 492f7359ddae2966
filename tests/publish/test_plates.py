"""EXR frames published by the command line: pixels bit for bit, and what else they hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - short, as in the field
import pytest
from command_line import run_process, stop_engines

COMPRESSIONS = ["piz", "dwaa:45", "zip", "zips", "none", "b44", "pxr24", "rle"]
FIRST = 1001
OF_COMPRESSION = {"compression", "oiio:RowsPerChunk", "openexr:dwaCompressionLevel"}
CHANNELS = ("R", "G", "B", "A", "Z", "albedo.R", "albedo.G", "albedo.B")
TIMECODE = (0x01020304, 0x00000000)  # 01:02:03:04 in SMPTE 12M's binary-coded decimals
Pixels = Any


def beauty(frame: int) -> Pixels:
    """Odd values in eight channels: negative, tiny, huge, infinite; no NaN, which no comparison likes."""
    pixels = np.random.default_rng(frame).normal(0, 10, (36, 64, len(CHANNELS))).astype(np.float16)
    pixels[0, :4, 0] = [-0.0, np.inf, 65504, 6e-8]  # the largest and the smallest half
    return pixels


def write_plate(path: Path, frame: int, compression: str) -> None:
    """Two parts: a beauty of eight half channels in an overscanned window, and a depth of floats."""
    first = oiio.ImageSpec(64, 36, len(CHANNELS), "half")
    second = oiio.ImageSpec(64, 36, 1, "float")
    first.channelnames, second.channelnames = CHANNELS, ("Z",)
    for spec, part in ((first, "beauty"), (second, "depth")):
        spec.x, spec.y, spec.full_x, spec.full_y, spec.full_width, spec.full_height = -4, -2, 0, 0, 56, 32
        spec.attribute("oiio:subimagename", part)
        spec.attribute("compression", compression)
        spec.attribute("camera/serial", "A001C003")
        spec.attribute("smpte:TimeCode", oiio.TypeTimeCode, TIMECODE)
        spec.attribute("FramesPerSecond", oiio.TypeRational, (24000, 1001))
        spec.attribute("worldToCamera", "matrix", tuple(float(n) for n in range(16)))
        spec.attribute("PixelAspectRatio", 2.0)
    output: Any = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), (first, second))
    assert output.write_image(beauty(frame))
    assert output.open(str(path), second, "AppendSubimage")
    assert output.write_image(np.full((36, 64, 1), frame / 3, np.float32))
    assert output.close()


def parts(path: Path) -> Iterator[tuple[Any, Pixels]]:
    """Each part's header and its pixels as they are stored."""
    found: Any = oiio.ImageInput.open(str(path))
    number = 0
    while found.seek_subimage(number, 0):
        yield oiio.ImageSpec(found.spec()), found.read_image(number, 0, 0, found.spec().nchannels, found.spec().format)
        number += 1
    found.close()


def facts(spec: Any) -> dict[str, Any]:
    found = {one.name: one.value for one in spec.extra_attribs if one.name not in OF_COMPRESSION}
    shape = ("x", "y", "width", "height", "full_x", "full_y", "full_width", "full_height", "channelnames")
    return found | {name: getattr(spec, name) for name in shape} | {"format": str(spec.format)}


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plate")
    for number, compression in enumerate(COMPRESSIONS):
        write_plate(folder / f"plate.{FIRST + number}.exr", FIRST + number, compression)
    return folder


@pytest.fixture(scope="module")
def published(plate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of version 1 of the plate."""
    home = tmp_path_factory.mktemp("home")
    words = ["--shot", "sq010/sh010", "--product", "plate", "--colourspace", "ACEScg"]
    ran = run_process("publish", plate / "plate.####.exr", *words, home=home, env={"SHOTMILL_IDLE_S": "1"})
    assert ran.returncode == 0, ran
    yield next(path.parent for path in (home / "projects").rglob("manifest.json"))
    stop_engines(home)


def pair(plate: Path, published: Path, compression: str) -> tuple[Path, Path]:
    frame = FIRST + COMPRESSIONS.index(compression)
    return plate / f"plate.{frame}.exr", published / f"sh010_plate_v001.{frame}.exr"


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_pixels_of_every_part_and_channel_are_published_bit_for_bit(
    compression: str, plate: Path, published: Path
) -> None:
    given, made = pair(plate, published, compression)
    for (_, before), (_, after) in zip(parts(given), parts(made), strict=True):
        assert before.dtype == after.dtype
        assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("compression", ["piz", "zip", "none", "rle"])
def test_a_lossless_frame_still_holds_what_was_rendered(compression: str, plate: Path, published: Path) -> None:
    _given, made = pair(plate, published, compression)
    (_, first), (_, second) = parts(made)
    frame = FIRST + COMPRESSIONS.index(compression)
    assert first.tobytes() == beauty(frame).tobytes()
    assert second.tobytes() == np.full((36, 64, 1), frame / 3, np.float32).tobytes()


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_headers_keep_timecode_windows_and_metadata(compression: str, plate: Path, published: Path) -> None:
    given, made = pair(plate, published, compression)
    for (before, _), (after, _) in zip(parts(given), parts(made), strict=True):
        assert facts(after) == facts(before)
        assert after["smpte:TimeCode"] == TIMECODE
        assert after["compression"] == ("zips" if compression == "zips" else "zip")


def test_frames_that_have_checksums_are_published_byte_for_byte(plate: Path, published: Path) -> None:
    for compression in ("zip", "zips"):
        given, made = pair(plate, published, compression)
        assert given.read_bytes() == made.read_bytes()

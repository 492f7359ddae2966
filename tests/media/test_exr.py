"""EXR by OpenEXR's own package: the very bytes and pixels of OpenImageIO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shotmill.pipeline.images import exr, read_image
from shotmill.pipeline.images.exr import is_simple, write_exr
from shotmill.pipeline.images.like import read_original
from shotmill.pipeline.images.write import FIXED_DATE, write_spec
from shotmill.schema.errors import InputCorruptError, StorageError

TYPES = {"half": np.uint16, "float": np.uint32, "uint": np.uint32}
MATRIX = tuple(float(number) for number in range(16))
ENTRIES: list[tuple[Any, ...]] = [
    ("whole", 7),
    ("real", 0.25),
    ("no number", float("nan")),
    ("text", "grüß"),
    ("empty", ""),
    ("a name that is longer than 31 letters", 3),
    ("FramesPerSecond", "rational", (24000, 1001)),
    ("not in lowest terms", "rational", (48, 2)),
    ("two", "float[2]", (1.0, 2.0)),
    ("point", "point", (1.0, 2.0, 3.0)),
    ("two whole", "int[2]", (3, 4)),
    ("floats", "float[5]", (1.0, 2.0, 3.0, 4.0, 5.0)),
    ("words", "string[2]", ("a", "b")),
    ("worldToCamera", oiio.TypeDesc("matrix"), MATRIX),
    ("small matrix", oiio.TypeDesc("matrix33"), MATRIX[:9]),
    ("chromaticities", "float[8]", (0.7, 0.3, 0.2, 0.8, 0.1, 0.05, 0.32, 0.33)),
    ("adoptedNeutral", "float[2]", (0.3, 0.3)),
    ("box", "box2i", (1, 2, 3, 4)),
    ("smpte:TimeCode", "timecode", (0x01020304, 5)),
    ("smpte:KeyCode", "keycode", (1, 2, 3, 4, 5, 6, 7)),  # one that no film can have
    ("PixelAspectRatio", 2.0),
    ("Software", "a renderer"),
    ("p", "the same name as what takes the room"),
]


def spec_of(channels: tuple[str, ...], sample: str, size: tuple[int, int] = (61, 47)) -> Any:
    spec = oiio.ImageSpec(*size, len(channels), sample)
    spec.channelnames = channels
    spec.attribute("compression", "zip")
    spec.attribute("DateTime", FIXED_DATE)
    return spec


def any_pixels(spec: Any, *, seed: int = 3) -> NDArray[Any]:
    """Any bits at all: numbers of every size, infinite ones, and what is none."""
    code = np.dtype(TYPES[str(spec.format)])
    dice = np.random.Generator(np.random.PCG64(seed))
    drawn = dice.integers(0, 2 ** (8 * code.itemsize), (spec.height, spec.width, spec.nchannels), dtype=code)
    return drawn if str(spec.format) == "uint" else drawn.view(np.float16 if code.itemsize == 2 else np.float32)


def by_openimageio(path: Path, spec: Any, pixels: NDArray[Any]) -> bytes:
    output: Any = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(pixels), output.geterror()
    assert output.close()
    return path.read_bytes()


def smooth_pixels(spec: Any) -> NDArray[Any]:
    """What compresses well: noise is stored as it is."""
    code = {"half": np.float16, "float": np.float32, "uint": np.uint32}[str(spec.format)]
    steps = np.linspace(0, 1000, spec.height * spec.width * spec.nchannels)
    return steps.reshape(spec.height, spec.width, spec.nchannels).astype(code)


def by_us(path: Path, spec: Any, pixels: NDArray[Any]) -> bytes:
    assert is_simple(spec, pixels)
    assert write_exr(path, spec, pixels)
    return path.read_bytes()


def check_the_same(folder: Path, spec: Any) -> None:
    for pixels in (any_pixels(spec), smooth_pixels(spec)):
        assert by_us(folder / "ours.exr", spec, pixels) == by_openimageio(folder / "theirs.exr", spec, pixels)


@pytest.mark.parametrize("sample", TYPES)
@pytest.mark.parametrize(
    "channels",
    [
        ("R", "G", "B"),
        ("R", "G", "B", "A"),
        ("B", "G", "R"),
        ("A",),
        ("beauty.R", "beauty.G"),
        ("R", "G", "B", "A", "Z"),
    ],
    ids=".".join,
)
def test_the_file_is_the_one_that_openimageio_writes(channels: tuple[str, ...], sample: str, tmp_path: Path) -> None:
    check_the_same(tmp_path, spec_of(channels, sample))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[0])
def test_an_entry_of_any_type_is_the_one_that_openimageio_writes(entry: tuple[Any, ...], tmp_path: Path) -> None:
    spec = spec_of(("R", "G", "B"), "half")
    name, *kind, value = entry
    spec.attribute(name, *[oiio.TypeDesc(one) for one in kind], value)
    check_the_same(tmp_path, spec)


@given(
    corner=st.tuples(st.integers(-5000, 5000), st.integers(-5000, 5000)),
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    shown=st.tuples(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 200), st.integers(1, 200)),
)
def test_windows_of_any_place_and_size(
    corner: tuple[int, int],
    size: tuple[int, int],
    shown: tuple[int, int, int, int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    spec = spec_of(("R", "G", "B"), "half", size)
    spec.x, spec.y = corner
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = shown
    check_the_same(tmp_path_factory.getbasetemp(), spec)


def tiled(spec: Any) -> None:
    spec.tile_width = spec.tile_height = 16


def lossy(spec: Any) -> None:
    spec.attribute("compression", "dwaa")


def upwards(spec: Any) -> None:
    spec.attribute("openexr:lineOrder", "decreasingY")


def mixed(spec: Any) -> None:
    spec.channelformats = (oiio.HALF, oiio.HALF, oiio.FLOAT)


def twice(spec: Any) -> None:
    spec.channelnames = ("R", "R", "B")


def undated(spec: Any) -> None:
    spec.erase_attribute("DateTime")


def pressed(spec: Any) -> None:
    spec.attribute("CompressionQuality", 9)


def windowless(spec: Any) -> None:
    spec.full_width = spec.full_height = 0


def taller(spec: Any) -> None:
    spec.height += 1


def double(spec: Any) -> None:
    spec.set_format("double")


@pytest.mark.parametrize(
    "change",
    [tiled, lossy, upwards, mixed, twice, undated, pressed, windowless, taller, double],
    ids=lambda change: change.__name__,
)
def test_what_is_not_simple_is_left_to_openimageio(change: Any) -> None:
    spec = spec_of(("R", "G", "B"), "half")
    pixels = any_pixels(spec)
    assert is_simple(spec, pixels)
    assert not is_simple(spec, pixels.astype(np.float32))
    change(spec)
    assert not is_simple(spec, pixels)
    assert not is_simple(spec, pixels.astype(np.float64))


@pytest.mark.parametrize("date", ["1", "2020-01-01", FIXED_DATE], ids=len)
def test_a_short_date_is_written_too(date: str, tmp_path: Path) -> None:
    """The shortest header that OpenEXR writes is longer than one with a date of a few letters."""
    path = tmp_path / "picture.exr"
    spec = spec_of(("R", "G", "B"), "half")
    spec.attribute("DateTime", date)
    pixels = smooth_pixels(spec)
    write_spec(path, spec, pixels)
    assert path.read_bytes() == by_openimageio(tmp_path / "theirs.exr", spec, pixels)
    assert write_exr(path, spec, pixels) is (date == FIXED_DATE)


@pytest.mark.parametrize("pixels", [(47, 61, 2), (61, 47, 3), (46, 61, 3)], ids=str)
def test_pixels_of_another_shape_are_refused(pixels: tuple[int, int, int], tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be written"):
        write_spec(tmp_path / "picture.exr", spec_of(("R", "G", "B"), "half"), np.zeros(pixels, np.float16))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rate", [(24, 0), (0, 0)])
def test_a_rate_that_is_no_number_keeps_nothing_from_being_read(rate: tuple[int, int], tmp_path: Path) -> None:
    spec, path = spec_of(("R", "G", "B"), "half"), tmp_path / "picture.exr"
    spec.attribute("framesPerSecond", oiio.TypeDesc("rational"), (24, 1))
    pixels = smooth_pixels(spec)
    content = by_openimageio(path, spec, pixels)
    ways = [number.to_bytes(4, "little") for number in (24, 1)], [number.to_bytes(4, "little") for number in rate]
    old, new = (b"rational\0" + (8).to_bytes(4, "little") + b"".join(way) for way in ways)
    assert old in content
    path.write_bytes(content.replace(old, new))
    assert np.array_equal(read_original(path).pixels, pixels)


def test_a_header_that_is_cut_off_by_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenImageIO closes a file well that holds nothing, or a part of its header."""
    spec = spec_of(("R", "G", "B"), "half")
    whole = by_openimageio(tmp_path / "whole.exr", spec, smooth_pixels(spec))
    for length in range(0, 330, 3):
        monkeypatch.setattr(Path, "read_bytes", lambda _path, length=length: whole[:length])
        with pytest.raises(OSError, match="the file is short"):
            write_exr(tmp_path / "picture.exr", spec, smooth_pixels(spec))


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    spec = spec_of(("R", "G", "B"), "half")
    with pytest.raises(OSError, match="nowhere"):
        write_exr(tmp_path / "nowhere" / "picture.exr", spec, any_pixels(spec))
    with pytest.raises(OSError, match="dataWindow"):
        write_exr(tmp_path / "picture.exr", spec, any_pixels(spec)[1:])


@pytest.mark.parametrize("sample", ["half", "float"])
@pytest.mark.parametrize("channels", [("R", "G", "B"), ("R", "G", "B", "A")], ids="".join)
def test_pixels_are_those_that_openimageio_reads(channels: tuple[str, ...], sample: str, tmp_path: Path) -> None:
    spec, path = spec_of(channels, sample), tmp_path / "picture.exr"
    pixels = any_pixels(spec)
    by_openimageio(path, spec, pixels)
    read = read_original(path).pixels
    assert read.flags.c_contiguous
    assert np.array_equal(read.view(TYPES[sample]), pixels.view(TYPES[sample]))


def test_entries_that_openexr_does_not_know_keep_nothing_from_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, path = spec_of(("R", "G", "B"), "half"), tmp_path / "picture.exr"
    spec.attribute("smpte:KeyCode", oiio.TypeDesc("keycode"), (1, 2, 3, 4, 5, 6, 7))
    pixels = any_pixels(spec)
    by_openimageio(path, spec, pixels)
    found: list[object] = []
    read = exr._read

    def watched(path: Path, names: str) -> object:
        found.append(read(path, names))
        return found[-1]

    monkeypatch.setattr(exr, "_read", watched)
    assert np.array_equal(read_original(path).pixels.view(np.uint16), pixels.view(np.uint16))
    assert found == [None]


@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_a_file_that_ends_too_early_is_told(part: float, tmp_path: Path) -> None:
    spec, path = spec_of(("R", "G", "B"), "half"), tmp_path / "picture.exr"
    content = by_openimageio(path, spec, any_pixels(spec))
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(InputCorruptError, match="cannot be read whole"):
        read_original(path)


def test_pictures_that_commands_look_at_are_told_without_a_line_of_a_librarys_own(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    spec, path = spec_of(("R", "G", "B"), "half"), tmp_path / "picture.exr"
    content = by_openimageio(path, spec, any_pixels(spec))
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputCorruptError, match="cannot be read whole"):
        read_image(path)
    assert capfd.readouterr().out == ""


def test_a_bit_that_flipped_is_told(tmp_path: Path) -> None:
    spec, path = spec_of(("R", "G", "B"), "half"), tmp_path / "picture.exr"
    pixels = np.linspace(0, 1, spec.height * spec.width * 3, dtype=np.float16)  # noise is stored without a checksum
    content = bytearray(by_openimageio(path, spec, pixels.reshape(spec.height, spec.width, 3)))
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(InputCorruptError, match="cannot be read whole"):
        read_original(path)

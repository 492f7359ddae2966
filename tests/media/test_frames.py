"""Frames as tasks read them are those that every command reads, bit for bit; EXR is decoded by OpenEXR's package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import pytest
from image_makers import KINDS, deep, image
from numpy.typing import NDArray

from shotmill.pipeline.images import Limits, exr, frames, read_frame, read_image, read_stored
from shotmill.schema.errors import BadRequestError, InputCorruptError, InputTooLargeError

LAYERS = ("A", "B", "G", "N.X", "R", "diffuse.R")


def write(path: Path, names: Sequence[str], sample: str = "half", **entries: Any) -> Path:
    """An EXR of any bits at all, NaN and infinities among them, 61 x 47, whose data window is another than its own."""
    spec = oiio.ImageSpec(61, 47, len(names), sample)
    spec.channelnames = tuple(names)
    spec.x, spec.y, spec.full_width, spec.full_height = 5, -3, 64, 48
    spec.attribute("compression", "zip")
    for name, value in entries.items():
        setattr(spec, name, value)
    codes = np.random.default_rng(2).integers(0, 2**16, (47, 61, len(names)), dtype=np.uint16)
    output: Any = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(codes.view(np.float16).astype(np.float16 if sample == "half" else np.float32))
    assert output.close()
    return path


@pytest.fixture
def by_openexr(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each frame that is read from now on, whether OpenEXR's package decoded it."""
    asked: list[bool] = []
    real = exr.read_planes

    def told(*arguments: Any) -> NDArray[Any] | None:
        found = real(*arguments)
        asked.append(found is not None)
        return found

    monkeypatch.setattr(frames, "read_planes", told)
    return asked


def same(path: Path) -> None:
    found, wanted = read_frame(path), read_image(path)
    assert (found.header, found.channels) == (wanted.header, wanted.channels)
    assert (found.pixels.dtype, found.pixels.shape) == (wanted.pixels.dtype, wanted.pixels.shape)
    assert found.pixels.tobytes() == wanted.pixels.tobytes()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_format_is_read_as_by_every_command(kind: Any, tmp_path: Path) -> None:
    same(image(tmp_path / f"frame{kind.suffix}", kind, 7))


@pytest.mark.parametrize("sample", ["half", "float"])
@pytest.mark.parametrize("names", [("R", "G", "B"), LAYERS, ("Y",), ("left.R", "left.G", "left.B", "Z")], ids="".join)
def test_strange_pixels_in_another_window_are_the_same_bits(
    names: Sequence[str], sample: str, tmp_path: Path, by_openexr: list[bool]
) -> None:
    same(write(tmp_path / "frame.exr", names, sample))
    assert by_openexr == [True]


@pytest.mark.parametrize("sample", ["half", "float"])
def test_a_frame_as_it_is_stored_is_its_data_window_with_alpha(
    sample: str, tmp_path: Path, by_openexr: list[bool]
) -> None:
    path = write(tmp_path / "frame.exr", LAYERS, sample)
    found = read_stored(path)
    source: Any = oiio.ImageInput.open(str(path))
    names = list(source.spec().channelnames)
    wanted = source.read_image(0, 0, 0, len(names), sample)[:, :, [names.index(name) for name in ("R", "G", "B", "A")]]
    source.close()
    assert by_openexr == [True]
    assert (found.channels, found.pixels.dtype) == (("R", "G", "B", "A"), wanted.dtype)
    assert (found.header.data.x, found.header.data.y, found.pixels.shape) == (5, -3, (47, 61, 4))
    assert found.pixels.tobytes() == wanted.tobytes()


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param({"tile_width": 16, "tile_height": 16}, id="tiles"),
        pytest.param({"channelformats": ("float",) * 2 + ("half",) * 4}, id="colour of several types"),
    ],
)
def test_what_else_an_exr_can_be_is_left_to_openimageio(
    entries: dict[str, Any], tmp_path: Path, by_openexr: list[bool]
) -> None:
    same(write(tmp_path / "frame.exr", LAYERS, **entries))
    assert by_openexr == [False]


def test_an_image_of_very_many_channels_is_left_to_openimageio(
    tmp_path: Path, by_openexr: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exr, "MOST_BYTES", 61 * 47 * 2 * len(LAYERS) - 1)
    same(write(tmp_path / "frame.exr", LAYERS))
    assert by_openexr == [False]


@pytest.mark.parametrize("part", [0.3, 0.9, 0.999])
def test_a_frame_that_is_cut_off_is_told_as_always(part: float, tmp_path: Path) -> None:
    path = write(tmp_path / "frame.exr", LAYERS)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    said = []
    for read in (read_frame, read_image):
        with pytest.raises(InputCorruptError) as refused:
            read(path)
        said.append(refused.value.message)
    assert said[0] == said[1]


def test_a_deep_frame_and_a_large_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match="is a deep image; flatten it first"):
        read_frame(deep(tmp_path / "deep.exr"))
    with pytest.raises(InputTooLargeError, match="64x48"):
        read_frame(write(tmp_path / "large.exr", LAYERS), limits=Limits(max_pixels=100))

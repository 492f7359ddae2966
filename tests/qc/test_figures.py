"""Figures of channels: what is counted, where the first pixel lies, and the bits that make it quick."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shotmill.pipeline.qc.encoding import Encoding
from shotmill.pipeline.qc.figures import Channel, extremes_of, measure_pixels
from shotmill.schema.qc import ChannelFigures, Spots

FLOATS = (np.float16, np.float32)


def figures(plane: NDArray[Any], *, ceiling: float = 65_504.0, encoding: Encoding | None = None) -> ChannelFigures:
    pixels = plane[:, :, None]
    found = encoding or Encoding.of_image(plane.dtype, "R")
    [extremes] = extremes_of(pixels)
    [made] = measure_pixels(pixels, [Channel("R", found, extremes, 0.5)], ceiling=ceiling, origin=(100, 10))
    return made


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        pytest.param([0.25, 0.5, 2.0], 0.25, 2.0, id="positive"),
        pytest.param([-0.25, -0.5, -2.0], -2.0, -0.25, id="all negative"),
        pytest.param([-0.25, 0.0, 2.0], -0.25, 2.0, id="both sides of 0"),
        pytest.param([0.0, -0.0], 0.0, 0.0, id="minus 0"),
        pytest.param([65_504.0, 6e-8, -65_504.0], -65_504.0, 65_504.0, id="a half's ends"),
        pytest.param([np.nan, 0.5, np.inf, -np.inf, 0.25], 0.25, 0.5, id="not finite"),
    ],
)
def test_extremes_are_those_of_numpy(kind: Any, values: list[float], low: float, high: float) -> None:
    [found] = extremes_of(np.array(values, dtype=kind).reshape(1, -1, 1))
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.uint8, np.uint16])
def test_each_channel_has_its_own_extremes(kind: Any) -> None:
    pixels = np.random.default_rng(3).integers(0, 200, (40, 30, 3)).astype(kind)
    found = [(one.low, one.high) for one in extremes_of(pixels)]
    assert found == [(pixels[:, :, at].min(), pixels[:, :, at].max()) for at in range(3)]


@pytest.mark.parametrize("kind", FLOATS)
def test_what_is_no_number_is_counted_apart_with_the_first_pixel(kind: Any) -> None:
    plane = np.full((4, 6), 0.5, dtype=kind)
    plane[2, 3] = plane[3, 0] = np.nan
    plane[1, 5] = -np.inf
    found = figures(plane)
    assert found.nan == Spots(count=2, x=103, y=12)
    assert found.infinite == Spots(count=1, x=105, y=11)
    assert (found.low, found.high) == (0.5, 0.5)


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("also", [0.25, np.nan], ids=["finite", "with a NaN"])
def test_negative_pixels_are_counted_and_minus_0_is_none(kind: Any, also: float) -> None:
    plane = np.array([[0.0, -0.0, -0.5], [-6e-8, also, 1.0]], dtype=kind)
    assert figures(plane).negative == Spots(count=2, x=102, y=10)


def test_a_frame_of_nothing_but_nan_has_no_levels() -> None:
    found = figures(np.full((2, 2), np.nan, dtype=np.float16))
    assert (found.low, found.high, found.mean, found.nan) == (None, None, None, Spots(count=4, x=100, y=10))


@pytest.mark.parametrize(("ceiling", "count"), [(1.0, 1), (0.99, 2), (2.0, 0)])
def test_only_what_lies_above_the_ceiling_is_over_it(ceiling: float, count: int) -> None:
    found = figures(np.array([[1.0, 2.0, 0.5]], dtype=np.float32), ceiling=ceiling).ceiling
    assert (found.count if found else 0) == count


@pytest.mark.parametrize(
    ("plane", "low", "high"),
    [
        pytest.param(np.array([[0, 0, 1, 254, 255]], np.uint8), 2, 1, id="8 bit"),
        pytest.param(np.array([[0, 1, 65_534, 65_535, 65_535]], np.uint16), 1, 2, id="16 bit"),
        pytest.param(np.array([[0, 0, 65_504, 1, np.inf]], np.float16), 0, 1, id="half has a top, and no bottom"),
    ],
)
def test_pixels_at_the_ends_of_the_encoding_are_clipped(plane: NDArray[Any], low: int, high: int) -> None:
    found = figures(plane)
    assert (found.clipped_low, found.clipped_high) == (low, high)


# ITU-R BT.709: legal luma is 16 to 235 in 8 bits and 64 to 940 in 10, chroma 16 to 240 and 64 to 960.
@pytest.mark.parametrize(
    ("name", "bits", "codes", "illegal"),
    [
        pytest.param("Y", 8, [15, 16, 235, 236], 2, id="luma, 8 bit"),
        pytest.param("Cb", 8, [15, 16, 240, 241], 2, id="chroma, 8 bit"),
        pytest.param("Y", 10, [63, 64, 940, 941], 2, id="luma, 10 bit"),
        pytest.param("Cr", 10, [63, 64, 960, 961], 2, id="chroma, 10 bit"),
        pytest.param("Y", 8, [16, 235], 0, id="all legal"),
    ],
)
def test_codes_outside_of_legal_range_are_counted(name: str, bits: int, codes: list[int], illegal: int) -> None:
    plane = np.array([codes], dtype=np.uint8 if bits == 8 else np.uint16)
    found = figures(plane, encoding=Encoding.of_plane(name, bits, is_full=False)).illegal
    assert (found.count if found else 0) == illegal


def test_levels_of_video_count_from_legal_black_to_legal_white() -> None:
    found = figures(np.array([[64, 940, 502]], np.uint16), encoding=Encoding.of_plane("Y", 10, is_full=False))
    assert (found.low, found.high) == (0.0, 1.0)


def test_full_range_is_legal_to_its_ends() -> None:
    found = figures(np.array([[0, 255]], np.uint8), encoding=Encoding.of_plane("Y", 8, is_full=True))
    assert (found.illegal, found.clipped_low, found.clipped_high) == (None, 1, 1)


def test_alpha_is_neither_clipped_nor_seen() -> None:
    found = figures(np.full((2, 2), 255, np.uint8), encoding=Encoding.of_image(np.uint8, "A"))
    assert (found.clipped_high, Encoding.of_image(np.uint8, "A").is_picture) == (0, False)

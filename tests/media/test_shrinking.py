"""Pictures shrink by the average of the area that each pixel covers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from shotmill.pipeline.images import fit_width, shrink

DICE = np.random.Generator(np.random.PCG64(3))


def shares(small: int, large: int) -> NDArray[np.float64]:
    """How much of each of ``large`` pixels lies in each of ``small`` ones, by hand."""
    step = Fraction(large, small)
    cover = np.zeros((small, large))
    for row in range(small):
        for at in range(large):
            overlap = min((row + 1) * step, Fraction(at + 1)) - max(row * step, Fraction(at))
            cover[row, at] = max(0.0, float(overlap / step))
    return cover


@pytest.mark.parametrize(("width", "height"), [(131, 97), (64, 36), (50, 96), (130, 1), (1, 97), (1, 1)], ids=str)
def test_each_pixel_is_the_average_of_the_area_below_it(width: int, height: int) -> None:
    large = DICE.random((97, 131, 3)).astype(np.float32)
    expected = np.einsum("ij,jkc,lk->ilc", shares(height, 97), large, shares(width, 131))
    np.testing.assert_allclose(shrink(large, width, height), expected, atol=1e-6)


@pytest.mark.parametrize(("kind", "largest"), [("uint8", 255), ("uint16", 65535)])
def test_integers_become_shares_of_their_largest_value(kind: str, largest: int) -> None:
    large = np.full((64, 64, 3), largest, dtype=kind)
    np.testing.assert_allclose(shrink(large, 16, 16), 1.0, atol=1e-6)


def test_halves_keep_light_beyond_white() -> None:
    np.testing.assert_array_equal(shrink(np.full((4, 4, 3), 1000.0, dtype=np.float16), 2, 2), 1000.0)


def test_a_fourth_of_the_width_is_the_average_of_four_columns() -> None:
    large = DICE.random((8, 64, 3)).astype(np.float32)
    expected = large.astype(np.float64).reshape(4, 2, 16, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(shrink(large, 16, 4), expected, atol=1e-6)


def test_every_half_keeps_its_value() -> None:
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    pixels = np.stack([halves, halves])[:, :, np.newaxis]
    np.testing.assert_array_equal(shrink(pixels, len(halves), 1)[0, :, 0], halves.astype(np.float64))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan], ids=str)
def test_a_half_without_end_stays_one_and_spoils_no_other_pixel(value: float) -> None:
    pixels = np.ones((4, 4, 1), dtype=np.float16)
    pixels[0, 0] = value
    np.testing.assert_array_equal(shrink(pixels, 2, 2)[:, :, 0], [[value, 1], [1, 1]])


def test_small_pictures_are_stretched() -> None:
    assert shrink(np.ones((4, 4, 3), dtype=np.float32), 16, 12).shape == (12, 16, 3)


@pytest.mark.parametrize(
    ("size", "aspect", "expected"),
    [
        pytest.param((1920, 1080), 1.0, (512, 288), id="HD"),
        pytest.param((1828, 1556), 2.0, (512, 218), id="anamorphic"),
        pytest.param((720, 576), 16 / 15, (512, 384), id="PAL"),
        pytest.param((9999, 1), 1.0, (512, 1), id="never empty"),
    ],
)
def test_the_height_follows_from_the_shape(size: tuple[int, int], aspect: float, expected: tuple[int, int]) -> None:
    assert fit_width(*size, aspect, 512) == expected

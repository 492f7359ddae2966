"""Halves become float32s and float32s the nearest halves, for all halves there are and for what lies between them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from shotmill.pipeline.halves import as_float16, as_float32

Floats = NDArray[np.float32]

CODES = np.arange(2**16, dtype=np.uint16).view(np.float16)
FINITE = CODES[np.isfinite(CODES)]
POSITIVE = FINITE[~np.signbit(FINITE)].astype(np.float32)
LARGEST = 65504.0


def beside(values: Floats) -> Floats:
    """Values with the float32s next to them."""
    codes = values.view(np.int32)
    return np.concatenate([(codes + step).clip(0).view(np.float32) for step in (-1, 0, 1)])


def between() -> Floats:
    middles = (POSITIVE[:-1].astype(np.float64) + POSITIVE[1:]) / 2
    return beside(middles.astype(np.float32))


def any_at_all() -> Floats:
    dice = np.random.Generator(np.random.PCG64(3))
    return dice.integers(0, 2**32, 200_000, dtype=np.uint32).view(np.float32)


FLOATS: dict[str, Callable[[], Floats]] = {
    "halves and what is next to them": lambda: beside(POSITIVE),
    "middles between halves and what is next to them": between,
    "negative": lambda: -between(),
    "smaller than the smallest half": lambda: np.array([2**-24, 2**-25, 3 * 2**-26, 1e-30, 0, -0.0], dtype=np.float32),
    "any float32 that a half can hold": lambda: np.where(abs(any_at_all()) < LARGEST, any_at_all(), np.float32(1)),
    "too large": lambda: np.array([65519.99, 65520, -1e9, np.inf, -np.inf, np.nan], dtype=np.float32),
    "any float32 at all": any_at_all,
    "none": lambda: np.zeros(0, dtype=np.float32),
}


@pytest.mark.parametrize("name", FLOATS)
def test_a_float32_becomes_the_nearest_half(name: str) -> None:
    floats = FLOATS[name]()
    made = np.empty(floats.shape, dtype=np.float16)
    as_float16(floats, made)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = floats.astype(np.float16)
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(made.view(np.uint16)[numbers], expected.view(np.uint16)[numbers])
    np.testing.assert_array_equal(np.isnan(made), ~numbers)


@pytest.mark.parametrize("halves", [CODES, FINITE, FINITE[~np.signbit(FINITE)]], ids=["all", "finite", "positive"])
def test_a_half_stays_the_same_number(halves: NDArray[np.float16]) -> None:
    with np.errstate(invalid="ignore"):
        expected = halves.astype(np.float32)
    made = as_float32(halves)
    np.testing.assert_array_equal(made, expected)
    np.testing.assert_array_equal(np.signbit(made), np.signbit(expected))


def test_other_numbers_are_taken_as_they_are() -> None:
    room = np.empty((2, 3), dtype=np.float32)
    assert as_float32(np.arange(6, dtype=np.uint8).reshape(2, 3), room) is room
    np.testing.assert_array_equal(room, [[0, 1, 2], [3, 4, 5]])

"""Figures of one frame's channels: extremes, and how many pixels are what none should be.

Extremes are looked for first, over whole rows at once; what they rule out is not counted. Floating-point numbers are
compared by their bits, which lie in the order of their values: no pixel of a sound frame is converted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...schema.qc import ChannelFigures, Spots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .encoding import Encoding

    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _Bits:
    """How a floating-point type lies in memory, as IEEE 754 has it: sign, exponent, fraction."""

    signed: Any
    unsigned: Any
    sign: int
    infinity: int


_FLOATS = {
    2: _Bits(np.int16, np.uint16, 0x8000, 0x7C00),
    4: _Bits(np.int32, np.uint32, 0x80000000, 0x7F800000),
}


@dataclass(frozen=True)
class Extremes:
    """The least and the greatest value of each channel, and whether all of its values are finite; NaN: it has none."""

    low: float
    high: float
    is_finite: bool


@dataclass(frozen=True)
class Channel:
    """What is known of a channel before its pixels are counted.

    Attributes:
        mean: of its pixels in its own values.
    """

    name: str
    encoding: Encoding
    extremes: Extremes
    mean: float


def measure_pixels(
    pixels: NDArray[Any],
    channels: Sequence[Channel],
    *,
    ceiling: float = float("inf"),
    origin: tuple[int, int] = (0, 0),
) -> list[ChannelFigures]:
    """The figures of some channels.

    Args:
        pixels: (h, w, c) half, float32, uint8 or uint16.
        channels: all of them.
        ceiling: values above it are counted where the pixels are floating point.
        origin: x and y of the upper left pixel, from the display window's.
    """
    return [_Counter(pixels[:, :, at], channel, origin, ceiling).figures() for at, channel in enumerate(channels)]


def extremes_of(pixels: NDArray[Any]) -> list[Extremes]:
    """The extremes of each channel of (h, w, c) pixels."""
    height, width, channels = pixels.shape
    rows = np.ascontiguousarray(pixels).reshape(height, width * channels)
    if rows.dtype.kind != "f":
        low, high = (_by_channel(kind(rows, axis=0), channels, kind) for kind in (np.min, np.max))
        return [Extremes(float(one), float(other), is_finite=True) for one, other in zip(low, high, strict=True)]
    bits = _FLOATS[rows.dtype.itemsize]
    unsigned = rows.view(bits.unsigned)
    tops = _by_channel(np.max(rows.view(bits.signed), axis=0), channels, np.max)
    most = _by_channel(np.max(unsigned, axis=0), channels, np.max)
    least = _by_channel(np.min(unsigned, axis=0), channels, np.min)
    return [
        _of_bits(int(top), int(high), int(low), bits, pixels[:, :, at])
        for at, (top, high, low) in enumerate(zip(tops, most, least, strict=True))
    ]


def _by_channel(values: NDArray[Any], channels: int, kind: Any) -> NDArray[Any]:
    return np.asarray(kind(values.reshape(-1, channels), axis=0))


def _of_bits(top: int, most: int, least: int, bits: _Bits, plane: NDArray[Any]) -> Extremes:
    """Extremes by bits: seen as signed, a channel's largest positive one; as unsigned, its most negative one.

    Args:
        top: the largest as signed numbers; negative where no value is positive.
        most: the largest as unsigned numbers.
        least: the smallest as unsigned numbers.
        bits: of the type.
        plane: the channel itself, for one with NaN or infinity in it.
    """
    if top >= bits.infinity or most >= bits.sign | bits.infinity:
        finite = plane[np.isfinite(plane)]
        if not finite.size:
            return Extremes(float("nan"), float("nan"), is_finite=False)
        return Extremes(float(finite.min()), float(finite.max()), is_finite=False)
    lowest, highest = most if most >= bits.sign else least, top if top >= 0 else least
    values = np.array([lowest, highest], dtype=bits.unsigned).view(plane.dtype)
    return Extremes(float(values[0]), float(values[1]), is_finite=True)


@dataclass(frozen=True)
class _Counter:
    """Counts a channel's pixels where its extremes do not rule out that there are any."""

    plane: NDArray[Any]
    channel: Channel
    origin: tuple[int, int]
    ceiling: float

    def figures(self) -> ChannelFigures:
        channel, extremes = self.channel, self.channel.extremes
        is_float, is_finite = self.plane.dtype.kind == "f", extremes.is_finite
        return ChannelFigures(
            name=channel.name,
            low=self._level(extremes.low),
            high=self._level(extremes.high),
            mean=None if math.isnan(extremes.low) else self._level(channel.mean),
            pixels=self.plane.size,
            clipped_low=self._clipped_low(),
            clipped_high=self._clipped_high(),
            nan=None if is_finite else self._spots(np.isnan(self.plane)),
            infinite=None if is_finite else self._spots(np.isinf(self.plane)),
            negative=self._spots(self._below_zero()) if is_float and extremes.low < 0 else None,
            ceiling=self._spots(self._above_ceiling()) if is_float and extremes.high > self.ceiling else None,
            illegal=self._illegal(),
        )

    def _level(self, value: float) -> float | None:
        return None if math.isnan(value) else round(self.channel.encoding.level(value), 6) + 0.0  # no minus before 0

    def _below_zero(self) -> Mask:
        if not self.channel.extremes.is_finite:
            return np.asarray(np.isfinite(self.plane) & (self.plane < 0))
        bits = _FLOATS[self.plane.dtype.itemsize]
        return np.asarray(self.plane.view(bits.unsigned) > bits.sign)  # -0 is no negative number

    def _above_ceiling(self) -> Mask:
        return np.asarray(np.isfinite(self.plane) & (self.plane > self.plane.dtype.type(self.ceiling)))

    def _clipped_low(self) -> int:
        lowest = self.channel.encoding.lowest
        if lowest is None or not self.channel.extremes.low <= lowest:
            return 0
        return int(np.count_nonzero(self.plane <= self.plane.dtype.type(lowest)))

    def _clipped_high(self) -> int:
        highest, extremes = self.channel.encoding.highest, self.channel.extremes
        if highest is None or not extremes.high >= highest:
            return 0
        mask = self.plane >= self.plane.dtype.type(highest)
        return int(np.count_nonzero(mask if extremes.is_finite else mask & np.isfinite(self.plane)))

    def _illegal(self) -> Spots | None:
        legal, extremes = self.channel.encoding.legal, self.channel.extremes
        if legal is None or (extremes.low >= legal[0] and extremes.high <= legal[1]):
            return None
        low, high = (self.plane.dtype.type(end) for end in legal)
        return self._spots((self.plane < low) | (self.plane > high))

    def _spots(self, mask: Mask) -> Spots | None:
        """How many pixels of a mask are true, and the first of them, row by row; None: there is none."""
        count = int(np.count_nonzero(mask))
        if not count:
            return None
        y, x = divmod(int(np.argmax(mask)), mask.shape[1])
        return Spots(count=count, x=x + self.origin[0], y=y + self.origin[1])

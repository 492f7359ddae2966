"""Moments of a timeline as whole numbers, and as frames of a rate."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from ..schema.frames import MAX_ABS_FRAME
from ..schema.media import Rate

Ticks = int
# 1/705,600,000 s divides the frame of every rate in use, NTSC ones included ("flicks"); an odd rate is off by less
# than a nanosecond, and frames are rounded to the nearest. Whole numbers are ten times as fast as fractions.
TICKS = 705_600_000
ONE = Fraction(1)
_SLACK = 1000  # parts of a frame that do not count: rates and speeds come as floats


class Clock:
    """Counts the frames of a rate; a fraction's parts are slow to ask for, so they are kept."""

    __slots__ = ("_parts", "_whole", "rate")

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._parts = rate.numerator
        self._whole = rate.denominator * TICKS

    def ticks(self, value: float) -> Ticks:
        """The moment at which a frame, or a part of one, begins."""
        if type(value) is float and not value.is_integer():
            return round(value * TICKS / self.rate)
        return (int(value) * self._whole + self._parts // 2) // self._parts

    def frame(self, ticks: Ticks) -> int:
        """The frame that a moment lies nearest to.

        Raises:
            ValueError: it is out of bounds.
        """
        found = (ticks * self._parts + self._whole // 2) // self._whole
        if abs(found) > MAX_ABS_FRAME:
            raise ValueError(f"frame {found} is out of bounds")
        return found

    def whole_frames(self, ticks: Ticks) -> int:
        """How many frames a length needs; a last one that is begun counts whole."""
        return -((self._whole // _SLACK - ticks * self._parts) // self._whole)


@lru_cache(maxsize=256)
def clock_of(rate: float) -> Clock:
    """The clock of a rate as a file gives it.

    Raises:
        ValueError: it is no frame rate.
    """
    return Clock(Rate.parse(rate))


def ticks_of(time: list[float]) -> Ticks:
    """The moment of a ``[value, rate]``.

    Raises:
        ValueError, OverflowError: they are no numbers that make sense.
    """
    value, rate = time
    return clock_of(rate).ticks(value)


def scaled(ticks: Ticks, factor: Fraction) -> Ticks:
    """A length at another speed."""
    return ticks if factor is ONE else round(ticks * factor)

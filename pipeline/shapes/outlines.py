"""Outlines: closed polygons with places on them counted by the length along the line."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Outline:
    """A closed polygon; a place on it is a share of its length, 0 at its first point, and 1 is 0 again.

    Args:
        points: (n, 2) x, y in pixels; the last is joined to the first.
    """

    def __init__(self, points: NDArray[np.float32] | Floats) -> None:
        self.points: Floats = np.asarray(points, dtype=np.float64)

    @cached_property
    def closed(self) -> Floats:
        """(n + 1, 2) points, the first once more at the end."""
        return np.concatenate([self.points, self.points[:1]])

    @cached_property
    def lengths(self) -> Floats:
        """(n + 1,) pixels along the line from the first point; the last is the whole length."""
        steps = np.diff(self.closed, axis=0)
        return np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])

    @property
    def length(self) -> float:
        """Pixels all the way round."""
        return float(self.lengths[-1])

    def at(self, places: Floats) -> Floats:
        """(..., 2) points at places (...); places outside of 0..1 go round."""
        along = np.mod(places, 1.0) * self.length
        x = np.interp(along, self.lengths, self.closed[:, 0])
        y = np.interp(along, self.lengths, self.closed[:, 1])
        return np.stack([x, y], axis=-1)

    def turns(self, places: Floats, *, near_px: float, far_px: float) -> Floats:
        """(...) radians the line turns by around each place, left is negative; measured by two chords.

        Args:
            places: shares of the length.
            near_px: where the chords begin, along the line before and after the place.
            far_px: where they end.
        """
        near, far = near_px / self.length, far_px / self.length
        behind = self.at(places - near) - self.at(places - far)
        ahead = self.at(places + far) - self.at(places + near)
        cross = behind[..., 0] * ahead[..., 1] - behind[..., 1] * ahead[..., 0]
        result: Floats = np.arctan2(cross, (behind * ahead).sum(axis=-1))
        return result


def measure_area(points: NDArray[np.float32] | Floats) -> float:
    """Signed area of a closed polygon: above 0 when it runs clockwise as seen, x to the right and y down."""
    x, y = np.asarray(points, dtype=np.float64).T
    x, y = x - x[0], y - y[0]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y)) / 2

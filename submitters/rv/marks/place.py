"""From RV's coordinates to pixels."""

from __future__ import annotations

from typing import Tuple

Point = Tuple[float, float]
Box = Tuple[float, float, float, float]
DIGITS = 2  # RV stores single precision: a hundredth of a pixel is all that is sure on an 8k plate


class Picture:
    """A plate's display window, in pixels as they are stored.

    RV's coordinates are normalised by the height: the origin is the centre, y goes up, the upper edge is at 0.5, the
    right one at half of the aspect as shown.

    Args:
        width: of the display window (RV's uncropped width), pixels as they are stored.
        height: the same.
        pixel_aspect: width of a pixel over its height, as shown.
        turned: why coordinates cannot be told, such as that the plate is stored turned; empty: they can.
    """

    def __init__(self, width: int, height: int, pixel_aspect: float = 1.0, turned: str = "") -> None:
        if width <= 0 or height <= 0 or not pixel_aspect > 0:
            msg = f"a picture of {width} x {height}, pixel aspect {pixel_aspect}, has no place for marks"
            raise ValueError(msg)
        self.width = width
        self.height = height
        self.pixel_aspect = pixel_aspect
        self.turned = turned

    @property
    def aspect(self) -> float:
        """Width over height as shown."""
        return self.width * self.pixel_aspect / self.height

    def pixel(self, point: Point) -> Point:
        """RV's coordinates as pixels: origin at the upper left corner, y down, not rounded."""
        x, y = point
        return ((x / self.aspect + 0.5) * self.width, (0.5 - y) * self.height)

    def holds(self, point: Point) -> bool:
        """Whether a place in pixels is inside."""
        return 0 <= point[0] <= self.width and 0 <= point[1] <= self.height

    def clipped(self, box: Box) -> Box | None:
        """What of a box in pixels is inside; None: nothing of it."""
        left, top, right, bottom = box
        found = (max(left, 0.0), max(top, 0.0), min(right, float(self.width)), min(bottom, float(self.height)))
        return found if found[0] < found[2] and found[1] < found[3] else None


def rounded(value: float) -> float:
    """Pixels as they are told; never minus zero."""
    return round(value, DIGITS) + 0.0

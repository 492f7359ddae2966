"""Turning pictures upright: phones store what the sensor saw, and say beside it how it is to be shown."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MATRIX = struct.Struct("=9i")  # libavutil/display.h: two columns of the plane in 16.16, one of the projection
_QUARTER = 90


@dataclass(frozen=True)
class Turn:
    """What is done to stored pictures before they are shown.

    Attributes:
        mirrored: left and right are exchanged first.
        rotation: then they are turned clockwise by so many degrees: 0, 90, 180 or 270.
    """

    rotation: int = 0
    mirrored: bool = False

    @property
    def is_sideways(self) -> bool:
        """Whether width and height are exchanged."""
        return self.rotation % (2 * _QUARTER) != 0

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The size as shown of a stored size, or the other way round."""
        return (height, width) if self.is_sideways else (width, height)

    def aspect(self, pixel_aspect: float) -> float:
        """The pixel aspect as shown of a stored one."""
        return 1 / pixel_aspect if self.is_sideways else pixel_aspect

    def applied(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """A stored picture, (h, w, 3), as it is shown."""
        if self == Turn():
            return pixels
        mirrored = pixels[:, ::-1] if self.mirrored else pixels
        return np.ascontiguousarray(np.rot90(mirrored, k=-self.rotation // _QUARTER))


def turn_of(frame: Any) -> Turn:
    """How a decoded frame is shown; angles in between are taken for the nearest right one.

    Source:
        The layout of the matrix: libavutil/display.h. It takes a stored point (x, y), y downwards, to
        (a x + c y, b x + d y).
    """
    found = frame.side_data.get("DISPLAYMATRIX")
    if found is None or len(matrix := bytes(found)) < _MATRIX.size:
        return Turn()
    a, b, _, c, d, *_rest = _MATRIX.unpack_from(matrix)
    spread = a * d - b * c
    if spread == 0:  # a line or a point, which cameras write that know nothing
        return Turn()
    mirrored = spread < 0
    angle = math.degrees(math.atan2(-b, -a) if mirrored else math.atan2(b, a))
    return Turn(round(angle / _QUARTER) % 4 * _QUARTER, mirrored)

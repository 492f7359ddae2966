"""Pictures that carry their number where a program reads it, at any size: sixteen bars above a scene that moves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BITS = 16
BARS = 0.4  # the upper share of the picture
THRESHOLD = 0.5
PATCH = (0.75, 0.70, 0.95, 0.95)  # left, top, right and bottom of the colour patch, as shares


def numbered(number: int, *, size: tuple[int, int]) -> NDArray[np.float32]:
    """A picture in 0..1: its number above, and a pattern below that moves so that codecs have something to do.

    Args:
        number: 0 to 65535.
        size: width and height in pixels.
    """
    width, height = size
    split = round(height * BARS)
    rows, columns = np.mgrid[0 : height - split, 0:width].astype(np.float32)
    picture = np.empty((height, width, 3), dtype=np.float32)
    picture[:split] = np.repeat(_bits(number), -(-width // BITS))[:width, np.newaxis] * 0.9 + 0.05
    for channel, speed in enumerate((3.0, 2.0, 5.0)):
        waves = np.sin((columns + speed * number) / 9) + np.cos((rows - 2 * number) / 7)
        picture[split:, :, channel] = 0.5 + 0.1 * waves
    return picture


def with_patch(picture: NDArray[np.float32], colour: tuple[float, float, float]) -> NDArray[np.float32]:
    """The picture with a patch of one colour in its lower right corner."""
    height, width = picture.shape[:2]
    left, top, right, bottom = PATCH
    picture[round(top * height) : round(bottom * height), round(left * width) : round(right * width)] = colour
    return picture


def as_bytes(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(picture * 255), dtype=np.uint8)


def read_number(picture: NDArray[Any]) -> int:
    """The number in a picture of any size and type; integers are read as shares of their largest value."""
    largest = np.iinfo(picture.dtype).max if picture.dtype.kind == "u" else 1.0
    row = picture[round(picture.shape[0] * BARS / 2)].astype(np.float64).mean(axis=1) / largest
    centres = [int((bit + 0.5) * len(row) / BITS) for bit in range(BITS)]
    return sum(1 << (BITS - 1 - bit) for bit, at in enumerate(centres) if row[at] > THRESHOLD)


def read_patch(picture: NDArray[Any]) -> NDArray[np.float64]:
    """The colour in the middle of the patch, as stored."""
    height, width = picture.shape[:2]
    x, y = round((PATCH[0] + PATCH[2]) / 2 * width), round((PATCH[1] + PATCH[3]) / 2 * height)
    return np.asarray(picture[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, picture.shape[2]).mean(axis=0), np.float64)


def _bits(number: int) -> NDArray[np.float32]:
    return np.array([number >> (BITS - 1 - bit) & 1 for bit in range(BITS)], dtype=np.float32)

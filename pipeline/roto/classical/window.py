"""Where to look: a rectangle of the picture, at a working size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]
Region = NDArray[np.bool_]
Array = NDArray[Any]  # as OpenCV takes and gives them
FAR = 16.0  # logits are distances in px, cut off here


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels; right and bottom lie outside of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In px."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In px."""
        return self.bottom - self.top

    def grown(self, by: float) -> Box:
        """Larger by so many px on each side."""
        more = round(by)
        return Box(self.left - more, self.top - more, self.right + more, self.bottom + more)

    def moved(self, x: float, y: float) -> Box:
        """Elsewhere, as large as it is."""
        right, down = round(x), round(y)
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def joined(self, other: Box) -> Box:
        """What holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def overlaps(self, width: int, height: int) -> bool:
        """Whether any of it lies in a picture."""
        return self.left < width and self.top < height and self.right > 0 and self.bottom > 0

    def within(self, width: int, height: int) -> Box:
        """What of it lies in a picture; at least one pixel."""
        left, top = min(max(self.left, 0), width - 1), min(max(self.top, 0), height - 1)
        return Box(left, top, max(min(self.right, width), left + 1), max(min(self.bottom, height), top + 1))


@dataclass(frozen=True)
class Window:
    """A box, and how large its pixels are worked on.

    Attributes:
        box: may reach beyond the picture; what lies there repeats the picture's edge.
        scale: working px to a px of the picture; above 1 for small things.
    """

    box: Box
    scale: float = 1.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in working px."""
        return max(round(self.box.width * self.scale), 8), max(round(self.box.height * self.scale), 8)

    def cut(self, picture: Picture) -> Picture:
        """What is in it of a picture, at the working size."""
        return np.asarray(
            self._sized(
                _crop(picture, self.box, cv2.BORDER_REPLICATE), cv2.INTER_AREA if self.scale < 1 else cv2.INTER_CUBIC
            ),
            np.uint8,
        )

    def cut_field(self, field: Field) -> Field:
        """What is in it of a field of distances, in working px."""
        cropped = _crop(field, self.box, cv2.BORDER_REPLICATE)
        return np.asarray(self._sized(cropped, cv2.INTER_LINEAR) * np.float32(self.scale), np.float32)

    def paste(self, field: Field, width: int, height: int) -> Field:
        """The whole picture's field of distances in px; outside of the window it is far from everything."""
        box = self.box
        large = field / np.float32(self.scale)
        if self.size != (box.width, box.height):
            way = cv2.INTER_CUBIC if self.scale < 1 else cv2.INTER_AREA
            large = np.asarray(cv2.resize(large, (box.width, box.height), interpolation=way), np.float32)
        made = np.full((height, width), -FAR, np.float32)
        if not box.overlaps(width, height):
            return made
        seen = box.within(width, height)
        inner = large[seen.top - box.top : seen.bottom - box.top, seen.left - box.left : seen.right - box.left]
        made[seen.top : seen.bottom, seen.left : seen.right] = np.clip(inner, -FAR, FAR)
        return made

    def _sized(self, cropped: Array, interpolation: int) -> Array:
        if self.size == (self.box.width, self.box.height):
            return cropped
        return np.asarray(cv2.resize(cropped, self.size, interpolation=interpolation))


def bounds(region: Region) -> Box | None:
    """The smallest box that holds all of a region; None where it is empty."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    if not rows.size:
        return None
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _crop(picture: Array, box: Box, border: int) -> Array:
    height, width = picture.shape[:2]
    seen = box.within(width, height)
    if seen == box:
        return np.ascontiguousarray(picture[seen.top : seen.bottom, seen.left : seen.right])
    if not box.overlaps(width, height):
        rows, columns = np.arange(box.top, box.bottom), np.arange(box.left, box.right)
        return picture[np.ix_(np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1))]
    inner = picture[seen.top : seen.bottom, seen.left : seen.right]
    sides = (seen.top - box.top, box.bottom - seen.bottom, seen.left - box.left, box.right - seen.right)
    return np.asarray(cv2.copyMakeBorder(inner, *sides, borderType=border))

"""Burn-in: words in the corners of each frame, on dark plates, inside of what every screen shows."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...schema.patterns import COUNTING, fields_of
from ..drawing import INK, shorten
from ..images import text_mask
from .lettering import MONO, PLAIN, Pen, cells, shortened, typed, typed_advance

SAFE = 0.05  # of each side: the title safe area of SMPTE ST 2046-1
TEXT = 38  # heights of a line in a frame
LEAST_PX = 9
PLATE = 0.55  # how much of the light the plates behind words take


@dataclass(frozen=True)
class _Place:
    """Where words stand, and which: a pattern that counts is written anew on each frame."""

    pattern: str
    x: int
    y: int
    align: int
    room: int
    counts: bool


class Corners:
    """Burn-in for frames of one size.

    Args:
        patterns: six of them: top left, top centre, top right, then the same of the bottom; empty: nothing there.
        values: what stands for each field but those that count.
        size: (width, height) of the frames.
        widest: the widest values of the fields that count.
        pen: writes it.
    """

    def __init__(
        self,
        patterns: tuple[str, ...],
        values: Mapping[str, str],
        *,
        size: tuple[int, int],
        widest: Mapping[str, str],
        pen: Pen,
    ) -> None:
        self._values = dict(values)
        self._font, self._mono = pen.font(PLAIN), pen.font(MONO)
        self.size_px = max(LEAST_PX, round(min(size[1], size[0] * 0.75) / TEXT))
        self._ink = np.asarray(pen.colour(INK), dtype=np.float32)
        margin_x, margin_y = round(size[0] * SAFE), round(size[1] * SAFE)
        rows = (margin_y, size[1] - margin_y - round(self.size_px * 1.3))
        self._places = [
            place
            for top, row in zip(rows, (patterns[:3], patterns[3:]), strict=True)
            for place in self._row(row, top, (margin_x, size[0] - margin_x), widest)
        ]
        self._still = [(place, self._mask(place, {})) for place in self._places if not place.counts]

    def onto(self, picture: NDArray[Any], *, frame: str, timecode: str) -> None:
        """Write on a frame, (h, w, 3) uint8 or uint16 as the pen has it; it is changed in place."""
        counted = {"frame": frame, "timecode": timecode}
        for place, mask in self._still:
            self._stamp(picture, place, mask)
        for place in self._places:
            if place.counts:
                self._stamp(picture, place, self._mask(place, counted))

    def _row(
        self, patterns: tuple[str, ...], top: int, sides: tuple[int, int], widest: Mapping[str, str]
    ) -> list[_Place]:
        counts = [bool(COUNTING & set(fields_of(pattern))) for pattern in patterns]
        texts = [self._filled(pattern, widest) for pattern in patterns]
        natural = [self._width(text, counting=one) for text, one in zip(texts, counts, strict=True)]
        rooms = _rooms(natural, sides[1] - sides[0], gap=2 * self.size_px)
        ends = (sides[0], (sides[0] + sides[1]) // 2, sides[1])
        return [
            _Place(pattern, ends[align], top, align, rooms[align], counts[align])
            for align, pattern in enumerate(patterns)
            if texts[align].strip()
        ]

    def _filled(self, pattern: str, counted: Mapping[str, str]) -> str:
        return " ".join(string.Formatter().vformat(pattern, (), {**self._values, **counted}).split())

    def _width(self, text: str, *, counting: bool) -> int:
        if not text:
            return 0
        if counting:
            return typed_advance(self.size_px) * cells(text)
        return int(text_mask(text, self.size_px, font=self._font).shape[1])

    def _mask(self, place: _Place, counted: Mapping[str, str]) -> NDArray[np.float32]:
        text = self._filled(place.pattern, counted)
        if place.counts:
            short = shortened(text, place.room // typed_advance(self.size_px))
            return typed(short, self.size_px, font=self._mono)
        short = shorten(text, self.size_px, place.room, font=self._font)
        return text_mask(short, self.size_px, font=self._font)

    def _stamp(self, picture: NDArray[Any], place: _Place, mask: NDArray[np.float32]) -> None:
        width = mask.shape[1]
        left = place.x - (0, width // 2, width)[place.align]
        pad = max(2, self.size_px // 3)
        top, bottom = max(place.y - pad // 2, 0), min(place.y + mask.shape[0] + pad // 4, picture.shape[0])
        start, end = max(left - pad, 0), min(left + width + pad, picture.shape[1])
        under = picture[top:bottom, start:end].astype(np.float32)
        under *= np.float32(1 - PLATE)
        x, y = left - start, place.y - top
        part = mask[: under.shape[0] - y, : under.shape[1] - x, np.newaxis]
        box = under[y : y + part.shape[0], x : x + part.shape[1]]
        box += (self._ink - box) * part
        picture[top:bottom, start:end] = np.rint(under)


def _rooms(natural: list[int], room: int, *, gap: int) -> tuple[int, int, int]:
    """How wide the left, the centre and the right may be: as wide as they are, where that fits."""
    left, centre, right = natural
    if not centre:
        if left + right + gap <= room:
            return left, 0, right
        half = (room - gap) // 2
        if min(left, right) <= half:
            return (left, 0, room - gap - left) if left <= right else (room - gap - right, 0, right)
        return half, 0, half
    side = (room - centre) // 2 - gap
    if max(left, right) <= side:
        return left, centre, right
    centre = min(centre, room // 3)
    side = max((room - centre) // 2 - gap, 1)
    return min(left, side), centre, min(right, side)

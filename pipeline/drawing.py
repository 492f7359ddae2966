"""Drawing on pictures: text, boxes and fitting one picture into another. Pixels are (h, w, 3), row 0 at the top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .images import Font, shrink, text_mask

Colour = Sequence[float]  # as stored in the picture: 0..255 for uint8, linear light for float

# What every sheet and strip is drawn with, in the encoding of the display: dark and neutral, so that stills are judged
# fairly.
PAPER = (24, 24, 25)
CELL = (36, 36, 38)
MISSING = (66, 66, 69)
RULE = (58, 58, 61)
INK = (236, 236, 238)
FAINT = (150, 150, 156)
WARNING = (232, 172, 92)


def blank(width: int, height: int, colour: Colour = PAPER) -> NDArray[np.uint8]:
    """An 8-bit picture of one colour."""
    return np.full((height, width, 3), colour, dtype=np.uint8)


def fill(picture: NDArray[Any], x: int, y: int, size: tuple[int, int], colour: Colour) -> None:
    """Fill a box, given by its upper left corner and its width and height, cut at the picture's edges."""
    picture[max(y, 0) : max(y + size[1], 0), max(x, 0) : max(x + size[0], 0)] = colour


def paste(picture: NDArray[Any], other: NDArray[Any], x: int, y: int) -> None:
    """Put another picture with its upper left corner at x, y; what hangs over the edges is cut."""
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + other.shape[1], picture.shape[1]), min(y + other.shape[0], picture.shape[0])
    if left < right and top < bottom:
        picture[top:bottom, left:right] = other[top - y : bottom - y, left - x : right - x]


def write(
    picture: NDArray[Any], text: str, at: tuple[int, int], size_px: int, colour: Colour, *, font: Font = "DroidSans"
) -> int:
    """Write a line of text on a picture.

    Args:
        picture: of any type; changed in place.
        text: one line.
        at: left end of the baseline, x then y; text beyond the edges is cut.
        size_px: height of the font.
        colour: as stored in the picture.
        font: as of ``images.text_mask``.

    Returns:
        The width of the text in pixels.
    """
    mask = text_mask(text, size_px, font=font)
    x, y = at[0], at[1] - size_px
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + mask.shape[1], picture.shape[1]), min(y + mask.shape[0], picture.shape[0])
    if left < right and top < bottom:
        part = mask[top - y : bottom - y, left - x : right - x, np.newaxis]
        under = picture[top:bottom, left:right]
        mixed = under + (np.asarray(colour, dtype=np.float32) - under) * part
        picture[top:bottom, left:right] = np.rint(mixed) if picture.dtype.kind == "u" else mixed
    return int(mask.shape[1])


def write_right(
    picture: NDArray[Any], text: str, at: tuple[int, int], size_px: int, colour: Colour, *, font: Font = "DroidSans"
) -> int:
    """Write a line of text that ends at ``at``; how wide it is."""
    width = text_width(text, size_px, font=font)
    return write(picture, text, (at[0] - width, at[1]), size_px, colour, font=font)


def text_width(text: str, size_px: int, *, font: Font = "DroidSans") -> int:
    """How many pixels wide a line of text is."""
    return int(text_mask(text, size_px, font=font).shape[1])


def shorten(text: str, size_px: int, room_px: int, *, font: Font = "DroidSans") -> str:
    """Text that fits into ``room_px``: as it is, or cut in the middle, where names differ least."""
    if text_width(text, size_px, font=font) <= room_px:
        return text
    for keep in range(len(text) - 1, 1, -1):
        cut = text[: (keep + 1) // 2] + ".." + text[len(text) - keep // 2 :]
        if text_width(cut, size_px, font=font) <= room_px:
            return cut
    return ".."


def fitted(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """A picture made smaller, shape kept, so that it fits into a box; one that fits is returned as it is."""
    scale = min(width / picture.shape[1], height / picture.shape[0], 1.0)
    if scale == 1.0:
        return picture
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    return np.asarray(np.rint(shrink(picture, *size) * 255.0).clip(0, 255), dtype=np.uint8)


def centred(picture: NDArray[np.uint8], width: int, height: int, colour: Colour = CELL) -> NDArray[np.uint8]:
    """A picture in the middle of a box of this size, made smaller where it must be."""
    inner = fitted(picture, width, height)
    box = blank(width, height, colour)
    paste(box, inner, (width - inner.shape[1]) // 2, (height - inner.shape[0]) // 2)
    return box

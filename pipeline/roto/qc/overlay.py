"""Mattes over the plate: a tint inside, a line along the edge, and the frame's number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ... import drawing as draw
from .track import HALF

if TYPE_CHECKING:
    from ..backend import Picture
    from .figures import FloatImage

# Far from each other, and from what plates are mostly made of; bright enough for a thin line.
COLOURS = ((96, 255, 64), (255, 64, 144), (64, 208, 255), (255, 208, 48), (200, 120, 255), (255, 144, 64))
TINT = 0.42  # of the colour inside: the plate still shows
SHADE = 0.55  # of black on either side of the line, so that it is seen on its own colour
MONO = "DroidSansMono"
LEAST_TEXT_PX = 10
PAD_COLOUR = (16, 16, 17)


def object_colour(place: int) -> tuple[int, int, int]:
    """The colour of the n-th object, as stored in a picture of 8 bits; after six they begin anew."""
    return COLOURS[place % len(COLOURS)]


def overlaid(picture: Picture, mattes: Mapping[str, FloatImage], *, width: int) -> Picture:
    """A picture with its mattes over it.

    Args:
        picture: (h, w, 3) uint8 as shown, in square pixels.
        mattes: object -> (h, w) float32 coverage; stretched to the picture where pixels are not square. The first gets
            the first colour.
        width: of the result; smaller than the picture, or as wide.

    Returns:
        (h, width, 3) uint8, both sides even, as movies want them.
    """
    import cv2  # noqa: PLC0415 - heavy

    size = _even_size(picture.shape[1], picture.shape[0], width)
    shown = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    for place, matte in enumerate(mattes.values()):
        small = np.asarray(cv2.resize(matte, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
        colour = np.asarray(object_colour(place), dtype=np.float32)
        cover = np.clip(small, 0.0, 1.0)[..., np.newaxis]
        shown += (colour - shown) * (TINT * cover)
        line, shade = _outline(small, size[0])
        shown *= 1.0 - SHADE * shade[..., np.newaxis]
        shown += (colour - shown) * line[..., np.newaxis]
    return np.asarray(np.rint(shown).clip(0, 255), dtype=np.uint8)


def _even_size(width: int, height: int, wanted: int) -> tuple[int, int]:
    across = max(2, min(wanted, width) // 2 * 2)
    return across, max(2, round(across * height / width / 2) * 2)


def _outline(matte: FloatImage, width: int) -> tuple[FloatImage, FloatImage]:
    """A line of even thickness along the half-way edge, and a wider one under it, as coverage.

    There is none along the picture's own border, where an object is cut off.
    """
    import cv2  # noqa: PLC0415 - heavy

    inside = (matte > HALF).astype(np.uint8)
    if not inside.any() or inside.all():
        return np.zeros(matte.shape, dtype=np.float32), np.zeros(matte.shape, dtype=np.float32)
    near, far = (cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5) for mask in (inside, 1 - inside))
    distance = np.abs(near - far) - np.float32(HALF)  # the edge lies between two pixels
    half_px = max(0.9, width / 800)
    line, shade = (np.clip(np.float32(reach + HALF) - distance, 0.0, 1.0) for reach in (half_px, 2 * half_px))
    return np.asarray(line, dtype=np.float32), np.asarray(shade, dtype=np.float32)


def stamp(picture: Picture, text: str, *, colour: draw.Colour = draw.INK) -> None:
    """Burn a short text into the lower left corner, on a dark ground."""
    size = max(LEAST_TEXT_PX, round(picture.shape[1] / 26))
    pad = size // 2
    width = draw.text_width(text, size, font=MONO)
    top = picture.shape[0] - size - 2 * pad
    draw.fill(picture, 0, top, (width + 2 * pad, picture.shape[0] - top), PAD_COLOUR)
    draw.write(picture, text, (pad, picture.shape[0] - pad - size // 8), size, colour, font=MONO)


def border(picture: Picture, *, colour: draw.Colour = draw.WARNING) -> None:
    """Draw a frame around a picture, inside of it."""
    height, width = picture.shape[:2]
    thick = max(2, round(width / 80))
    for x, y, size in (
        (0, 0, (width, thick)),
        (0, height - thick, (width, thick)),
        (0, 0, (thick, height)),
        (width - thick, 0, (thick, height)),
    ):
        draw.fill(picture, x, y, size, colour)

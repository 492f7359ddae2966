"""Pixels: other sizes, other types, and text as coverage."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from numpy.typing import NDArray

from ...schema.errors import StorageError
from .read import Pixels

FONTS = ("DroidSans", "DroidSans-Bold", "DroidSansMono")  # ship inside the wheel: the same letters on every machine
FONT_FOLDER = Path(oiio.__file__).parent / "share" / "fonts" / "OpenImageIO"


def shrink(pixels: Pixels, width: int, height: int) -> NDArray[np.float32]:
    """Resize by averaging areas, in the pixels' own encoding: give it linear light.

    Args:
        pixels: (h, w, c) of any type; integers are scaled to 0..1.
        width: of the result, in pixels.
        height: of the result, in pixels.
    """
    as_float = np.ascontiguousarray(to_float(pixels))
    if as_float.shape[:2] == (height, width):
        return as_float
    kind = "box" if width <= as_float.shape[1] and height <= as_float.shape[0] else "triangle"
    source = oiio.ImageBuf(as_float)
    region = oiio.ROI(0, width, 0, height, 0, 1, 0, as_float.shape[2])
    result = oiio.ImageBufAlgo.resize(source, filtername=kind, roi=region)
    if result.has_error:
        raise StorageError(f"OpenImageIO could not resize to {width}x{height}: {result.geterror()}")
    return np.asarray(result.get_pixels(oiio.FLOAT), dtype=np.float32)


def to_float(pixels: Pixels) -> NDArray[np.float32]:
    """Integers scaled to 0..1, floats as they are, as float32."""
    if pixels.dtype.kind == "u":
        return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    return pixels.astype(np.float32, copy=False)


def fit_width(width: int, height: int, pixel_aspect: float, target_width: int) -> tuple[int, int]:
    """The size of a picture of square pixels that is ``target_width`` wide."""
    return target_width, max(1, round(target_width * height / (width * pixel_aspect)))


@functools.lru_cache(maxsize=512)
def text_mask(text: str, size_px: int, *, font: str = "DroidSans") -> NDArray[np.float32]:
    """How much of each pixel a line of text covers.

    Args:
        text: one line.
        size_px: height of the font; the baseline lies this far below the top.
        font: one of ``FONTS``.

    Returns:
        (ceil(1.3 size_px), width) float32 in 0..1, read-only; it is as wide as the text, and never empty.

    Raises:
        StorageError: this OpenImageIO draws no text.
    """
    file = str(FONT_FOLDER / f"{font}.ttf")  # by name, it would be looked for where environment variables say
    region = oiio.ImageBufAlgo.text_size(text or " ", size_px, file)
    width = max(1, region.xend if region.defined else 1)
    target = oiio.ImageBuf(oiio.ImageSpec(width, -(-size_px * 13 // 10), 1, oiio.FLOAT))
    if text and not oiio.ImageBufAlgo.render_text(target, 0, size_px, text, size_px, file, (1.0,)):
        raise StorageError(f"OpenImageIO could not draw text: {target.geterror()}", hint="shotmill doctor")
    mask = np.asarray(target.get_pixels(oiio.FLOAT), dtype=np.float32)[:, :, 0]
    mask.flags.writeable = False
    return mask

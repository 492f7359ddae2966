"""Pixels: other sizes, other types, and text as coverage."""

from __future__ import annotations

import functools
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from numpy.typing import NDArray

from ...schema.errors import StorageError
from ..halves import as_float32
from .read import Pixels

BAND_ROWS = 16  # of the result: what they are made from stays in the cache
THREADS = 2
FONTS = ("DroidSans", "DroidSans-Bold", "DroidSansMono")  # ship inside the wheel: the same letters on every machine
Font = str | tuple[str, ...]
NO_LETTER = "\U0010fffe"  # Unicode will never give it to a letter
PROBE_PX = 16  # height at which a letter is looked for in a font
FONT_FOLDER = Path(oiio.__file__).parent / "share" / "fonts" / "OpenImageIO"


def shrink(pixels: Pixels, width: int, height: int) -> NDArray[np.float32]:
    """Resize by averaging areas, in the pixels' own encoding: give it linear light.

    Args:
        pixels: (h, w, c) of any type; integers are scaled to 0..1.
        width: of the result, in pixels.
        height: of the result, in pixels.
    """
    if pixels.shape[:2] == (height, width):
        return np.ascontiguousarray(to_float(pixels))
    if width > pixels.shape[1] or height > pixels.shape[0]:
        return _stretch(np.ascontiguousarray(to_float(pixels)), width, height)
    edges = np.linspace(0, pixels.shape[0], height + 1)
    result = np.empty((height, width, pixels.shape[2]), dtype=np.float32)

    def average(top: int) -> None:
        result[top : top + BAND_ROWS] = average_rows(pixels, edges[top : top + BAND_ROWS + 1], width)

    with ThreadPoolExecutor(THREADS) as pool:  # numpy lets go of the interpreter
        list(pool.map(average, range(0, height, BAND_ROWS)))
    return result


def average_rows(pixels: Pixels, edges: NDArray[np.float64], width: int) -> NDArray[np.float32]:
    """Some rows of a smaller picture, as ``shrink`` makes them.

    Args:
        pixels: what they are made from.
        edges: of the rows, counted in rows of ``pixels``; one more than there are rows.
        width: of the smaller picture, in pixels.
    """
    first, last = int(edges[0]), int(np.ceil(edges[-1]))
    rows = _averages_of_rows(as_float32(pixels[first:last]), edges - first)
    if pixels.shape[1] % width == 0:
        band = _averages_of_columns(rows, pixels.shape[1] // width)
    else:
        band = _averages(rows, np.linspace(0, pixels.shape[1], width + 1), axis=1)
    return band / np.float32(np.iinfo(pixels.dtype).max) if pixels.dtype.kind == "u" else band


def _averages_of_rows(values: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.float32]:
    if (edges % 1).any():
        return _averages(values, edges, axis=0)
    step = int(edges[1] - edges[0])
    total = values[0::step].copy()
    for offset in range(1, step):
        total += values[offset::step]
    return np.divide(total, np.float32(step), out=total)


def _averages(values: NDArray[np.float32], edges: NDArray[np.float64], *, axis: int) -> NDArray[np.float32]:
    """Averages between edges along an axis; what an edge cuts counts by its share."""
    low, high = edges[:-1], edges[1:]
    first = low.astype(int)
    length = np.float32(high[0] - low[0])
    shape = (-1, 1, 1) if axis == 0 else (-1, 1)
    total: NDArray[np.float32] | None = None
    for step in range(int((np.ceil(high) - first).max())):
        at = first + step
        share = np.clip(np.minimum(at + 1, high) - np.maximum(at, low), 0, 1).astype(np.float32)
        part = values.take(np.where(share > 0, at, first), axis=axis)  # what has no share must not be NaN either
        part *= share.reshape(shape)
        total = part if total is None else np.add(total, part, out=total)
    assert total is not None  # noqa: S101 - there is no empty picture
    return np.divide(total, length, out=total)


def _averages_of_columns(rows: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Averages of ``step`` columns, channel by channel: three times as quick as numpy is with all of them."""
    band = np.empty((len(rows), rows.shape[1] // step, rows.shape[2]), dtype=np.float32)
    for channel in range(rows.shape[2]):
        total = rows[:, 0::step, channel].copy()
        for offset in range(1, step):
            total += rows[:, offset::step, channel]
        np.divide(total, np.float32(step), out=band[:, :, channel])
    return band


def _stretch(pixels: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    region = oiio.ROI(0, width, 0, height, 0, 1, 0, pixels.shape[2])
    result = oiio.ImageBufAlgo.resize(oiio.ImageBuf(pixels), filtername="triangle", roi=region)
    if result.has_error:
        raise StorageError(f"OpenImageIO could not resize to {width}x{height}: {result.geterror()}")
    return np.asarray(result.get_pixels(oiio.FLOAT), dtype=np.float32)


def to_float(pixels: Pixels) -> NDArray[np.float32]:
    """Integers scaled to 0..1, floats as they are, as float32."""
    if pixels.dtype.kind == "u":
        return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    return pixels.astype(np.float32, copy=False)


def largest_difference(one: Pixels, other: Pixels) -> float | None:
    """How far two pictures are apart where they differ most, integers scaled to 0..1; None: they cannot be compared.

    What is no number in both is no difference; in one of them, it is an infinite one.
    """
    if one.shape != other.shape:
        return None
    first, second = to_float(one), to_float(other)
    alike = (first == second) | (np.isnan(first) & np.isnan(second))
    with np.errstate(invalid="ignore"):
        apart = np.where(alike, np.float32(0), np.abs(first - second))
    return float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max(initial=0.0))


def fit_width(width: int, height: int, pixel_aspect: float, target_width: int) -> tuple[int, int]:
    """The size of a picture of square pixels that is ``target_width`` wide."""
    return target_width, max(1, round(target_width * height / (width * pixel_aspect)))


@functools.lru_cache(maxsize=512)
def text_mask(text: str, size_px: int, *, font: Font = "DroidSans") -> NDArray[np.float32]:
    """How much of each pixel a line of text covers.

    Args:
        text: one line.
        size_px: height of the font; the baseline lies this far below the top.
        font: one of ``FONTS`` or a file's path; or several, of which the first that has a letter draws it.

    Returns:
        (ceil(1.3 size_px), width) float32 in 0..1, read-only; it is as wide as the text, and never empty.

    Raises:
        StorageError: this OpenImageIO draws no text, or the font cannot be read.
    """
    fonts = (font,) if isinstance(font, str) else font
    parts = [_rendered(run, size_px, one) for one, run in _runs(text, fonts)]
    mask = np.concatenate(parts, axis=1)
    mask.flags.writeable = False
    return mask


@functools.lru_cache(maxsize=4096)
def has_letter(letter: str, font: Font) -> bool:
    """Whether a font, or one of several, draws a letter; spaces need no drawing.

    Raises:
        StorageError: a font cannot be read.
    """
    if not isinstance(font, str):
        return any(has_letter(letter, one) for one in font)
    if letter.isspace():
        return True
    drawn, lacking = (_rendered(one, PROBE_PX, font) for one in (letter, NO_LETTER))
    return bool(drawn.max() > 0) and not np.array_equal(drawn, lacking)  # fonts draw nothing, or a box, for what lacks


def _runs(text: str, fonts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Text in pieces that one font draws each; spaces go with what follows."""
    if len(fonts) == 1:
        return [(fonts[0], text)]
    found: list[tuple[str, str]] = []
    for word in re.findall(r"\s*\S|\s+$", text):
        chosen = next((one for one in fonts if has_letter(word[-1], one)), fonts[0])
        if found and (found[-1][0] == chosen or word.isspace()):
            found[-1] = (found[-1][0], found[-1][1] + word)
        else:
            found.append((chosen, word))
    return found or [(fonts[0], text)]


def _rendered(text: str, size_px: int, font: str) -> NDArray[np.float32]:
    # By name, a font would be looked for where environment variables say.
    file = str(FONT_FOLDER / f"{font}.ttf") if font in FONTS else font
    region = oiio.ImageBufAlgo.text_size(text or " ", size_px, file)
    width = max(1, region.xend if region.defined else 1)
    target = oiio.ImageBuf(oiio.ImageSpec(width, -(-size_px * 13 // 10), 1, oiio.FLOAT))
    if text and not oiio.ImageBufAlgo.render_text(target, 0, size_px, text, size_px, file, (1.0,)):
        raise StorageError(f"OpenImageIO could not draw text: {target.geterror()}", hint="shotmill doctor")
    return np.asarray(target.get_pixels(oiio.FLOAT), dtype=np.float32)[:, :, 0]

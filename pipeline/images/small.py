"""Small pictures of large ones: shrunk while the rest is still being read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pixels import BAND_ROWS, average_rows, fit_width, shrink
from .read import (
    Header,
    Image,
    Limits,
    Pixels,
    colour_channels,
    header_of,
    into_display_window,
    open_image,
    read_channels,
    refuse_large,
)

READ_ROWS = 256  # a multiple of the rows that any EXR compression packs together
Finish = Callable[[NDArray[np.float32]], NDArray[Any]]


def read_small(
    path: Path,
    width: int,
    *,
    limits: Limits | None = None,
    finish: Callable[[Header, tuple[int, int]], Finish] | None = None,
) -> Image:
    """Read a picture's colour as a small picture of square pixels.

    Args:
        path: one file, one frame.
        width: of the result; its height follows from the display window and the pixel aspect.
        limits: the largest image that is read.
        finish: given the header and the (width, height) of the result before any pixel is read; what it returns is
            called with rows of the result as they come to be, and its results are those of the picture.

    Returns:
        (h, width, 3) float32, or what they were made into; integers are scaled to 0..1, and one channel comes back as
        three equal ones.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read whole.
        InputTooLargeError: it is larger than the limits allow.
    """
    allowed = limits or Limits()
    source = open_image(path, allowed)
    try:
        header = header_of(source, path)
        wanted = colour_channels(header.channels)
        refuse_large(header, wanted, source.spec(), allowed)
        size = fit_width(header.width, header.height, header.pixel_aspect, width)
        finished = finish(header, size) if finish else _as_they_are
        if _streams(source, header, size):
            pixels = _shrunk_while_read(_Stream(source, header, wanted), size, finished)
        else:
            whole = into_display_window(read_channels(source, header, wanted), header)
            pixels = finished(_of_three(shrink(whole, *size)))
    finally:
        source.close()
    return Image(pixels, header, tuple(header.channels[index] for index in wanted))


def _as_they_are(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return pixels


def _of_three(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels


def _streams(source: Any, header: Header, size: tuple[int, int]) -> bool:
    """Whether rows come one after the other, fill the display window, and become fewer."""
    data, spec = header.data, source.spec()
    whole = (data.x, data.y, data.width, data.height) == (0, 0, header.width, header.height)
    return whole and spec.tile_width == 0 and size[0] <= header.width and size[1] < header.height


@dataclass(frozen=True)
class _Stream:
    """An open image as blocks of rows."""

    source: Any
    header: Header
    wanted: list[int]

    def blocks(self) -> Iterator[tuple[int, Pixels]]:
        """The number of the row behind each block, and the block."""
        for top in range(0, self.header.height, READ_ROWS):
            rows = range(top, min(top + READ_ROWS, self.header.height))
            yield rows.stop, read_channels(self.source, self.header, self.wanted, rows)


def _shrunk_while_read(stream: _Stream, size: tuple[int, int], finished: Finish) -> NDArray[Any]:
    width, height = size
    edges = np.linspace(0, stream.header.height, height + 1)
    parts: list[Future[NDArray[Any]]] = []

    def made(pixels: Pixels, rows: NDArray[np.float64]) -> NDArray[Any]:
        tops = range(0, len(rows) - 1, BAND_ROWS)
        bands = [average_rows(pixels, rows[top : top + BAND_ROWS + 1], width) for top in tops]
        return finished(_of_three(np.concatenate(bands)))

    with ThreadPoolExecutor(1) as pool:  # the reader has threads of its own
        done, start, held = 0, 0, None
        for end, block in stream.blocks():
            held = block if held is None else np.concatenate([held, block])
            ready = int(np.searchsorted(edges, end, side="right")) - 1
            if done < ready:
                parts.append(pool.submit(made, held, edges[done : ready + 1] - start))
            done, kept = ready, int(edges[ready]) - start  # the row that an edge cuts counts on both sides
            held, start = (held[kept:] if kept < len(held) else None), start + kept
    return np.concatenate([part.result() for part in parts])

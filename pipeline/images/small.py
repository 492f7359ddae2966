"""Small pictures of large ones: shrunk while the rest is still being read."""

from __future__ import annotations

from collections.abc import Iterator
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


def read_small(path: Path, width: int, *, limits: Limits | None = None) -> Image:
    """Read a picture's colour as a small picture of square pixels.

    Args:
        path: one file, one frame.
        width: of the result; its height follows from the display window and the pixel aspect.
        limits: the largest image that is read.

    Returns:
        (h, width, 3) float32; integers are scaled to 0..1, and one channel comes back as three equal ones.

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
        if _streams(source, header, size):
            pixels = _shrunk_while_read(_Stream(source, header, wanted), size)
        else:
            pixels = shrink(into_display_window(read_channels(source, header, wanted), header), *size)
    finally:
        source.close()
    if len(wanted) == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return Image(pixels, header, tuple(header.channels[index] for index in wanted))


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


def _shrunk_while_read(stream: _Stream, size: tuple[int, int]) -> NDArray[np.float32]:
    width, height = size
    edges = np.linspace(0, stream.header.height, height + 1)
    bands: list[Future[NDArray[np.float32]]] = []
    with ThreadPoolExecutor(1) as pool:  # the reader has threads of its own
        done, start, held = 0, 0, None
        for end, block in stream.blocks():
            held = block if held is None else np.concatenate([held, block])
            ready = int(np.searchsorted(edges, end, side="right")) - 1
            for top in range(done, ready, BAND_ROWS):
                rows = edges[top : min(top + BAND_ROWS, ready) + 1] - start
                bands.append(pool.submit(average_rows, held, rows, width))
            done, kept = ready, int(edges[ready]) - start  # the row that an edge cuts counts on both sides
            held, start = (held[kept:] if kept < len(held) else None), start + kept
    return np.concatenate([band.result() for band in bands])

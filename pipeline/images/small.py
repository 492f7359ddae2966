"""Small pictures of large ones: shrunk while the rest is still being read."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pixels import BAND_ROWS, average_rows, fit_width, shrink
from .read import Header, Image, Limits, Pixels, colour_of, header_of, into_display_window, open_image, read_channels
from .sources import corrupt

EXR = "openexr"
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
    with open_image(path, allowed) as source:
        header, wanted = colour_of(source, path, allowed)
        size = fit_width(header.width, header.height, header.pixel_aspect, width)
        finished = finish(header, size) if finish else _as_they_are
        if not _streams(source, header, size):
            whole = into_display_window(read_channels(source, header, wanted), header)
            pixels = finished(_of_three(shrink(whole, *size)))
        elif header.codec == EXR and header.height > READ_ROWS:
            pixels = _by_two(_Stream(source, header, wanted, size, finished), allowed)
        else:
            pixels = _while_read(_Stream(source, header, wanted, size, finished))
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
    """An open image, and what becomes of its rows."""

    source: Any
    header: Header
    wanted: list[int]
    size: tuple[int, int]
    finished: Finish

    @property
    def edges(self) -> NDArray[np.float64]:
        """Where rows of the result begin, and the last one ends, in rows of the image."""
        return np.linspace(0, self.header.height, self.size[1] + 1)

    def read(self, rows: range) -> Pixels:
        return read_channels(self.source, self.header, self.wanted, rows)

    def made(self, pixels: Pixels, edges: NDArray[np.float64]) -> NDArray[Any]:
        """Rows of the result between edges that are counted from the first row of ``pixels``."""
        tops = range(0, len(edges) - 1, BAND_ROWS)
        bands = [average_rows(pixels, edges[top : top + BAND_ROWS + 1], self.size[0]) for top in tops]
        return self.finished(_of_three(np.concatenate(bands)))


def _by_two(stream: _Stream, limits: Limits) -> NDArray[Any]:
    """Two readers of one EXR, whose rows can be had in any order: one reads while the other shrinks what it has."""
    edges, height = stream.edges, stream.header.height
    with open_image(stream.header.path, limits) as other:
        if header_of(other, stream.header.path) != stream.header:
            raise corrupt(stream.header.path, "it was replaced while it was read")
        readers: SimpleQueue[_Stream] = SimpleQueue()
        for reader in (stream, replace(stream, source=other)):
            readers.put(reader)

        def made(part: tuple[int, int]) -> NDArray[Any]:
            rows = edges[part[0] : part[1] + 1]
            top = int(rows[0])
            reader = readers.get()
            try:
                return reader.made(reader.read(range(top, int(np.ceil(rows[-1])))), rows - top)
            finally:
                readers.put(reader)

        ends = [int(np.searchsorted(edges, row, side="right")) - 1 for row in range(0, height, READ_ROWS)]
        with ThreadPoolExecutor(2) as pool:
            return np.concatenate(list(pool.map(made, pairwise(sorted({*ends, stream.size[1]})))))


def _while_read(stream: _Stream) -> NDArray[Any]:
    """One reader, in order; what it has read is shrunk meanwhile."""
    edges = stream.edges
    parts: list[Future[NDArray[Any]]] = []
    with ThreadPoolExecutor(1) as pool:
        done, start, held = 0, 0, None
        for top in range(0, stream.header.height, READ_ROWS):
            rows = range(top, min(top + READ_ROWS, stream.header.height))
            block = stream.read(rows)
            held = block if held is None else np.concatenate([held, block])
            ready = int(np.searchsorted(edges, rows.stop, side="right")) - 1
            if done < ready:
                parts.append(pool.submit(stream.made, held, edges[done : ready + 1] - start))
            done, kept = ready, int(edges[ready]) - start  # the row that an edge cuts counts on both sides
            held, start = (held[kept:] if kept < len(held) else None), start + kept
    return np.concatenate([part.result() for part in parts])

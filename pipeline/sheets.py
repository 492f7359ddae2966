"""Contact sheets: stills in a grid, each with its name below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .images import draw_text, text_width

# All in the display's encoding, 0..255 or 0..1: a dark neutral ground, so that stills are judged fairly.
GROUND = 24
EMPTY = 44
WHITE = (0.92, 0.92, 0.92)
GREY = (0.62, 0.62, 0.62)
AMBER = (0.95, 0.70, 0.25)
GOLDEN_COLUMNS = 1.25  # wider than high, as screens are


@dataclass(frozen=True)
class Tile:
    """One still with its two labels; ``pixels`` (h, w, 3) uint8, or None when there is no picture to show."""

    name: str
    detail: str
    pixels: NDArray[np.uint8] | None


def draw_sheet(tiles: Sequence[Tile], *, heading: str, columns: int, width: int) -> NDArray[np.uint8]:
    """Lay tiles out row by row.

    Args:
        tiles: in reading order; at least one.
        heading: a line above them; empty for none.
        columns: tiles in a row; 0 chooses a number that makes the sheet wider than high.
        width: of one tile in pixels.

    Returns:
        (h, w, 3) uint8 in the display's encoding.
    """
    across = columns or max(1, math.ceil(math.sqrt(len(tiles)) * GOLDEN_COLUMNS - 0.5))
    across = min(across, len(tiles))
    down = math.ceil(len(tiles) / across)
    grid = _Grid.of(tiles, width=width, heading=bool(heading))
    sheet = np.full(
        (grid.top + down * grid.row_height + grid.gap, grid.gap + across * (width + grid.gap), 3), GROUND, np.uint8
    )
    if heading:
        sheet = draw_text(sheet, heading, x=grid.gap, y=grid.gap + grid.text, size_px=grid.text, colour=WHITE)
    for index, tile in enumerate(tiles):
        x = grid.gap + (index % across) * (width + grid.gap)
        y = grid.top + (index // across) * grid.row_height
        _place(sheet, tile, x=x, y=y, width=width, height=grid.picture_height)
    return _label(sheet, tiles, across, width, grid)


@dataclass(frozen=True)
class _Grid:
    gap: int
    text: int
    top: int
    picture_height: int
    row_height: int

    @classmethod
    def of(cls, tiles: Sequence[Tile], *, width: int, heading: bool) -> _Grid:
        pictures = [tile.pixels.shape[0] for tile in tiles if tile.pixels is not None]
        height = max(pictures, default=round(width * 9 / 16))
        gap = max(8, width // 20)
        text = max(11, width // 22)
        top = gap + (text * 2 if heading else 0)
        return cls(gap, text, top, height, height + text * 2 + gap)


def _place(sheet: NDArray[np.uint8], tile: Tile, *, x: int, y: int, width: int, height: int) -> None:
    if tile.pixels is None:
        sheet[y : y + height, x : x + width] = EMPTY
        return
    rows, cols = min(tile.pixels.shape[0], height), min(tile.pixels.shape[1], width)
    top = y + (height - rows) // 2
    sheet[top : top + rows, x : x + cols] = tile.pixels[:rows, :cols]


def _label(sheet: NDArray[np.uint8], tiles: Sequence[Tile], across: int, width: int, grid: _Grid) -> NDArray[np.uint8]:
    for index, tile in enumerate(tiles):
        x = grid.gap + (index % across) * (width + grid.gap)
        baseline = grid.top + (index // across) * grid.row_height + grid.picture_height + round(grid.text * 1.5)
        detail_width = text_width(tile.detail, grid.text)
        name = _shortened(tile.name, grid.text, width - detail_width - grid.text)
        sheet = draw_text(sheet, name, x=x, y=baseline, size_px=grid.text, colour=WHITE)
        colour = GREY if tile.pixels is not None else AMBER
        sheet = draw_text(sheet, tile.detail, x=x + width - detail_width, y=baseline, size_px=grid.text, colour=colour)
    return sheet


def _shortened(text: str, size_px: int, room_px: int) -> str:
    """The text, or its front with dots when it does not fit."""
    if text_width(text, size_px) <= room_px:
        return text
    while len(text) > 1 and text_width(text + "...", size_px) > room_px:
        text = text[:-1]
    return text + "..."

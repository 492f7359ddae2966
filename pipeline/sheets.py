"""Contact sheets and filmstrips: stills in a grid or a row, each with its labels below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import drawing as draw

BOLD = "DroidSans-Bold"
MONO = "DroidSansMono"
SHEET_SHAPE = 1.9  # wider than high, as screens are
WIDESCREEN = 16 / 9
MAX_SHEET_PIXELS = 64_000_000  # a sheet of thousands of shots stays one that viewers open
MIN_TILE_WIDTH = 64
ROW_SHAPE = 0.75  # height of a tile and its labels over its width, for estimates


@dataclass(frozen=True)
class Tile:
    """One still with its labels.

    Attributes:
        name: of the shot.
        source: name of the medium.
        frame: in the medium's own numbering.
        timecode: SMPTE, where known.
        pixels: (h, w, 3) uint8, or None when there is no picture to show.
        reason: why there is none.
    """

    name: str
    source: str = ""
    frame: int | None = None
    timecode: str | None = None
    pixels: NDArray[np.uint8] | None = None
    reason: str = ""


def tile_width(wanted: int, tiles: int) -> int:
    """The width of a still in pixels: as wanted, or less where the sheet would grow too large to open."""
    most = math.isqrt(int(MAX_SHEET_PIXELS / max(tiles, 1) / ROW_SHAPE))
    return max(MIN_TILE_WIDTH, min(wanted, most))


def draw_sheet(
    tiles: Sequence[Tile], *, heading: str, columns: int, width: int, summary: str = ""
) -> NDArray[np.uint8]:
    """Lay tiles out row by row.

    Args:
        tiles: in reading order; at least one.
        heading: a line above them; empty for none.
        columns: tiles in a row; 0 chooses a number that makes the sheet wider than high.
        width: of one tile in pixels.
        summary: at the heading's right end; empty: how many clips there are.

    Returns:
        (h, w, 3) uint8 in the display's encoding.
    """
    grid = _Grid.of(tiles, heading=heading, columns=columns, width=width)
    sheet = draw.blank(grid.sheet_width, grid.sheet_height)
    if heading:
        _draw_heading(sheet, heading, summary or _summary(tiles), grid)
    for index, tile in enumerate(tiles):
        x = grid.margin + (index % grid.across) * (width + grid.gap)
        y = grid.top + (index // grid.across) * (grid.row_height + grid.gap)
        _draw_tile(sheet, tile, (x, y), grid)
    return sheet


@dataclass(frozen=True)
class _Grid:
    """Sizes in pixels."""

    width: int
    height: int
    across: int
    down: int
    gap: int
    margin: int
    text: int
    top: int

    @classmethod
    def of(cls, tiles: Sequence[Tile], *, heading: str, columns: int, width: int) -> _Grid:
        shapes = [tile.pixels.shape[0] / tile.pixels.shape[1] for tile in tiles if tile.pixels is not None]
        # As high as the highest still, but one portrait among landscapes does not blow up every row.
        height = round(width * min(max(shapes, default=1 / WIDESCREEN), 1.0))
        text = max(10, round(width / 21))
        gap = max(8, round(width / 16))
        margin = round(gap * 1.5)
        row = height + round(text * 3.3)
        across = min(columns or _columns(len(tiles), width + gap, row + gap), len(tiles))
        top = margin + (round(text * 3.6) if heading else 0)
        return cls(width, height, across, math.ceil(len(tiles) / across), gap, margin, text, top)

    @property
    def row_height(self) -> int:
        return self.height + round(self.text * 3.3)

    @property
    def sheet_width(self) -> int:
        return 2 * self.margin + self.across * self.width + (self.across - 1) * self.gap

    @property
    def sheet_height(self) -> int:
        return self.top + self.down * self.row_height + (self.down - 1) * self.gap + self.margin - self.text // 2


def _columns(count: int, width: int, height: int) -> int:
    """The number of columns whose sheet is nearest to the shape of a screen, with few empty places."""

    def misfit(across: int) -> float:
        down = math.ceil(count / across)
        empty = (across * down - count) / (across * down)
        return abs(math.log(across * width / (down * height) / SHEET_SHAPE)) + empty

    return min(range(1, count + 1), key=misfit)


def _summary(tiles: Sequence[Tile]) -> str:
    gone = sum(tile.pixels is None for tile in tiles)
    shots = f"{len(tiles)} {'clip' if len(tiles) == 1 else 'clips'}"
    return f"{shots}, {gone} offline" if gone else shots


def _draw_heading(sheet: NDArray[np.uint8], heading: str, summary: str, grid: _Grid) -> None:
    size = round(grid.text * 1.7)
    baseline = grid.margin + round(size * 0.85)
    right = grid.sheet_width - grid.margin
    taken = draw.write_right(sheet, summary, (right, baseline), grid.text, draw.FAINT)
    title = draw.shorten(heading, size, right - grid.margin - taken - grid.gap, font=BOLD)
    draw.write(sheet, title, (grid.margin, baseline), size, draw.INK, font=BOLD)
    draw.fill(sheet, grid.margin, baseline + round(grid.text * 0.9), (right - grid.margin, 1), draw.RULE)


def _draw_tile(sheet: NDArray[np.uint8], tile: Tile, at: tuple[int, int], grid: _Grid) -> None:
    x, y = at
    if tile.pixels is None:
        _draw_gap(sheet, tile, at, grid)
    else:
        draw.paste(sheet, draw.centred(tile.pixels, grid.width, grid.height), x, y)
    right, baseline, small = x + grid.width, y + grid.height + round(grid.text * 1.35), round(grid.text * 0.85)
    frame = "" if tile.frame is None else str(tile.frame)
    taken = draw.write_right(sheet, frame, (right, baseline), grid.text, draw.INK, font=MONO) if frame else 0
    name = draw.shorten(tile.name, grid.text, grid.width - taken - grid.text, font=BOLD)
    draw.write(sheet, name, (x, baseline), grid.text, draw.INK, font=BOLD)
    baseline += round(grid.text * 1.35)
    code = tile.timecode or ""
    taken = draw.write_right(sheet, code, (right, baseline), small, draw.FAINT) if code else 0
    source = draw.shorten(tile.source, small, grid.width - taken - grid.text)
    draw.write(sheet, source, (x, baseline), small, draw.FAINT)


def _draw_gap(sheet: NDArray[np.uint8], tile: Tile, at: tuple[int, int], grid: _Grid) -> None:
    x, y = at
    draw.fill(sheet, x, y, (grid.width, grid.height), draw.MISSING)
    reason = draw.shorten(tile.reason, grid.text, grid.width - 2 * grid.text)
    left = x + (grid.width - draw.text_width(reason, grid.text)) // 2
    draw.write(sheet, reason, (left, y + (grid.height + grid.text * 2 // 3) // 2), grid.text, draw.WARNING)


def draw_strip(
    pictures: Sequence[NDArray[np.uint8]], frames: Sequence[int], *, gap: int, labels: bool
) -> NDArray[np.uint8]:
    """Pictures side by side in one row.

    Args:
        pictures: (h, w, 3) uint8, all of one size.
        frames: their numbers.
        gap: pixels between two of them.
        labels: whether their numbers stand below them.

    Returns:
        (h, w, 3) uint8.
    """
    height, width = pictures[0].shape[:2]
    text = max(10, round(width / 16))
    band = round(text * 1.9) if labels else 0
    strip = draw.blank(len(pictures) * width + (len(pictures) - 1) * gap, height + band)
    for index, (picture, frame) in enumerate(zip(pictures, frames, strict=True)):
        x = index * (width + gap)
        draw.paste(strip, picture, x, 0)
        if labels:
            left = x + (width - draw.text_width(str(frame), text, font=MONO)) // 2
            draw.write(strip, str(frame), (left, height + round(text * 1.3)), text, draw.FAINT, font=MONO)
    return strip

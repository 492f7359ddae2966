"""The slate, which says at the head of a movie what it is; and cards that stand for pictures that are not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import drawing as draw
from ..images import shrink
from .lettering import BOLD, LARGEST_8, LARGEST_16, PLAIN, Pen, wrapped

MARGIN = 0.07  # of the width: inside of the title safe area
NOTE_LINES = 3
LEAST_STEP = 0.9  # of the size of letters, from row to row: rows that have no room are left out
GREYS = 11
LEAST_STILL_PX = 16
GREYS_LEAST_PX = 120  # frames lower than that have no room for a ramp


@dataclass(frozen=True)
class SlateWords:
    """What a slate says.

    Attributes:
        project: above.
        title: of the shot, large.
        version: at the title's end.
        rows: label and value, in order; those without a value are left out, and the last where there is no room.
        notes: below; broken into lines.
    """

    project: str
    title: str
    version: str
    rows: Sequence[tuple[str, str]]
    notes: str = ""


@dataclass(frozen=True)
class _Grid:
    """Sizes in pixels."""

    width: int
    height: int
    margin: int
    text: int
    title: int

    @classmethod
    def of(cls, size: tuple[int, int]) -> _Grid:
        width, height = size
        short = min(height, round(width * 0.5625))
        return cls(width, height, round(width * MARGIN), max(8, round(short / 34)), max(12, round(short / 12)))

    @property
    def top(self) -> int:
        """Where the table and the still begin."""
        return round(self.height * MARGIN) + round(self.text * 1.6) + round(self.title * 1.55)

    @property
    def foot(self) -> int:
        """Where the notes begin."""
        return self.height - round(self.height * MARGIN * 0.9) - round(self.text * 1.5 * NOTE_LINES)

    @property
    def split(self) -> int:
        """Where the still begins."""
        return round(self.width * 0.5)


def draw_slate(words: SlateWords, still: NDArray[Any] | None, size: tuple[int, int], pen: Pen) -> NDArray[Any]:
    """Draw a slate.

    Args:
        words: what it says.
        still: (h, w, 3) code values as the pen has them; None: a card says that there is none.
        size: (width, height).
        pen: writes it.

    Returns:
        (h, w, 3) code values.
    """
    grid = _Grid.of(size)
    slate = pen.blank(size, draw.PAPER)
    _draw_head(slate, words, grid, pen)
    _draw_rows(slate, words.rows, grid, pen)
    _draw_still(slate, still, grid, pen)
    _draw_notes(slate, words.notes, grid, pen)
    return slate


def draw_card(title: str, below: str, size: tuple[int, int], pen: Pen) -> NDArray[Any]:
    """A grey card that stands for a picture: a line in the middle, and a smaller one below."""
    width, height = size
    card = pen.blank(size, draw.MISSING)
    text = max(10, height // 12)
    small = max(8, height // 26)
    room = round(width * 0.9)
    shown = draw.shorten(title, text, room, font=BOLD)
    left = (width - draw.text_width(shown, text, font=BOLD)) // 2
    draw.write(card, shown, (left, height // 2), text, pen.colour(draw.WARNING), font=BOLD)
    if below:
        shown = draw.shorten(below, small, room)
        left = (width - draw.text_width(shown, small)) // 2
        draw.write(card, shown, (left, height // 2 + round(small * 1.9)), small, pen.colour(draw.INK))
    return card


def _draw_head(slate: NDArray[Any], words: SlateWords, grid: _Grid, pen: Pen) -> None:
    right, room = grid.width - grid.margin, grid.width - 2 * grid.margin
    line = round(grid.height * MARGIN) + grid.text
    project = draw.shorten(words.project, grid.text, room, font=pen.font(PLAIN))
    draw.write(slate, project, (grid.margin, line), grid.text, pen.colour(draw.FAINT), font=pen.font(PLAIN))
    baseline = line + round(grid.title * 1.15)
    version = draw.shorten(words.version, grid.title, room // 3, font=pen.font(BOLD))
    taken = draw.text_width(version, grid.title, font=pen.font(BOLD)) + grid.title if version else 0
    if version:
        draw.write_right(slate, version, (right, baseline), grid.title, pen.colour(draw.WARNING), font=pen.font(BOLD))
    title = draw.shorten(words.title, grid.title, room - taken, font=pen.font(BOLD))
    draw.write(slate, title, (grid.margin, baseline), grid.title, pen.colour(draw.INK), font=pen.font(BOLD))
    thick = max(1, grid.height // 540)
    draw.fill(slate, grid.margin, baseline + round(grid.title * 0.42), (room, thick), pen.colour(draw.RULE))


def _draw_rows(slate: NDArray[Any], rows: Sequence[tuple[str, str]], grid: _Grid, pen: Pen) -> None:
    height = grid.foot - grid.top - grid.text * 0.5
    fit = max(0, int(height / (grid.text * LEAST_STEP)))
    shown = [(label, value) for label, value in rows if value][:fit]
    if not shown:
        return
    labels = max(draw.text_width(label, grid.text) for label, _value in shown)
    at = grid.margin + labels + round(grid.text * 1.2)
    room = grid.split - grid.text - at
    step = min(height / len(shown), grid.text * 2.1)
    for index, (label, value) in enumerate(shown):
        baseline = grid.top + round(index * step) + grid.text
        draw.write(slate, label, (grid.margin, baseline), grid.text, pen.colour(draw.FAINT))
        text = draw.shorten(value, grid.text, room, font=pen.font(PLAIN))
        draw.write(slate, text, (at, baseline), grid.text, pen.colour(draw.INK), font=pen.font(PLAIN))


def _draw_still(slate: NDArray[Any], still: NDArray[Any] | None, grid: _Grid, pen: Pen) -> None:
    ramp = round(grid.text * 1.2) if grid.height >= GREYS_LEAST_PX else 0
    gap = round(grid.text * 0.8)
    box = grid.width - grid.margin - grid.split, grid.foot - grid.top - ramp - 2 * gap
    if min(box) < LEAST_STILL_PX:
        return
    if still is None:
        picture = draw_card("NO PICTURE", "", box, pen)
    else:
        scale = min(box[0] / still.shape[1], box[1] / still.shape[0], 1.0)
        picture = _smaller(still, max(2, round(still.shape[1] * scale)), max(2, round(still.shape[0] * scale)))
    height, width = picture.shape[:2]
    left = grid.width - grid.margin - width
    draw.fill(slate, left - 1, grid.top - 1, (width + 2, height + 2), pen.colour(draw.RULE))
    draw.paste(slate, picture, left, grid.top)
    if ramp:
        _draw_greys(slate, (left, grid.top + height + gap), (width, ramp), pen)


def _draw_greys(slate: NDArray[Any], at: tuple[int, int], size: tuple[int, int], pen: Pen) -> None:
    """A ramp in even steps of the code value, by which a screen or an encoder that crushes blacks shows itself."""
    for step in range(GREYS):
        left, right = (round(size[0] * end / GREYS) for end in (step, step + 1))
        grey = 255 * step / (GREYS - 1)
        draw.fill(slate, at[0] + left, at[1], (right - left, size[1]), pen.colour((grey, grey, grey)))


def _draw_notes(slate: NDArray[Any], notes: str, grid: _Grid, pen: Pen) -> None:
    room = grid.width - 2 * grid.margin
    for index, line in enumerate(wrapped(notes, grid.text, room, NOTE_LINES, font=pen.font(PLAIN))):
        baseline = grid.foot + round(grid.text * 1.5 * (index + 1))
        draw.write(slate, line, (grid.margin, baseline), grid.text, pen.colour(draw.INK), font=pen.font(PLAIN))


def _smaller(picture: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    if picture.shape[:2] == (height, width):
        return picture
    top = LARGEST_16 if picture.dtype == np.uint16 else LARGEST_8
    return np.asarray(np.rint(shrink(picture, width, height) * top).clip(0, top), dtype=picture.dtype)

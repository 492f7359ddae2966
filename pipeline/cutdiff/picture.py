"""Two cuts as a picture: the older one's clips as bars above those of the newer, in the colour of their change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...schema.cutdiff import Change, CutSide, CutUse, TimelineDiffOut, UseChange
from ..drawing import FAINT, INK, RULE, Colour, blank, fill, shorten, write
from .words import headline, verdict

WIDTH = 1800
MARGIN = 60
LANE = 28  # pixels of a track
STRIP = 7  # of them, along the foot: frames won or lost
BETWEEN = 30  # pixels between the older cut and the newer
RULER = 26
GAP = 22
TOP = 138
MOST_LANES = 4
TICK = 90  # pixels between two numbers of the ruler, at least
SEAM = 3  # pixels; wider bars end one pixel early, to be told apart
ALL_ROWS = 4  # of longer cuts only rows with a change are drawn
MOST_ROWS = 16
CLIP_WIDTHS = (96, 72, 48, 32, 20, 12, 8, 5)  # pixels of a clip of mean length; the largest that fits is taken
PLAIN = (70, 76, 86)
COLOURS: dict[Change, tuple[int, int, int]] = {
    Change.ADDED: (74, 168, 96),
    Change.REINSTATED: (58, 164, 160),
    Change.REMOVED: (196, 76, 76),
    Change.MOVED: (150, 104, 208),
    Change.VERSION: (206, 118, 52),
    Change.MEDIA: (206, 118, 52),
    Change.RATE: (206, 118, 52),
    Change.RETIMED: (190, 88, 150),
    Change.HEAD: (150, 130, 50),
    Change.TAIL: (150, 130, 50),
    Change.SLIPPED: (62, 124, 204),
    Change.TRACK: (126, 126, 170),
    Change.ENABLED: (110, 150, 110),
    Change.DISABLED: (120, 90, 90),
    Change.SHIFTED: (84, 100, 128),
}
GAINED = (246, 214, 92)
LOST = (170, 40, 40)
_NO_USE = (CutUse(name="", source_in=0, source_out=0, record_in=0, record_out=0),)
LEGEND = (
    ("as before", PLAIN),
    ("shifted", COLOURS[Change.SHIFTED]),
    ("added", COLOURS[Change.ADDED]),
    ("reinstated", COLOURS[Change.REINSTATED]),
    ("removed", COLOURS[Change.REMOVED]),
    ("moved", COLOURS[Change.MOVED]),
    ("trimmed", COLOURS[Change.HEAD]),
    ("frames won", GAINED),
    ("frames lost", LOST),
    ("slipped", COLOURS[Change.SLIPPED]),
    ("version, media", COLOURS[Change.VERSION]),
    ("retimed", COLOURS[Change.RETIMED]),
    ("on, off, track", COLOURS[Change.TRACK]),
)


@dataclass(frozen=True)
class _Row:
    """A part of the time, drawn as one row; ``top`` is its upper edge."""

    first: int
    last: int
    top: int


@dataclass
class _Sheet:
    """The picture while it is drawn. ``scale`` is pixels a frame."""

    picture: NDArray[np.uint8]
    scale: float
    lanes: int
    changes: Mapping[int, UseChange]
    placed: dict[int, tuple[int, int, int]] = field(default_factory=dict)  # left, right and row of bars that are drawn

    def x(self, row: _Row, frame: float) -> int:
        """Where a frame begins."""
        return MARGIN + round((frame - row.first) * self.scale)


def draw(old: CutSide, new: CutSide, diff: TimelineDiffOut) -> NDArray[np.uint8]:
    """The picture: (height, ``WIDTH``, 3) uint8 in the encoding of the display.

    Long cuts are broken into rows as text is; each row has the older cut above the newer, on one ruler of frames. Of
    cuts with thousands of clips only rows with a change beyond a shift are drawn, and it says how many were left out.
    """
    total = max(use.record_out + 1 for side in (old, new) for use in side.uses or _NO_USE)
    changes = {id(use): change for change in diff.changes for use in (change.old, change.new) if use is not None}
    lanes = min(MOST_LANES, max(len(_tracks(old.uses)), len(_tracks(new.uses)), 1))
    scale, starts, left_out = _layout(total, max(len(old.uses), len(new.uses), 1), diff.changes)
    frames = _frames(scale)
    rows = [_Row(start, start + frames, TOP + at * _pitch(lanes)) for at, start in enumerate(starts)]
    height = TOP + len(rows) * _pitch(lanes) + (40 if left_out else 12)
    sheet = _Sheet(blank(WIDTH, height), scale, lanes, changes)
    _head(sheet.picture, diff)
    for number, row in enumerate(rows):
        _draw_row(sheet, number, row, old.uses, new.uses)
    if left_out:
        said = f"{left_out} more rows are not drawn: nothing but shifted clips, or no room"
        write(sheet.picture, said, (MARGIN, height - 14), 17, FAINT)
    return sheet.picture


def _pitch(lanes: int) -> int:
    return RULER + 2 * lanes * LANE + BETWEEN + GAP


def _frames(scale: float) -> int:
    """Frames of a row."""
    return max(1, int((WIDTH - 2 * MARGIN) / scale))


def _layout(total: int, clips: int, changes: Sequence[UseChange]) -> tuple[float, list[int], int]:
    """Pixels a frame, the first frames of the rows that are drawn, and how many rows are not."""
    places = {
        use.record_in for change in changes if not change.is_only_shifted for use in (change.old, change.new) if use
    }
    tried = [_tried(max(width * clips, WIDTH - 2 * MARGIN) / total, total, places) for width in CLIP_WIDTHS]
    scale, chosen, count = next((one for one in tried if len(one[1]) <= MOST_ROWS), tried[-1])
    return scale, chosen[:MOST_ROWS], count - len(chosen[:MOST_ROWS])


def _tried(scale: float, total: int, places: set[int]) -> tuple[float, list[int], int]:
    """The rows that would be drawn at a scale, by their first frames, and how many there are."""
    frames = _frames(scale)
    starts = range(0, total, frames)
    if len(starts) <= ALL_ROWS:
        return scale, list(starts), len(starts)
    loud = {place // frames for place in places}
    chosen = [start for start in starts if start // frames in loud] or list(starts[:ALL_ROWS])
    return scale, chosen, len(starts)


def _head(picture: NDArray[np.uint8], diff: TimelineDiffOut) -> None:
    room = WIDTH - 2 * MARGIN
    write(
        picture, shorten(headline(diff), 26, room, font="DroidSans-Bold"), (MARGIN, 44), 26, INK, font="DroidSans-Bold"
    )
    write(picture, shorten(verdict(diff), 19, room), (MARGIN, 76), 19, FAINT)
    x = MARGIN
    for name, colour in LEGEND:
        fill(picture, x, 94, (16, 16), colour)
        x += 22 + write(picture, name, (x + 22, 108), 15, FAINT) + 18


def _draw_row(sheet: _Sheet, number: int, row: _Row, old: Sequence[CutUse], new: Sequence[CutUse]) -> None:
    _ruler(sheet, row)
    upper = row.top + RULER
    lower = upper + sheet.lanes * LANE + BETWEEN
    for name, top in (("old", upper), ("new", lower)):
        write(sheet.picture, name, (14, top + 18), 15, FAINT)
        fill(sheet.picture, MARGIN, top, (WIDTH - 2 * MARGIN, sheet.lanes * LANE - 2), (30, 30, 32))
    bars = dict(_bars(sheet, number, row, old, upper))
    others = dict(_bars(sheet, number, row, new, lower))
    for change in {id(one): one for one in sheet.changes.values()}.values():
        if change.old is not None and change.new is not None:
            _connect(sheet, bars.get(id(change.old)), others.get(id(change.new)), change, upper, lower)


def _ruler(sheet: _Sheet, row: _Row) -> None:
    step = next(size for size in (10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10**9) if size * sheet.scale >= TICK)
    for frame in range(-(-row.first // step) * step, row.last, step):
        x = sheet.x(row, frame)
        fill(sheet.picture, x, row.top + 16, (1, RULER - 16), RULE)
        write(sheet.picture, str(frame), (x + 3, row.top + 18), 14, FAINT)


def _tracks(uses: Sequence[CutUse]) -> list[str]:
    return list(dict.fromkeys(use.track for use in uses))


def _bars(
    sheet: _Sheet, number: int, row: _Row, uses: Sequence[CutUse], top: int
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Draw the clips of one cut in a row; the id of each with its left and right edge."""
    tracks = {name: at for at, name in enumerate(_tracks(uses))}
    right_end = WIDTH - MARGIN
    for use in uses:
        if use.record_out < row.first or use.record_in >= row.last:
            continue
        left = max(MARGIN, sheet.x(row, use.record_in))
        right = min(right_end, sheet.x(row, use.record_out + 1))
        lane = max(0, sheet.lanes - 1 - tracks[use.track])  # the first track lies lowest, as editors have it
        _bar(sheet, use, (left, max(right, left + 2)), top + lane * LANE)
        sheet.placed[id(use)] = left, right, number
        yield id(use), (left, right)


def _bar(sheet: _Sheet, use: CutUse, edges: tuple[int, int], top: int) -> None:
    left, right = edges
    change = sheet.changes.get(id(use))
    width = max(1, right - left - (1 if right - left > SEAM else 0))
    fill(sheet.picture, left, top, (width, LANE - 2), _colour(change))
    if change is not None:
        _trims(sheet, use, change, left, width, top)
    label = _label(use, change)
    if width >= 30:  # noqa: PLR2004 - pixels; narrower bars have no room for a name
        shown = shorten(label, 14, width - 8)
        if len(shown) > 2:  # noqa: PLR2004 - only dots are left
            write(sheet.picture, shown, (left + 4, top + 15), 14, INK)


def _colour(change: UseChange | None) -> Colour:
    if change is None:
        return PLAIN
    return next((COLOURS[one] for one in COLOURS if one in change.changes), PLAIN)


def _trims(sheet: _Sheet, use: CutUse, change: UseChange, left: int, width: int, top: int) -> None:
    """The frames that a trim won, on the newer bar, or lost, on the older."""
    is_new = use is change.new
    for frames, at_head in ((change.head, True), (change.tail, False)):
        if not frames or (frames > 0) is not is_new:
            continue
        size = min(width, max(3, round(abs(frames) * sheet.scale)))
        edge = left if at_head else left + width - size
        fill(sheet.picture, edge, top + LANE - 2 - STRIP, (size, STRIP), GAINED if is_new else LOST)


def _label(use: CutUse, change: UseChange | None) -> str:
    name = use.shot.rpartition("/")[2] if use.shot else use.name
    if change is None or change.new is not use:
        return name
    told = [f"{delta:+d}" for delta in (change.head, change.tail, change.slip) if delta]
    if Change.VERSION in change.changes and use.version:
        told.append(f"v{use.version}")
    return " ".join([name, *told])


def _connect(
    sheet: _Sheet,
    old: tuple[int, int] | None,
    new: tuple[int, int] | None,
    change: UseChange,
    upper: int,
    lower: int,
) -> None:
    """Lead the eye from a bar of the older cut to that of the newer, where both are in the row."""
    if old is None or new is None:
        return
    top, bottom = upper + sheet.lanes * LANE, lower - 3
    loud = not change.is_only_shifted
    if not loud and old[1] - old[0] < 12:  # noqa: PLR2004 - pixels; thousands of lines would be a grey wall
        return
    colour = _colour(change)
    for start, end in ((old[0], new[0]), (old[1] - 1, new[1] - 1)):
        _line(sheet.picture, start, end, (top, bottom), colour, thick=2 if loud else 1)


def _line(picture: NDArray[Any], start: int, end: int, between: tuple[int, int], colour: Colour, *, thick: int) -> None:
    top, bottom = between
    steps = max(abs(end - start), bottom - top, 1)
    along = np.linspace(0.0, 1.0, steps + 1)
    xs = np.rint(start + (end - start) * along).astype(int)
    ys = np.rint(top + (bottom - top) * along).astype(int)
    for offset in range(thick):
        picture[ys, np.clip(xs + offset, 0, picture.shape[1] - 1)] = colour

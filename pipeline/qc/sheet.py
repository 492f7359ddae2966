"""A contact sheet of what was found: a tile for each kind and run of frames, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ...schema.frames import frames_text
from ...schema.names import counted
from ...schema.picks import evenly
from ...schema.qc import Finding, FindingKind, QcReport, Severity
from .. import drawing as draw
from ..media import frame_path
from ..sheets import Tile, draw_sheet
from .groups import Group, groups_of
from .words import SPOKEN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Look = Callable[[int], Picture | str]

MOST_TILES = 24
TILE_WIDTH = 400
CLEAN_TILES = 3  # of a clip that nothing is wrong with
COLOURS = {Severity.ERROR: (255, 72, 64), Severity.WARNING: draw.WARNING, Severity.NOTE: (96, 176, 255)}
LINE_PX = 3
REACH_PX = 10  # of the mark around a pixel
SHADE = (0, 0, 0)  # around it, so that it is seen on its own colour


def shown_groups(report: QcReport, *, most: int = MOST_TILES) -> list[Group]:
    """What gets a tile: of each kind the first runs, so that one kind does not fill the sheet; the worst first."""
    groups = [group for group in groups_of(report) if group.kind is not FindingKind.COLOUR]
    if len(groups) <= most:
        return groups
    turns: dict[FindingKind, int] = {}
    ranked = []
    for place, group in enumerate(groups):
        turns[group.kind] = turns.get(group.kind, 0) + 1
        ranked.append((turns[group.kind], place))
    kept = sorted(place for _turn, place in sorted(ranked)[:most])
    return [groups[place] for place in kept]


def draw_findings(report: QcReport, look: Look, *, heading: str, width: int = TILE_WIDTH) -> Picture:
    """Lay out what was found, each on a tile labelled with its frames and what is wrong with them.

    Args:
        report: what was found.
        look: gives a frame as shown, (h, w, 3) uint8, or why there is no picture; asked once for each that is shown.
        heading: above the tiles.
        width: of a tile in pixels.

    Returns:
        (h, w, 3) uint8 as shown.
    """
    groups, seen = shown_groups(report), _Seen(look)
    tiles = [_tile(report, group, seen) for group in groups] or _clean(report, seen)
    more = len(groups_of(report)) - len(groups)
    return draw_sheet(tiles, heading=heading, columns=0, width=width, summary=_summary(report, more))


class _Seen:
    """Frames that were looked at: each is asked for once."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._known: dict[int, Picture | str] = {}

    def __getitem__(self, frame: int) -> Picture | str:
        if frame not in self._known:
            self._known[frame] = self._look(frame)
        return self._known[frame]


def _tile(report: QcReport, group: Group, seen: _Seen) -> Tile:
    name = SPOKEN[group.kind]
    first = next(iter(group.frames), None)
    if first is None:
        return Tile(name, group.text, reason=f"{name}: all of it")
    where = frames_text(group.frames) + ": " if len(group.frames) > 1 else ""
    source = where + group.text.partition(";")[0]
    if group.kind in {FindingKind.MISSING, FindingKind.UNREADABLE}:
        file = frame_path(report.media, first)
        return Tile(name, where + file.name, frame=first, reason=name)
    picture = seen[first]
    if isinstance(picture, str):
        return Tile(name, source, frame=first, reason=picture)
    marked = picture.copy()
    colour = COLOURS[group.severity]
    _frame(marked, colour)
    for one in group.findings:
        if one.frame == first and one.x is not None and one.y is not None:
            _mark(marked, report, one, colour)
    return Tile(name, source, frame=first, pixels=marked)


def _frame(picture: Picture, colour: Sequence[int]) -> None:
    height, width = picture.shape[:2]
    draw.fill(picture, 0, 0, (width, LINE_PX), colour)
    draw.fill(picture, 0, height - LINE_PX, (width, LINE_PX), colour)
    draw.fill(picture, 0, 0, (LINE_PX, height), colour)
    draw.fill(picture, width - LINE_PX, 0, (LINE_PX, height), colour)


def _mark(picture: Picture, report: QcReport, one: Finding, colour: Sequence[int]) -> None:
    """A box around a pixel, in the shown picture's own pixels."""
    form = report.form
    if form is None or one.x is None or one.y is None:
        return
    height, width = picture.shape[:2]
    x = round((one.x + 0.5) * width / form.width)
    y = round((one.y + 0.5) * height / form.height)
    for reach, thick, ink in ((REACH_PX + 2, 4, SHADE), (REACH_PX + 1, 2, colour)):
        for side in (-reach, reach - thick):
            draw.fill(picture, x + side, y - reach, (thick, 2 * reach), ink)
            draw.fill(picture, x - reach, y + side, (2 * reach, thick), ink)


def _clean(report: QcReport, seen: _Seen) -> list[Tile]:
    """Some frames of a clip that nothing is wrong with."""
    tiles = []
    for frame in evenly([one.frame for one in report.figures], CLEAN_TILES):
        picture = seen[frame]
        if isinstance(picture, str):
            tiles.append(Tile("nothing found", frame=frame, reason=picture))
        else:
            tiles.append(Tile("nothing found", PurePosixPath(report.media).name, frame=frame, pixels=picture))
    return tiles or [Tile("nothing found", reason="no frame was read")]


def _summary(report: QcReport, more: int) -> str:
    frames = counted(len(report.frames), "frame") if report.frames else "no frames"
    counts = [
        counted(count, word)
        for count, word in ((report.errors, "error"), (report.warnings, "warning"), (report.notes, "note"))
        if count
    ]
    said = f"{frames}: {', '.join(counts) or 'nothing found'}"
    return f"{said}; {more} more in the report" if more > 0 else said

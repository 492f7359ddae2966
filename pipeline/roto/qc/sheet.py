"""A contact sheet of a roto: some frames with their mattes over them, those to check marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ....schema.roto_qc import FrameToCheck, RotoQc
from ...sheets import Tile, draw_sheet
from .check import RotoFrame
from .overlay import border, overlaid, stamp

if TYPE_CHECKING:
    from ..backend import Picture

MOST_TILES = 12
TILE_WIDTH = 480


def frames_to_show(numbers: Sequence[int], to_check: Sequence[int], *, most: int = MOST_TILES) -> list[int]:
    """The frames for a sheet, ascending: half of them evenly over the clip, the rest of those to check.

    Args:
        numbers: all frames, ascending; at least one.
        to_check: some of them.
        most: tiles on the sheet; at least 2.
    """
    marked = sorted(set(to_check))
    wanted = set(_spread(marked, most // 2)) if marked else set()
    for count in range(most, 0, -1):  # even samples may fall on frames to check
        both = wanted | set(_spread(numbers, count))
        if len(both) <= most:
            return sorted(both)
    return sorted(wanted)


def _spread(numbers: Sequence[int], most: int) -> list[int]:
    if len(numbers) <= most:
        return list(numbers)
    if most == 1:
        return [numbers[len(numbers) // 2]]
    return [numbers[round(place * (len(numbers) - 1) / (most - 1))] for place in range(most)]


def overlay_sheet(
    document: RotoQc,
    numbers: Sequence[int],
    look: Callable[[int], RotoFrame],
    *,
    heading: str,
    width: int = TILE_WIDTH,
) -> Picture:
    """Lay some frames with their mattes on a sheet.

    Args:
        document: says which frames to check, and why.
        numbers: all frames, ascending.
        look: gives one of them; asked for those on the sheet only, each once.
        heading: above it.
        width: of one tile in pixels.

    Returns:
        (h, w, 3) uint8 as shown.
    """
    why: dict[int, list[FrameToCheck]] = {}
    for one in document.to_check:
        why.setdefault(one.frame, []).append(one)
    shown = frames_to_show(numbers, list(why))
    tiles = [_tile(look(number), why.get(number, []), len(document.objects), width) for number in shown]
    return draw_sheet(tiles, heading=heading, columns=0, width=width, summary=_summary(document, len(why)))


def _tile(frame: RotoFrame, why: Sequence[FrameToCheck], objects: int, width: int) -> Tile:
    picture = overlaid(frame.picture, frame.mattes, width=width)
    if why:
        border(picture)
    stamp(picture, str(frame.number))
    least = min((said.confidence for said in frame.said.values()), default=1.0)
    reasons = [f"{one.object}: {reason}" if objects > 1 else reason for one in why for reason in one.reasons]
    return Tile(
        name=f"check: {reasons[0]}" if reasons else f"confidence {least:.2f}",
        source="; ".join(reasons[1:]),
        pixels=picture,
    )


def _summary(document: RotoQc, marked: int) -> str:
    return f"{document.first}-{document.last}, {marked} of {document.frames} frames to check"

"""Two frames through one window: how the thing moved, where motion alone would have it, and what speaks for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from .cut import blur
from .motion import Flow, Motion, carry_by_flow, find_flow, fit_motion
from .window import FAR, Box, Field, Picture, Region, Window, bounds

WORKING = 320  # px: larger windows are worked on at this size
SMALL = 40  # px: smaller things are enlarged
MARGIN = 0.28  # of the thing's size, around it
LEAST_MARGIN = 18.0
RIGID = 0.85  # of a thing's points that follow one motion, for it to be one piece
WHOLE_OFF, PARTS_OFF, TORN_OFF = (
    1.2,
    2.5,
    6.0,
)  # px that an outline may be off when foretold by one motion, by flow, by neither
TRUSTED_PX = 1.5
AROUND_PX, CORE_PX = 2.5, 2.0  # from the edge: what surely is around a thing, or part of it
LOUDEST = 2.5  # nats that motion may say


@dataclass(frozen=True)
class Sight:
    """A thing's window on two frames.

    Attributes:
        ahead: the window on the second; that on the first is as large, and lies where the thing was.
        inner: distances of the thing on the first.
        thing, around: motion of the thing, and of what is around it; None where it cannot be made out.
    """

    ahead: Window
    before: Picture
    now: Picture
    inner: Field
    flow: Flow
    thing: Motion | None
    around: Motion | None

    @property
    def in_one_piece(self) -> bool:
        """Whether the thing moves as a whole."""
        return self.thing is not None and self.thing.share > RIGID


def window_around(region: Region, *, reach: float = 0.0) -> Window:
    """Where a thing, and what may become of it, is looked for; ``reach`` px more than usual."""
    box = bounds(region) or Box(0, 0, region.shape[1], region.shape[0])
    size = math.sqrt(box.width * box.height)
    box = box.grown(max(LEAST_MARGIN, MARGIN * size) + reach)
    return Window(box, min(max(SMALL / size, 1.0), WORKING / max(box.width, box.height), 2.0))


def look(window: Window, ahead: Window, before: Picture, now: Picture, logits: Field) -> Sight:
    """Look at both frames, the first through ``window``, the second through ``ahead``."""
    first, second, inner = window.cut(before), ahead.cut(now), window.cut_field(logits)
    flow = find_flow(first, second)
    return Sight(
        ahead, first, second, inner, flow, fit_motion(flow, inner > TRUSTED_PX), fit_motion(flow, inner < -AROUND_PX)
    )


def foretell(sight: Sight) -> tuple[Field, Field]:
    """Distances as motion alone would have them, and by how many px they may be off.

    One motion carries a thing that is in one piece; each pixel's own flow carries others, as far as it agrees forward
    and back. Flow alone never does: what comes out from behind the thing would stay part of it.
    """
    by_flow = carry_by_flow(sight.inner, sight.flow)
    if sight.thing is None:
        return by_flow, np.full(by_flow.shape, TORN_OFF, np.float32)
    whole = sight.thing.carry(sight.inner)
    if sight.in_one_piece:
        return whole, np.full(by_flow.shape, WHOLE_OFF, np.float32)
    trusted = sight.flow.new < TRUSTED_PX
    off = np.where(trusted, np.float32(PARTS_OFF), np.float32(TORN_OFF))
    return np.where(trusted, by_flow, np.maximum(whole, by_flow)), blur(off, 1.5)


def favour_by_motion(sight: Sight) -> Field:
    """(h, w) nats: above 0 where the picture is as the thing's motion would have it, not that of what is around."""
    if sight.thing is None or sight.around is None:
        return np.zeros(sight.inner.shape, np.float32)
    now = sight.now.astype(np.float32)
    ours, theirs = (_difference(now, sight.before, motion) for motion in (sight.thing, sight.around))
    core = sight.thing.carry(sight.inner) > CORE_PX
    usual = max(float(np.median(ours[core])) if core.any() else 0.0, 20.0)
    # What the thing hid before cannot be compared with how it looked.
    hidden = sight.around.carry(sight.inner) > -1
    favour = (np.where(hidden, np.float32(3 * usual), theirs) - ours) / np.float32(2 * usual)
    return np.asarray(np.clip(favour, -LOUDEST, LOUDEST), np.float32)


def _difference(now: Field, before: Picture, motion: Motion) -> Field:
    return blur(np.square(now - motion.carry(before, cubic=True)).sum(axis=-1), 1.2)


def calm(picture: Picture) -> Picture:
    """Without grain."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8)


def nowhere(height: int, width: int) -> Field:
    """Distances of a thing that is not in the picture."""
    return np.full((height, width), -FAR, np.float32)

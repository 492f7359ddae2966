"""Judging frames by those around them: repeats, flashes, and jumps of exposure and gamma."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...schema.qc import Finding, FindingKind
from .judge import is_flat
from .repeats import Repeats, Still
from .signature import Change, Signature, change_between
from .words import level

if TYPE_CHECKING:
    from .judge import Judge
    from .measure import Measured

LEAST_CONTRAST = 0.01  # below it, the picture is another
CALM = 3.0  # how many times as large as its neighbours' changes a jump is
MISFIT = 0.2  # stops that parts of the same picture may lie off; more is another picture
WINDOW = 4  # two frames before the one that is judged, and one behind


@dataclass(frozen=True)
class _Frame:
    number: int
    brightness: float
    is_lit: bool
    change: Change | None


class Neighbours:
    """Takes frames in order; some are judged when the next one came.

    Args:
        judge: knows the limits.
    """

    def __init__(self, judge: Judge) -> None:
        limits = judge.limits
        self._judge = judge
        self._limits = limits
        self._still = Still(limits.same)
        self._repeats = Repeats(limits.same, limits.duplicate_back)
        self._frames: deque[_Frame] = deque(maxlen=WINDOW)
        self._before: Signature | None = None

    def add(self, one: Measured) -> Iterator[Finding]:
        """What the next frame shows: of itself, and of the one before it."""
        if one.frame is None or one.trouble is not None:
            yield from self.end()
            return
        signature = Signature.unpacked(one.content, one.looks)
        is_lit = not (self._judge.is_black(one) or is_flat(one))
        yield from self._repeated(one.frame, signature, is_lit=is_lit)
        change = change_between(self._before, signature) if self._before is not None else None
        self._before = signature
        self._frames.append(_Frame(one.frame, one.brightness, is_lit, change))
        yield from self._judged(is_last=False)

    def end(self) -> Iterator[Finding]:
        """What the last frame of a row shows."""
        yield from self._judged(is_last=True)
        self._frames.clear()
        self._still.forget()
        self._before = None

    def _repeated(self, frame: int, signature: Signature, *, is_lit: bool) -> Iterator[Finding]:
        count = self._still.add(signature)
        if not is_lit:
            return
        if count:
            if count > self._limits.frozen_allow:
                text = f"the same as frame {self._frames[-1].number}" + (f", {count} in a row" if count > 1 else "")
                facts = {"like": self._frames[-1].number, "amount": float(count)}
                limit = float(self._limits.frozen_allow)
                yield from self._judge.finding(FindingKind.FROZEN, frame, text, limit=limit, **facts)
            return
        like = self._repeats.find(signature)
        if like is not None:
            yield from self._judge.finding(FindingKind.DUPLICATE, frame, f"the same as frame {like}", like=like)
        self._repeats.keep(frame, signature)

    def _judged(self, *, is_last: bool) -> Iterator[Finding]:
        """The frame that is known from both sides: the one before the last, or the last of all."""
        frames = list(self._frames)
        at = len(frames) - (1 if is_last else 2)
        if at < 1:
            return
        before, here = frames[at - 1], frames[at]
        behind = frames[at + 1] if at + 1 < len(frames) else None
        if not (before.is_lit and here.is_lit):
            return
        if behind is not None and behind.is_lit and self._is_flash(before, here, behind):
            jump = here.brightness - (before.brightness + behind.brightness) / 2
            word = "brighter" if jump > 0 else "darker"
            text = f"one frame is {word} than both beside it, by a level of {level(abs(jump))}"
            facts = {"amount": round(abs(jump), 6), "limit": self._limits.flash}
            yield from self._judge.finding(FindingKind.FLASH, here.number, text, **facts)
            return
        yield from self._jump(before, here, behind)

    def _is_flash(self, before: _Frame, here: _Frame, behind: _Frame) -> bool:
        up, down = here.brightness - before.brightness, here.brightness - behind.brightness
        least = min(abs(up), abs(down))
        return up * down > 0 and least > self._limits.flash and abs(up - down) < least / 2

    def _jump(self, before: _Frame, here: _Frame, behind: _Frame | None) -> Iterator[Finding]:
        """A change of all of a picture, unlike those from frame to frame around it."""
        change = here.change
        if change is None:
            return
        others = [one.change for one in (before, behind) if one is not None and one.change is not None]
        stretched = [_stretch(one) for one in others]
        contrast, stops = _stretch(change), abs(change.stops)
        if contrast is not None and None not in stretched:
            calm = max((one for one in stretched if one is not None), default=0.0) * CALM < contrast
            if contrast > math.log2(1 + self._limits.gamma) and change.misfit <= MISFIT and calm:
                text = f"contrast is {change.contrast:.2f} times that of frame {before.number}, which shows the same"
                facts = {"amount": round(change.contrast or 0.0, 4), "limit": self._limits.gamma}
                yield from self._judge.finding(FindingKind.GAMMA, here.number, text, **facts)
                return
        calm = max((abs(one.stops) for one in others), default=0.0) * CALM < stops
        if stops > self._limits.exposure and change.misfit <= min(MISFIT, stops / 2) and calm:
            word = "brighter" if change.stops > 0 else "darker"
            text = f"{stops:.2f} stops {word} than frame {before.number}, which shows the same"
            facts = {"amount": round(change.stops, 4), "limit": self._limits.exposure}
            yield from self._judge.finding(FindingKind.EXPOSURE, here.number, text, **facts)


def _stretch(change: Change) -> float | None:
    """How much contrast changed, as much up as down: 1 is twice or half; None: there is too little to tell."""
    return None if change.contrast is None else abs(math.log2(max(change.contrast, LEAST_CONTRAST)))

"""Frames that repeat others: the one before, or an earlier one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .signature import HEIGHT, STEPS, WIDTH, Signature, is_same

if TYPE_CHECKING:
    from numpy.typing import NDArray

ACROSS, DOWN = 8, 3  # parts of the coarse picture that most frames are told apart by


@dataclass(frozen=True)
class _Seen:
    frame: int
    signature: Signature


class Still:
    """Counts how many frames in a row equal the one before.

    Args:
        by: level that they may differ by.
    """

    def __init__(self, by: float) -> None:
        self._by = by
        self._before: Signature | None = None
        self.count = 0

    def add(self, signature: Signature) -> int:
        """How many frames up to this one equal their predecessor without a break; 0: this one does not."""
        held = self._before is not None and is_same(self._before, signature, by=self._by)
        self.count = self.count + 1 if held else 0
        self._before = signature
        return self.count

    def forget(self) -> None:
        """The next frame has none before it."""
        self._before, self.count = None, 0


class Repeats:
    """Finds the frame that a later one repeats.

    Args:
        by: level that they may differ by.
        back: how many frames back nearly equal ones are looked for. Those with equal content are found in all.
    """

    def __init__(self, by: float, back: int) -> None:
        self._by = by
        self._first: dict[str, int] = {}
        self._recent: deque[_Seen] = deque(maxlen=back)
        self._coarse = np.zeros((max(back, 1), ACROSS * DOWN), dtype=np.int32)
        self._count = 0

    def find(self, signature: Signature) -> int | None:
        """The first frame with the same content, else the last that nearly equals it; None: there is none."""
        if signature.content in self._first:
            return self._first[signature.content]
        if self._by <= 0 or not self._recent:
            return None
        size = len(self._recent)
        apart = np.abs(self._coarse[self._places(size)] - _coarse(signature)).max(axis=1)
        for at in np.flatnonzero(apart <= 2 * self._by * STEPS)[::-1]:
            seen = self._recent[int(at)]
            if is_same(seen.signature, signature, by=self._by):
                return seen.frame
        return None

    def keep(self, frame: int, signature: Signature) -> None:
        """Remember a frame."""
        self._first.setdefault(signature.content, frame)
        if self._recent.maxlen:
            self._coarse[self._count % len(self._coarse)] = _coarse(signature)
            self._recent.append(_Seen(frame, signature))
            self._count += 1

    def _places(self, size: int) -> NDArray[np.intp]:
        """Where the coarse pictures of the recent frames lie, the oldest first."""
        return (np.arange(self._count - size, self._count) % len(self._coarse)).astype(np.intp)


def _coarse(signature: Signature) -> NDArray[np.int32]:
    small = signature.small.reshape(DOWN, HEIGHT // DOWN, ACROSS, WIDTH // ACROSS)
    return np.asarray(small.mean(axis=(1, 3)).reshape(-1), dtype=np.int32)

"""Keys: as few frames as say a whole motion, when everything moves linearly between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .curves import evaluate
from .distances import measure_change
from .outlines import measure_area

Floats = NDArray[np.float64]
SPACING_PX = 4.0  # of the points whose distances are taken
ROUNDING_PX = 0.1  # of a chord of that length, kept off the tolerance
AREA_SHARE = 0.018  # of a shape, that a dropped frame may cover otherwise; over a whole gap it is half of that
LEAST_MEAN_PX = 0.15  # along the curve: no key is worth less, however small the shape
MOST_AT_ONCE = 64  # frames that one check takes into memory


def choose_keys(frames: Sequence[int], curves: Floats, *, key_px: float) -> list[int]:
    """Indices of frames that keep a key: each gap as long as all curves in it allow.

    A frame may be dropped when the curve between its neighbouring keys lies within ``key_px`` of the curve that was
    fitted there, measured between the curves, and covers nearly the same area, so that small shapes keep theirs. Every
    dropped frame of a gap is looked at, so slow drift is kept.

    Args:
        frames: ascending.
        curves: (T, K, 6) or wider; the first six numbers count.
        key_px: 0 keeps all.
    """
    last = len(frames) - 1
    if key_px <= 0 or last <= 1:
        return list(range(last + 1))
    bare = curves[..., :6]
    motion = _Motion(np.asarray(frames, np.float64), bare, _allow(bare), max(key_px - ROUNDING_PX, key_px / 2))
    keys = [0]
    while keys[-1] < last:
        keys.append(_farthest(motion, keys[-1]))
    return keys


class _Motion(NamedTuple):
    numbers: Floats  # of the frames
    curves: Floats
    means: Floats  # pixels that the curve of a dropped frame may be off on average
    tolerance: float  # pixels that it may be off at most


def _allow(curves: Floats) -> Floats:
    """(T,) the mean distance along each curve that keeps its area nearly as it is."""
    points = evaluate(curves, np.arange(8) / 8).reshape(len(curves), -1, 2)
    steps = np.roll(points, -1, axis=1) - points
    length = np.hypot(steps[..., 0], steps[..., 1]).sum(axis=1)
    areas = np.array([abs(measure_area(row)) for row in points])
    allowed: Floats = np.maximum(AREA_SHARE * areas / np.maximum(length, 1e-9), LEAST_MEAN_PX)
    return allowed


def _farthest(motion: _Motion, start: int) -> int:
    """The farthest next key that was found by doubling the gap and halving it again."""
    last = len(motion.numbers) - 1
    good, step = start + 1, 2
    bad = last + 1
    while good < last:
        trial = min(start + step, last)
        if not _holds(motion, start, trial):
            bad = trial
            break
        good, step = trial, step * 2
    while bad - good > 1:
        trial = (good + bad) // 2
        if _holds(motion, start, trial):
            good = trial
        else:
            bad = trial
    return good


def _holds(motion: _Motion, start: int, end: int) -> bool:
    numbers, curves, means, tolerance = motion
    # The middle of a gap goes wrong first.
    inner = np.arange(start + 1, end)
    inner = inner[np.argsort(np.abs(inner - (start + end) / 2), kind="stable")]
    for first in range(0, len(inner), MOST_AT_ONCE):
        at = inner[first : first + MOST_AT_ONCE]
        shares = ((numbers[at] - numbers[start]) / (numbers[end] - numbers[start]))[:, None, None]
        between = curves[start] + shares * (curves[end] - curves[start])
        largest, mean = measure_change(between, curves[at], spacing_px=SPACING_PX)
        if largest.max() > tolerance or (mean > means[at]).any():
            return False
    return True

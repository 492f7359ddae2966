"""Jumps in a row of figures: places where it does not go on as it went around them.

A change from one frame to the next is a jump where it differs from the changes around it by more than the whole row
usually does. Jumps that follow each other closely enclose frames that are wrong; the frame after the last one is where
all is well again.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row = NDArray[np.float64]

WINDOW = 11  # changes that say what is usual somewhere: the nearest ones, itself among them
LONG_WINDOW = 31  # the same of figures that hover about one level
TIMES_USUAL = 6.0  # so far beyond the usual; 4.9 of a normal distribution's standard deviations are one in a million
BRIDGE = 8  # frames between two jumps that belong together
NEAR_END = 6  # frames between a jump and the clip's end, which belong together as well
TO_NORMAL = 1.4826  # of a median absolute deviation, to a normal distribution's standard deviation


def surprises(row: Sequence[float]) -> Row:
    """How much each change differs from those around it: one number for each place but the first, less near the ends.

    Args:
        row: figures in the order of the frames; NaN where there is none, and then in the result as well.
    """
    changes = np.diff(np.asarray(row, dtype=np.float64))
    expected, unsure = _on_the_line(changes)
    return (changes - expected) / unsure


def deviations(row: Sequence[float]) -> Row:
    """How far each figure lies above those around it, or below; NaN where there is none."""
    values = np.asarray(row, dtype=np.float64)
    return values - _median(_near(values, LONG_WINDOW)[0])


def jump_places(found: Row, *, least: float, upwards: bool = False) -> list[int]:
    """Where surprises are large.

    Args:
        found: of ``surprises`` or ``deviations``.
        least: what is smaller is none, however quiet the row is.
        upwards: whether only what lies above counts.
    """
    known = np.abs(found[np.isfinite(found)])
    if len(known) == 0:
        return []
    usual = TO_NORMAL * float(np.median(known))
    size = found if upwards else np.abs(found)
    return [int(place) for place in np.flatnonzero(size > max(least, TIMES_USUAL * usual))]


def enclosed(places: Sequence[int], count: int) -> set[int]:
    """The frames that jumps enclose.

    Args:
        places: of jumps, ascending, each the first frame behind one.
        count: of all frames.

    Returns:
        From each jump up to the next that is near; a jump alone is the frames on either side
        of it, since nothing says which of them is wrong, or all frames up to a near end.
    """
    wrong: set[int] = set()
    start = 0
    while start < len(places):
        end = start
        while end + 1 < len(places) and places[end + 1] - places[end] <= BRIDGE:
            end += 1
        first, last = places[start], places[end]
        if end > start:
            wrong.update(range(first, count if last == count - 1 else last))
        elif first <= NEAR_END:
            wrong.update(range(first))
        elif count - first <= NEAR_END:
            wrong.update(range(first, count))
        else:
            wrong.update((first - 1, first))
        start = end + 1
    return wrong


def _on_the_line(values: Row) -> tuple[Row, Row]:
    """What each value would be on the line through those around it, and how much less sure that is near an end.

    In the middle of its neighbours a line's error is that of a mean; it grows to twice that at their ends.

    Source:
        A. F. Siegel, "Robust regression using repeated medians", Biometrika 69, 1982: up to half of the values may be
        wrong.
    """
    near, own = _near(values, WINDOW)
    along = np.arange(near.shape[1], dtype=np.float64)
    gaps = along[np.newaxis, :] - along[:, np.newaxis]
    np.fill_diagonal(gaps, np.nan)
    slope = _median(_median((near[:, np.newaxis, :] - near[:, :, np.newaxis]) / gaps))
    expected: Row = _median(near - slope[:, np.newaxis] * along) + slope * own
    off_middle = 2 * own / max(near.shape[1] - 1, 1) - 1
    return expected, np.sqrt(1 + 3 * off_middle**2)


def _near(values: Row, window: int) -> tuple[Row, NDArray[np.intp]]:
    """The values around each one, which itself is NaN there, and the place among them that it has."""
    count = len(values)
    size = min(window, count)
    starts = np.clip(np.arange(count) - size // 2, 0, count - size)
    near = values[starts[:, np.newaxis] + np.arange(size)]
    own = np.arange(count) - starts
    near[np.arange(count), own] = np.nan
    return near, own


def _median(values: Row) -> Row:
    """Medians along the last axis of what is known; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of rows of which nothing is known
        found: Row = np.nanmedian(values, axis=-1)
    return found

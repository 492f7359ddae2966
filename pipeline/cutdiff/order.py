"""Which clips were moved: those that do not follow the order that most of them kept."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


def longest_ascent(values: Sequence[int]) -> list[int]:
    """The places of a longest run of values that never falls, ascending; others may lie between.

    A cut of n clips costs n binary searches, so one clip that is put in front of all others costs no more than one that
    is put at the end.

    Source:
        C. Schensted, "Longest increasing and decreasing subsequences", Canadian Journal of Mathematics, 1961;
        as patience sorting, with the piles' tops kept.
    """
    tops: list[int] = []  # the smallest value that a run of each length can end with
    ends: list[int] = []  # where that value stands
    before = [-1] * len(values)  # where the run that ends here stood one value ago
    for place, value in enumerate(values):
        length = bisect_right(tops, value)
        before[place] = ends[length - 1] if length else -1
        tops[length : length + 1] = [value]
        ends[length : length + 1] = [place]
    run = []
    place = ends[-1] if ends else -1
    while place >= 0:
        run.append(place)
        place = before[place]
    return run[::-1]

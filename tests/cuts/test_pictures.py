"""Pictures of two cuts: what is drawn where, looked up by the colour of a change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from cut_sides import HEAD, cut, shots, use

from shotmill.pipeline.cutdiff import compare
from shotmill.pipeline.cutdiff import picture as drawn
from shotmill.pipeline.cutdiff.picture import COLOURS, GAINED, LANE, LOST, MARGIN, RULER, TOP, WIDTH
from shotmill.schema.cutdiff import Change, CutSide

BETWEEN = drawn.BETWEEN
OLD, NEW = TOP + RULER + 3, TOP + RULER + LANE + BETWEEN + 3  # a line of pixels in the bars, above their names

Draw = Callable[[CutSide, CutSide], np.ndarray]


@pytest.fixture
def draw() -> Draw:
    return lambda old, new: drawn.draw(old, new, compare(old, new))


def columns(picture: np.ndarray, line: int, colour: tuple[int, int, int]) -> tuple[int, int]:
    """First and last column of a colour in a line of pixels."""
    found = np.flatnonzero((picture[line] == colour).all(axis=1))
    return int(found[0]), int(found[-1])


def test_bars_lie_where_their_clips_do(draw: Draw) -> None:
    picture = draw(cut(*shots("abcd")), cut(*shots("acd"), use("e")))
    quarter = (WIDTH - 2 * MARGIN) / 4
    left, right = columns(picture, OLD, COLOURS[Change.REMOVED])
    assert (left, right) == (round(MARGIN + quarter), round(MARGIN + 2 * quarter) - 2)
    left, right = columns(picture, NEW, COLOURS[Change.ADDED])
    assert (left, right) == (round(MARGIN + 3 * quarter), WIDTH - MARGIN - 2)


def test_frames_that_a_trim_won_or_lost_are_as_wide_as_they_are_many(draw: Draw) -> None:
    foot = LANE - 6
    old, new = cut(use("a"), use("b")), cut(use("a", HEAD - 12), use("b", HEAD, HEAD + 11))
    picture = draw(old, new)
    a_quarter = (WIDTH - 2 * MARGIN) / 4
    assert columns(picture, NEW + foot, GAINED) == (MARGIN, round(MARGIN + a_quarter) - 1)
    left, right = columns(picture, OLD + foot, LOST)
    assert right - left == pytest.approx(a_quarter, abs=2)


def test_a_long_cut_shows_the_rows_with_a_change_and_says_so(draw: Draw) -> None:
    names = [f"s{number:04d}" for number in range(2000)]
    short = draw(cut(*shots(names[:8])), cut(use("new"), *shots(names[:8])))
    long = draw(cut(*shots(names)), cut(use("new"), *shots(names)))
    assert short.shape[0] < long.shape[0] < short.shape[0] + 60  # one row, and the line that says it
    assert (long[NEW] == COLOURS[Change.ADDED]).all(axis=1).any()


def test_an_empty_cut_has_a_picture(draw: Draw) -> None:
    assert draw(cut(), cut(use("a"))).shape[1] == WIDTH


def test_tracks_lie_above_each_other(draw: Draw) -> None:
    two = cut(use("a"), use("b", track="V2"))
    picture = draw(two, cut(use("a")))
    assert (picture[OLD] == COLOURS[Change.REMOVED]).all(axis=1).any()
    assert not (picture[OLD + LANE] == COLOURS[Change.REMOVED]).all(axis=1).any()

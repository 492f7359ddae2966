"""Which loop of a frame is which of the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from shape_clips import Inside, count_inside, disc, either, rectangle, without

from shotmill.pipeline.shapes.contours import trace_loops
from shotmill.pipeline.shapes.tracks import Tracker


def lives(make: Callable[[int], Inside], frames: Sequence[int] = range(1, 7)) -> dict[str, tuple[int, int]]:
    tracker = Tracker()
    tracks = []
    for frame in frames:
        matte = count_inside(make(frame), 121, 83, fine=2)
        tracks += tracker.add(frame, trace_loops(matte, min_area_px=4))
    tracks += tracker.close()
    return {track.name: (track.frames[0], track.frames[-1]) for track in tracks}


def test_a_split_ends_the_whole_and_begins_its_parts() -> None:
    """Roto fact 14: where one becomes two, a shape ends and others begin."""
    found = lives(lambda frame: either(disc(60 - 6 * frame, 40, 15), disc(60 + 6 * frame, 40, 15)))
    assert found == {"shape1": (1, 2), "shape2": (3, 6), "shape3": (3, 6)}


def test_a_merge_ends_the_parts_and_begins_the_whole() -> None:
    found = lives(lambda frame: either(disc(18 + 6 * frame, 40, 15), disc(102 - 6 * frame, 40, 15)))
    assert found == {"shape1": (1, 4), "shape2": (1, 4), "shape3": (5, 6)}


def test_a_crumb_that_breaks_off_leaves_the_shape_its_life() -> None:
    found = lives(lambda frame: either(disc(40, 40, 20), disc(58 + 3 * frame, 40, 4)))
    assert found["shape1"] == (1, 6)
    assert found["shape2"] == (3, 6)


def test_a_hole_that_opens_ends_while_its_outline_lives_on() -> None:
    """Roto fact 14: a hole has a life of its own."""
    ring = without(disc(60, 40, 30), disc(60, 40, 12))
    found = lives(lambda frame: ring if frame < 4 else without(ring, rectangle(80, 40, (20, 2), 0)))
    assert found == {"shape1": (1, 6), "shape1_hole1": (1, 3)}


def test_what_is_away_for_a_frame_comes_back_as_another() -> None:
    found = lives(lambda frame: disc(60, 40, 20 if frame != 3 else 0))
    assert found == {"shape1": (1, 2), "shape2": (4, 6)}


@pytest.mark.parametrize("speed", [3, 12, 17])
def test_what_moves_farther_than_its_size_stays_itself(speed: int) -> None:
    assert lives(lambda frame: disc(5 + speed * frame, 40, 5)) == {"shape1": (1, 6)}


def test_neighbours_that_move_together_are_not_mixed_up() -> None:
    found = lives(lambda frame: either(*(disc(15 + 26 * at + 4 * frame, 40, 11) for at in range(3))))
    assert found == {"shape1": (1, 6), "shape2": (1, 6), "shape3": (1, 6)}


def test_what_grows_to_many_times_its_size_at_once_is_another() -> None:
    found = lives(lambda frame: disc(60, 40, 6 if frame < 4 else 30))
    assert found == {"shape1": (1, 3), "shape2": (4, 6)}


def test_frames_need_not_follow_each_other() -> None:
    assert lives(lambda frame: disc(frame - 960, 40, 10), [1001, 1003, 1010]) == {"shape1": (1001, 1010)}

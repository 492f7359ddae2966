"""A movie gives the frame that was asked for, whatever its codec, rate, container and stamps, in any order."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from movie_makers import Made
from movie_shelf import SHELF
from numbered import read_number

from shotmill.pipeline.movies import Movie

Shelf = Callable[[str], Made]  # see conftest.py
SIZE = (64, 36)
SEEKS = -(-1000 // len(SHELF))  # of each movie: 1,000 in all


def numbers_at(made: Made, places: list[int]) -> list[int]:
    with Movie(made.path) as movie:
        return [read_number(movie.frame(place, size=SIZE)) for place in places]


@pytest.mark.parametrize("name", SHELF)
def test_each_of_a_thousand_seeks_finds_its_frame(shelf: Shelf, name: str) -> None:
    made = shelf(name)
    dice = random.Random(name)
    places = [dice.randrange(len(made.numbers)) for _ in range(SEEKS)]
    assert numbers_at(made, places) == [made.numbers[place] for place in places]


@pytest.mark.parametrize("name", SHELF)
def test_a_movie_has_as_many_frames_as_it_shows(shelf: Shelf, name: str) -> None:
    made = shelf(name)
    with Movie(made.path) as movie:
        assert movie.header.frames == len(made.numbers)


@pytest.mark.parametrize("name", SHELF)
def test_the_first_and_the_last_frame_are_found(shelf: Shelf, name: str) -> None:
    made = shelf(name)
    assert numbers_at(made, [len(made.numbers) - 1, 0]) == [made.numbers[-1], made.numbers[0]]


@pytest.mark.parametrize("name", SHELF)
def test_rates_are_exact(shelf: Shelf, name: str) -> None:
    made = shelf(name)
    with Movie(made.path) as movie:
        assert str(movie.header.rate) == made.rate


@pytest.mark.parametrize("name", ["long GOP 24", "open GOP 29.97, cut", "open GOP in a transport stream", "HEVC"])
def test_frames_one_after_the_other_are_all_there(shelf: Shelf, name: str) -> None:
    made = shelf(name)
    assert numbers_at(made, list(range(len(made.numbers)))) == list(made.numbers)


def test_frames_come_in_the_order_asked_for(shelf: Shelf) -> None:
    with Movie(shelf("open GOP 25").path) as movie:
        assert [read_number(picture) for picture in movie.frames([40, 3, 40, 17], size=SIZE)] == [40, 3, 40, 17]


@pytest.mark.parametrize("frame", [10, 11, 12])
def test_where_a_phone_dropped_frames_the_one_before_stays_on_screen(shelf: Shelf, frame: int) -> None:
    made = shelf("variable rate")  # 24 fps without 10 to 14: 22 fps on average, so frame 10 is shown at 0.4545 s
    assert numbers_at(made, [frame, frame + 20, frame]) == [9, round((frame + 20) * 24 / 22), 9]


def decoded_for(made: Made, calls: list[list[int]]) -> int:
    with Movie(made.path) as movie:
        for places in calls:
            movie.frames(places, size=SIZE)
        return movie.decoded


def test_what_nothing_refers_to_is_left_out_on_the_way(shelf: Shelf) -> None:
    assert decoded_for(shelf("long GOP 24"), [[80]]) <= 48  # of 81: two in four are referred to


@pytest.mark.parametrize("name", ["ProRes 24", "DNxHR 24", "DNxHD 36", "all-intra H.264", "MJPEG in avi"])
def test_where_frames_stand_alone_each_seek_decodes_one(shelf: Shelf, name: str) -> None:
    assert decoded_for(shelf(name), [[7], [2], [6], [0]]) == 4


def test_an_open_group_costs_two_groups_at_most(shelf: Shelf) -> None:
    assert all(decoded_for(shelf("open GOP 24"), [[place]]) <= 24 for place in range(60))


def test_a_strip_of_a_long_group_decodes_it_once(shelf: Shelf) -> None:
    assert decoded_for(shelf("long GOP 24"), [list(range(0, 96, 8))]) <= 96


def test_walking_on_frame_by_frame_decodes_little_more_than_each_once(shelf: Shelf) -> None:
    assert decoded_for(shelf("long GOP 24"), [[place] for place in range(96)]) <= 2 * 96


def test_a_preview_waits_for_nothing_behind_its_frame(shelf: Shelf) -> None:
    with Movie(shelf("long GOP 24").path) as previewed, Movie(shelf("long GOP 24").path) as stored:
        previewed.frames([40], size=SIZE)
        stored.frames([40])  # whoever takes frames as they are stored may well walk on
        assert previewed.decoded < stored.decoded


def test_previews_of_neighbours_decode_their_group_twice_at_most(shelf: Shelf) -> None:
    assert decoded_for(shelf("long GOP 24"), [[place] for place in range(40, 80, 5)]) <= 45 + 96

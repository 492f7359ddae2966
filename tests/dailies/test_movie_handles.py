"""Handles of clips that are movies: frames before and after the cut's, as far as the file has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from movie_jobs import MovieStudio, rising_sound, shot
from movie_makers import INTRA, LONG_GOP, SHORT_GOP, Made, ffmpeg
from movie_makers import movie as make_movie
from numbered import read_number

from shotmill.pipeline.movies import Movie, measure
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip

SIZE = (64, 36)
SMALL = {"slate": 0, "burn_in": False, "codec": "prores-proxy", "width": 64}


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Frames 0 to 29, from 01:00:00:00 on."""
    path = tmp_path_factory.mktemp("take") / "take.mov"
    return make_movie(path, SHORT_GOP, frames=30, size=SIZE, options=("-timecode", "01:00:00:00"))


def clip_of(path: Path, first: int, last: int, *, name: str = "take") -> Clip:
    return Clip(name=name, media=str(path), frames=FrameSet.span(first, last), entity=shot("take"))


def numbers(path: Path) -> list[int]:
    with Movie(path) as found:
        return [read_number(picture) for picture in found.frames(range(found.header.frames))]


def facts(outputs: Sequence[Any]) -> list[tuple[int, ...]]:
    return [tuple(one.facts[name] for name in ("head", "tail", "first", "shown")) for one in outputs]


@pytest.mark.parametrize(
    ("used", "shown", "told", "code"),
    [
        pytest.param((10, 14), (6, 18), (4, 4, 4, 5), "01:00:00:06", id="enough on both sides"),
        pytest.param((4, 25), (0, 29), (4, 4, 4, 22), "01:00:00:00", id="just enough"),
        pytest.param((1, 27), (0, 29), (1, 2, 1, 27), "01:00:00:00", id="too few on both sides"),
        pytest.param((0, 29), (0, 29), (0, 0, 0, 30), "01:00:00:00", id="none"),
        pytest.param((29, 29), (25, 29), (4, 0, 4, 1), "01:00:01:01", id="the last frame alone"),
    ],
)
def test_handles_of_a_movie_go_as_far_as_it_goes(
    movies: MovieStudio, take: Made, used: tuple[int, int], shown: tuple[int, int], told: tuple[int, ...], code: str
) -> None:
    ran = movies.run("dailies", [clip_of(take.path, *used)], SMALL, handles=4)
    assert numbers(ran.movie) == list(range(shown[0], shown[1] + 1))
    assert (facts(ran.outputs()), measure(ran.movie).timecode) == ([told], code)


def test_a_movie_that_lacks_handles_is_told(movies: MovieStudio, take: Made) -> None:
    ran = movies.run("dailies", [clip_of(take.path, 1, 27)], SMALL, handles=4)
    wanted = [f"take: has {have} of 4 frames of handles {where} it" for have, where in ((1, "before"), (2, "after"))]
    assert ran.notes == wanted


@pytest.mark.parametrize("coded", [LONG_GOP, INTRA], ids=["long GOP", "all-intra"])
@pytest.mark.parametrize("codec", ["h264", "prores-proxy"])
def test_a_reel_leaves_out_the_handles_of_movies(
    movies: MovieStudio, tmp_path: Path, coded: tuple[str, ...], codec: str
) -> None:
    """One movie is used three times, once behind and once over what was shown before."""
    made = make_movie(tmp_path / "take.mov", coded, frames=30, size=SIZE)
    uses = {"a": (20, 23), "b": (3, 6), "c": (5, 9)}
    places, at = {}, 0
    for name, (first, last) in uses.items():
        places[name] = {"record_in": at, "record_out": at + last - first}
        at += last - first + 1
    edit = {"name": "cut", "rate": "24", "start_frame": 0, "duration": at, "places": places}
    clips = [clip_of(made.path, *used, name=name) for name, used in uses.items()]
    ran = movies.run("dailies", clips, {**SMALL, "codec": codec}, edit=edit, handles=5)
    assert [numbers(path) for path in ran.paths()] == [
        list(range(15, 29)), list(range(12)), list(range(15)),
    ]  # fmt: skip
    [reel] = ran.paths("reel")
    assert numbers(reel) == [*range(20, 24), *range(3, 7), *range(5, 10)]


def test_the_sound_of_a_movie_covers_its_handles(movies: MovieStudio, take: Made, tmp_path: Path) -> None:
    """Frames 6 to 17: samples count milliseconds."""
    source = tmp_path / "loud.mov"
    sound = rising_sound(tmp_path / "mix.wav", 1.25)
    ffmpeg("-i", take.path, "-i", sound, "-map", "0:v", "-map", "1:a", "-c", "copy", source)
    ran = movies.run("dailies", [clip_of(source, 10, 13)], SMALL, handles=4)
    found = measure(ran.movie)
    assert found.frames == 12
    assert float(found.sound_end_s) == pytest.approx(12 / 24, abs=1e-4)

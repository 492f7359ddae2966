"""Work that overlaps comes out in order, and never holds more than it may."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from movie_jobs import MovieStudio

from shotmill.pipeline.dailies.canvas import canvas_of
from shotmill.pipeline.dailies.pictures import FLIGHT_BYTES, MOST_WORKERS, bounds
from shotmill.pipeline.images import read_frame
from shotmill.pipeline.movies import encode_movie
from shotmill.pipeline.overlap import Overlap
from shotmill.schema.media import Clip


def test_results_come_in_the_order_of_the_items() -> None:
    late = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            late.wait(5)
        if item == 3:
            late.set()
        return item * item

    assert list(Overlap(work, workers=4, ahead=6).run(range(20))) == [item * item for item in range(20)]


def test_five_thousand_frames_hold_no_more_than_five_do() -> None:
    """Counted where they are made and where they are taken: what is in between is in memory."""
    made, most, taken = 0, 0, 0
    lock = threading.Lock()

    def work(item: int) -> bytearray:
        nonlocal made, most
        with lock:
            made += 1
            most = max(most, made - taken)
        return bytearray(item % 7)

    overlap = Overlap(work, workers=3, ahead=5)
    for _result in overlap.run(range(5000)):
        with lock:
            taken += 1
    assert (made, taken) == (5000, 5000)
    assert overlap.most == 5
    assert most <= 6  # the one that was just handed out, and five more


def test_the_first_failure_ends_the_work() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 4:
            raise ValueError("frame 4 is gone")
        return item

    found = []
    with pytest.raises(ValueError, match="frame 4 is gone"):
        for result in Overlap(work, workers=2, ahead=3).run(range(1000)):
            found.append(result)  # noqa: PERF402 - what came before the error counts
    assert found == [0, 1, 2, 3]
    assert max(begun) < 10


@pytest.mark.parametrize("size", [(1920, 1080), (4096, 3112), (8192, 8192)], ids=str)
@pytest.mark.parametrize("cores", [1, 2, 16, 128])
def test_frames_in_flight_take_no_more_memory_than_they_may(size: tuple[int, int], cores: int) -> None:
    """Counted as four copies of a frame in floating point each."""
    workers, ahead = bounds(size, canvas_of(size, 1.0), cores)
    frame = size[0] * size[1] * 3 * 4 * 4
    assert 1 <= workers <= MOST_WORKERS
    assert ahead == 2 or ahead * frame <= FLIGHT_BYTES


def test_a_movie_holds_as_many_frames_as_its_bound_says(movies: MovieStudio, plate_clip: Clip) -> None:
    ran = movies.run("proxy", [plate_clip], width=64)
    assert 1 <= ran.outputs()[0].facts["in_flight"] <= MOST_WORKERS + 2


def test_frames_are_read_and_converted_while_the_encoder_has_another(
    movies: MovieStudio, plate_clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The encoder is not given its first frame before the third one is read: one after the other, it would wait."""
    third_is_read = threading.Event()
    in_time: list[bool] = []

    def told(path: Path, **how: Any) -> Any:
        found = read_frame(path, **how)
        if "1003" in path.name:
            third_is_read.set()
        return found

    def late(path: Path, frames: Iterable[Any], form: Any) -> Any:
        frames = iter(frames)
        first = next(frames)
        in_time.append(third_is_read.wait(20))
        return encode_movie(path, itertools.chain([first], frames), form)

    monkeypatch.setattr("shotmill.pipeline.dailies.pictures.read_frame", told)
    monkeypatch.setattr("shotmill.pipeline.dailies.shot.encode_movie", late)
    ran = movies.run("dailies", [plate_clip], width=128, slate=0)
    assert (in_time, ran.failure) == ([True], "")


def test_each_frame_is_read_once_though_the_slate_shows_one_of_them(
    movies: MovieStudio, plate_clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[str] = Counter()

    def counted(path: Path, **how: Any) -> Any:
        read[path.name] += 1
        return read_frame(path, **how)

    monkeypatch.setattr("shotmill.pipeline.dailies.pictures.read_frame", counted)
    ran = movies.run("dailies", [plate_clip], frames="1001-1003", width=128)
    assert ran.outputs()[0].facts["slate"] > 0
    assert (len(read), set(read.values())) == (3, {1})

"""A filmstrip shows evenly spaced frames of one clip, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shotmill.pipeline.images import read_image
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip
from shotmill.submitters.demo.scene import read_number

RunJob = Callable[..., Any]  # see conftest.py


def numbers_in(run_job: RunJob, clip: Clip, count: int) -> list[int]:
    path = run_job("filmstrip", [clip], count=count, width=320, gap=0, labels=False, format="png").file("draw")
    strip = read_image(path).pixels
    return [read_number(strip[:, x : x + 320]) for x in range(0, strip.shape[1], 320)]


def test_the_frames_are_spread_from_the_first_to_the_last(run_job: RunJob, movie_clip: Clip) -> None:
    assert numbers_in(run_job, movie_clip, 4) == [4, 10, 17, 23]


def test_a_sequence_with_gaps_shows_what_is_there(run_job: RunJob, plate_clip: Clip) -> None:
    clip = plate_clip.model_copy(update={"holes": FrameSet.parse("1004-1011")})
    assert numbers_in(run_job, clip, 4) == [1003, 1012]


def test_labels_stand_below_the_frames(run_job: RunJob, movie_clip: Clip) -> None:
    [(output, _paths)] = run_job("filmstrip", [movie_clip], count=3, width=320, gap=4).outputs("draw")
    assert (output.width, output.height) == (3 * 320 + 2 * 4, 180 + 38)
    assert output.facts["frames"] == [4, 14, 23]


def test_the_same_clip_gives_the_same_bytes(run_job: RunJob, movie_clip: Clip) -> None:
    first, second = (run_job("filmstrip", [movie_clip]).receipts("draw")[0].outputs for _ in range(2))
    assert first == second

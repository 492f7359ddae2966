"""Walks backwards through movies whose frames need those before them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from movie_makers import LONG_GOP, flipped, movie

from shotmill.pipeline.movies import Movie, decode
from shotmill.schema.errors import InputCorruptError

COUNT = 48


def test_a_walk_backwards_gives_the_same_frames_and_decodes_few_of_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = movie(tmp_path / "long.mp4", LONG_GOP, frames=COUNT, size=(64, 36))
    monkeypatch.setattr(decode, "BEHIND_BYTES", 12 * 64 * 36 * 3)
    with Movie(made.path) as there, Movie(made.path) as back:
        forwards = [there.frame(number) for number in range(COUNT)]
        backwards = [back.frame(number) for number in reversed(range(COUNT))]
        for one, other in zip(forwards, reversed(backwards), strict=True):
            np.testing.assert_array_equal(one, other)
        # One keyframe: the last frame alone, then stretches of 12 from the start on, about 48 + 48 + 36 + 24 + 12.
        assert back.decoded < 5 * COUNT
        assert there.decoded < 2 * COUNT


def test_a_damaged_frame_in_front_of_the_one_that_is_asked_for_is_told_when_its_turn_has_come(tmp_path: Path) -> None:
    made = movie(tmp_path / "short.mp4", (*LONG_GOP[:-6], "-g", "8", "-bf", "0"), frames=24, size=(256, 144))
    broken = flipped(made.path, tmp_path / "broken.mp4", at=0.25)
    with Movie(broken) as found:
        walked: list[np.ndarray] = []
        with pytest.raises(InputCorruptError):
            walked.extend(found.frame(number) for number in reversed(range(24)))
        assert len(walked) > 8

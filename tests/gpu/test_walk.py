"""A walk reads ahead, keeps the order, and leaves no thread behind."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from shotmill.pipeline.roto.backend import Hint, Mask
from shotmill.pipeline.roto.pinholes import fill_pinholes
from shotmill.pipeline.roto.walk import walk
from shotmill.schema.errors import InputMissingError

if TYPE_CHECKING:
    from shotmill.pipeline.roto.backend import Picture


class Shelf:
    """Pictures that say when they were asked for."""

    width, height = 4, 3
    numbers: Sequence[int] = range(1001, 1011)

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.threads: set[str] = set()

    def __getitem__(self, frame: int) -> Picture:
        self.asked.append(frame)
        self.threads.add(threading.current_thread().name)
        if frame == 1005:
            raise InputMissingError(f"frame {frame} is not there", frame=frame)
        return np.full((3, 4, 3), frame - 1000, dtype=np.uint8)


class Steps:
    """A run that notes what it is given."""

    def __init__(self) -> None:
        self.prepared: list[tuple[int, int]] = []

    def prepare(self, frame: int, picture: Picture) -> None:
        self.prepared.append((frame, int(picture[0, 0, 0])))

    def step(self, frame: int, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        assert int(picture[0, 0, 0]) == frame - 1000
        return {name: Mask(np.zeros((3, 4), np.float32)) for name in hints}

    def snapshot(self) -> bytes:
        return b""


def test_frames_come_in_the_order_of_the_walk_with_their_hints() -> None:
    hints = {1003: {"disc": Hint()}}
    walked = list(walk(Steps(), Shelf(), hints, [1004, 1003, 1002]))
    assert [(frame, list(masks)) for frame, masks in walked] == [(1004, []), (1003, ["disc"]), (1002, [])]


def test_two_pictures_are_read_ahead_by_one_thread_and_prepared() -> None:
    shelf, run = Shelf(), Steps()
    walking = walk(run, shelf, {}, [1001, 1002, 1003, 1004])
    next(walking)
    walking.close()
    assert shelf.asked[0] == 1001
    assert set(shelf.asked) <= {1001, 1002, 1003}
    assert shelf.threads == {"pictures_0"}
    assert run.prepared[0] == (1001, 1)


def test_a_missing_picture_is_told_when_its_turn_has_come() -> None:
    walked: list[int] = []
    with pytest.raises(InputMissingError, match="1005"):
        walked.extend(frame for frame, _ in walk(Steps(), Shelf(), {}, range(1003, 1008)))
    walking = walk(Steps(), Shelf(), {}, range(1003, 1008))
    assert [next(walking)[0], next(walking)[0]] == [1003, 1004]
    with pytest.raises(InputMissingError):
        next(walking)


def test_a_walk_that_is_closed_leaves_no_thread() -> None:
    before = threading.active_count()
    walking = walk(Steps(), Shelf(), {}, range(1001, 1005))
    next(walking)
    walking.close()
    assert threading.active_count() == before


def test_holes_up_to_an_area_are_filled_and_nothing_else() -> None:
    logits = np.full((9, 12), 5.0, dtype=np.float32)
    logits[2, 2] = logits[4:6, 5:7] = -1.0  # one pixel, and four
    logits[0, 8] = -1.0  # touches the frame's edge
    filled = fill_pinholes(logits, 3)
    assert filled[2, 2] > 0
    assert (filled[4:6, 5:7] < 0).all()
    assert filled[0, 8] < 0
    assert (fill_pinholes(logits, 0) == logits).all()
    assert filled.dtype == np.float32

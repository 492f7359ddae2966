"""Pictures are read ahead, once, in order, by a thread that is gone in the end."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from shotmill.pipeline.roto.ahead import Ahead
from shotmill.pipeline.roto.pinholes import fill_pinholes
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


class Run:
    """Has pictures early."""

    def __init__(self) -> None:
        self.prepared: list[tuple[int, int]] = []

    def prepare(self, frame: int, picture: Picture) -> None:
        self.prepared.append((frame, int(picture[0, 0, 0])))


def test_the_next_pictures_are_read_by_one_other_thread_and_prepared() -> None:
    shelf, run = Shelf(), Run()
    ahead = Ahead(shelf)
    assert ahead.take(1001, [1002, 1003, 1004], run=run)[0, 0, 0] == 1
    assert ahead.take(1002, [1003], run=run)[0, 0, 0] == 2
    assert ahead.take(1003, run=run)[0, 0, 0] == 3
    assert shelf.asked == [1001, 1002, 1003]
    assert shelf.threads == {"pictures_0"}
    assert run.prepared == [(1001, 1), (1002, 2), (1003, 3)]
    ahead.close()


def test_a_missing_picture_is_told_when_its_turn_has_come() -> None:
    ahead = Ahead(Shelf())
    assert ahead.take(1003, [1004, 1005])[0, 0, 0] == 3
    assert ahead.take(1004, [1005])[0, 0, 0] == 4
    with pytest.raises(InputMissingError, match="1005"):
        ahead.take(1005)
    ahead.close()


def test_closing_leaves_no_thread() -> None:
    before = threading.active_count()
    ahead = Ahead(Shelf())
    ahead.take(1001, [1002, 1003])
    ahead.close()
    assert threading.active_count() == before


def test_a_picture_is_read_once_and_what_is_not_walked_to_is_let_go() -> None:
    shelf = Shelf()
    ahead = Ahead(shelf)
    assert ahead.take(1001, [1002, 1003, 1004])[0, 0, 0] == 1
    assert ahead.take(1002, [1003])[0, 0, 0] == 2
    assert ahead.take(1010)[0, 0, 0] == 10
    ahead.close()
    assert ahead.take(1001)[0, 0, 0] == 1
    ahead.close()
    assert [shelf.asked.count(frame) for frame in (1001, 1002, 1010)] == [2, 1, 1]
    assert 1004 not in shelf.asked


def test_nothing_is_read_ahead_where_none_is_wanted() -> None:
    shelf = Shelf()
    assert Ahead(shelf, ahead=0).take(1001, [1002])[0, 0, 0] == 1
    assert shelf.asked == [1001]
    assert shelf.threads == {"MainThread"}


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

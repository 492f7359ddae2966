"""Which frame of a clip is meant."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip
from shotmill.schema.picks import FramePick, evenly, is_picked, picked_frame

PICK = TypeAdapter[str](FramePick)


def clip(frames: str | None = None, frame: int | None = None) -> Clip:
    return Clip(name="c", media="/p/c.####.exr", frames=FrameSet.parse(frames) if frames else None, frame=frame)


@pytest.mark.parametrize(
    ("pick", "there", "frame"),
    [
        pytest.param("middle", [1, 2, 3], 2, id="odd count"),
        pytest.param("middle", [1, 2, 3, 4], 2, id="even count: the earlier"),
        pytest.param("middle", [1, 2, 8, 9], 2, id="gap in the middle: the nearest, 5 - 2 before 8 - 5"),
        pytest.param("middle", [1, 2, 7, 9], 7, id="gap in the middle: the nearest, behind it"),
        pytest.param("middle", [1, 4, 6, 9], 4, id="two equally near: the earlier"),
        pytest.param("middle", [-5, -4, -3], -4, id="negative frames"),
        pytest.param("first", [1003, 1004], 1003, id="first"),
        pytest.param("last", [1003, 1004], 1004, id="last"),
        pytest.param("1042", [1, 2], 1042, id="a number is taken as it is"),
        pytest.param("-7", [1, 2], -7, id="a negative number"),
    ],
)
def test_the_frame_that_is_meant(pick: str, there: list[int], frame: int) -> None:
    assert picked_frame(clip(), pick, there) == frame


def test_the_middle_is_that_of_the_whole_range_though_its_head_is_missing() -> None:
    assert picked_frame(clip("1-101"), "middle", list(range(60, 102))) == 60


def test_the_frame_that_a_cut_marks_wins_over_the_middle() -> None:
    assert picked_frame(clip(frame=7), "middle", [1, 2, 3]) == 7
    assert picked_frame(clip(frame=7), "first", [1, 2, 3]) == 1


@pytest.mark.parametrize(("there", "frame"), [([1, 6, 9], 6), ([1, 5, 9], 5)])
def test_where_the_marked_frame_is_a_hole_the_nearest_is_shown(there: list[int], frame: int) -> None:
    marked = clip("1-9", frame=7).model_copy(update={"holes": FrameSet.of(set(range(1, 10)) - set(there))})
    assert not is_picked(marked, "middle")
    assert picked_frame(marked, "middle", there) == frame


@pytest.mark.parametrize(("pick", "known"), [("middle", False), ("first", False), ("last", False), ("5", True)])
def test_only_a_number_needs_no_look_at_the_medium(pick: str, known: bool) -> None:
    assert is_picked(clip(), pick) is known


def test_a_marked_frame_needs_no_look_at_the_medium() -> None:
    assert is_picked(clip(frame=7), "middle")


@pytest.mark.parametrize("text", ["middlefoo", "lastly", "", "1-5", "1.5", "0x10", "1\n", "9999999999"])
def test_what_is_no_frame_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="write middle, first, last or a number"):
        PICK.validate_python(text)


def test_a_number_may_come_as_a_number() -> None:
    assert PICK.validate_python(1042) == "1042"


@pytest.mark.parametrize(
    ("there", "count", "frames"),
    [
        pytest.param(range(1, 11), 4, [1, 4, 7, 10], id="both ends among them"),
        pytest.param(range(9), 3, [0, 4, 8], id="three"),
        pytest.param([5, 6], 8, [5, 6], id="fewer than asked for"),
        pytest.param(range(1, 10), 1, [5], id="one: the middle"),
        pytest.param([1, 2, 3, 50], 2, [1, 50], id="a gap"),
    ],
)
def test_frames_are_spread_evenly(there: list[int], count: int, frames: list[int]) -> None:
    assert evenly(there, count) == frames

"""Frame sets: what text means, how sets are split, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shotmill.schema.errors import FrameSpecError
from shotmill.schema.frames import FrameSet, frames_text


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        pytest.param("1-5", [1, 2, 3, 4, 5], id="closed range"),
        pytest.param("1-9x4", [1, 5, 9], id="step hits the end"),
        pytest.param("1-9:4", [1, 5, 9], id="OpenJD's own step sign"),
        pytest.param("1-10x4", [1, 5, 9], id="step misses the end"),
        pytest.param("-2-1", [-2, -1, 0, 1], id="negative start"),
        pytest.param("10-7", [7, 8, 9, 10], id="backwards reads forwards"),
        pytest.param("3,1,3,2", [1, 2, 3], id="unsorted with a double"),
        pytest.param(" 1001 ", [1001], id="blanks around one frame"),
    ],
)
def test_range_text_lists_its_frames(text: str, frames: list[int]) -> None:
    assert list(FrameSet.parse(text)) == frames


@pytest.mark.parametrize(
    "text", ["", "  ", "a-b", "1-", "1-5x0", "1-9999999999", "1;2", "1\n2", "1-5 $(id)", "1" * 5000]
)
def test_text_that_is_no_range_is_refused_with_the_form_that_works(text: str) -> None:
    with pytest.raises(FrameSpecError, match=r"1001-1096|split"):
        FrameSet.parse(text)


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        pytest.param([1, 2, 3], "1-3", id="a run"),
        pytest.param([1, 2], "1-2", id="two neighbours"),
        pytest.param([1, 3], "1,3", id="two with a gap are no step"),
        pytest.param([1, 3, 5, 6, 7], "1-5x2,6-7", id="a step, then a run"),
        pytest.param([-3, -2, 7], "-3--2,7", id="negative"),
    ],
)
def test_frames_have_one_shortest_text(frames: list[int], text: str) -> None:
    assert frames_text(frames) == text


@given(st.sets(st.integers(-5000, 5000), min_size=1, max_size=60))
def test_text_and_set_are_each_others_inverse(frames: set[int]) -> None:
    assert set(FrameSet.parse(str(FrameSet.of(frames)))) == frames


@given(st.sets(st.integers(0, 300), min_size=1), st.integers(1, 20), st.booleans())
def test_chunks_hold_every_frame_once_in_order(frames: set[int], size: int, contiguous: bool) -> None:
    whole = FrameSet.of(frames)
    chunks = whole.chunks(size, contiguous=contiguous)
    assert [frame for chunk in chunks for frame in chunk] == list(whole)
    assert max(len(chunk) for chunk in chunks) <= size


def test_a_contiguous_chunk_never_crosses_a_gap() -> None:
    chunks = FrameSet.parse("1-3,7-9").chunks(4, contiguous=True)
    assert [str(chunk) for chunk in chunks] == ["1-3", "7-9"]


def test_openjd_text_writes_steps_with_a_colon() -> None:
    assert FrameSet.parse("1-9x2,20").openjd == "1-9:2,20"


def test_minus_names_what_is_missing() -> None:
    assert FrameSet.parse("1-5").minus([1, 2, 4]) == (3, 5)


def test_documents_read_and_write_frames_as_text() -> None:
    adapter = TypeAdapter(FrameSet)
    assert adapter.validate_python("1-3").frames == (1, 2, 3)
    assert adapter.validate_python(7).frames == (7,)
    assert adapter.dump_json(FrameSet.parse("1-3")) == b'"1-3"'
    assert adapter.json_schema()["type"] == "string"


@pytest.mark.parametrize("value", [True, None, 1.5, [1]])
def test_documents_refuse_frames_that_are_no_text(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(FrameSet).validate_python(value)


def test_too_many_frames_are_refused() -> None:
    with pytest.raises(FrameSpecError, match="split the job"):
        FrameSet.span(1, 1_000_001)


def test_a_frame_beyond_32_bits_is_refused() -> None:
    with pytest.raises(FrameSpecError, match="32 bits"):
        FrameSet.of([2**31])

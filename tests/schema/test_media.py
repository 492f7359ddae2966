"""Rates, entities and clips."""

from __future__ import annotations

from fractions import Fraction

import pytest
from pydantic import ValidationError

from shotmill.schema.ids import job_handle, uuid7
from shotmill.schema.media import Clip, EntityKind, EntityRef, Rate


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        pytest.param("24", Fraction(24), id="film"),
        pytest.param(23.976, Fraction(24000, 1001), id="NTSC film as a float"),
        pytest.param("23.98", Fraction(24000, 1001), id="NTSC film, rounded as cameras print it"),
        pytest.param("29.97", Fraction(30000, 1001), id="NTSC"),
        pytest.param("30000/1001", Fraction(30000, 1001), id="exact"),
        pytest.param("59.94", Fraction(60000, 1001), id="NTSC double"),
        pytest.param("12.5", Fraction(25, 2), id="half of PAL stays itself"),
    ],
)
def test_rates_are_exact(text: object, exact: Fraction) -> None:
    assert Rate.parse(text) == exact


@pytest.mark.parametrize("text", ["", "fast", "0", "-24", "1/0", "100000", None])
def test_what_is_no_rate_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"rate|bounds"):
        Rate.parse(text)


def test_a_shot_is_addressed_by_sequence_and_name() -> None:
    shot = EntityRef(project="demo", kind=EntityKind.SHOT, parent="sq010", name="sh010")
    assert str(shot) == "demo/sq010/sh010"


def test_a_shot_without_a_sequence_is_refused() -> None:
    with pytest.raises(ValidationError, match="parent"):
        EntityRef(project="demo", kind=EntityKind.SHOT, name="sh010")


def test_a_sequence_with_a_parent_is_refused() -> None:
    with pytest.raises(ValidationError, match="no parent"):
        EntityRef(project="demo", kind=EntityKind.SEQUENCE, parent="x", name="sq010")


@pytest.mark.parametrize("media", ["plate.mov", "/a/../b.mov", "/a\n.mov"])
def test_a_clip_with_an_unsafe_path_is_refused(media: str) -> None:
    with pytest.raises(ValidationError):
        Clip(name="plate", media=media)


def test_equal_documents_give_equal_bytes() -> None:
    first = Clip(name="plate", media="/a.mov", rate=Rate(24), frame=3)
    assert first.canonical() == Clip.model_validate_json(first.canonical()).canonical()


def test_ids_sort_by_time_and_handles_are_short() -> None:
    ids = [uuid7() for _ in range(100)]
    assert [value.version for value in ids] == [7] * 100
    assert [value.int >> 80 for value in ids] == sorted(value.int >> 80 for value in ids)
    assert len(job_handle(ids[0])) == 10

"""Which shot a clip is."""

from __future__ import annotations

import pytest

from shotmill.pipeline.shotnames import ShotRules
from shotmill.schema.errors import BadRequestError, NameRuleError
from shotmill.schema.media import Rate
from shotmill.schema.timeline import ClipDocument, LinkKind


def clip(
    name: str, *, media: str = "", marks: tuple[str, ...] = (), sequence: str = "", shot: str = ""
) -> ClipDocument:
    return ClipDocument(
        name=name,
        track="V1",
        path=(),
        link=LinkKind.MOVIE,
        media=media,
        source_in=0,
        source_out=9,
        record_in=0,
        record_out=9,
        available_in=None,
        available_out=None,
        rate=Rate(24),
        marks=marks,
        sequence=sequence,
        shot=shot,
    )


@pytest.mark.parametrize(
    ("name", "shot"),
    [
        pytest.param("sq010_sh020", ("sq010", "sh020"), id="house form"),
        pytest.param("SQ010-SH020_comp_v003.mov", ("SQ010", "SH020"), id="capitals and more behind"),
        pytest.param("show_sc01_0010a", ("sc01", "0010a"), id="show before, letter behind"),
        pytest.param("010_0020", ("010", "0020"), id="digits only"),
        pytest.param("sq010/sh020", ("sq010", "sh020"), id="slash"),
    ],
)
def test_clip_names_tell_their_shot(name: str, shot: tuple[str, str]) -> None:
    found = ShotRules().shot_of(clip(name))
    assert not isinstance(found, str)
    assert (found.sequence, found.shot, found.rule) == (*shot, "pattern")


@pytest.mark.parametrize("name", ["A001C003_210101_R1AB", "GH010_0042.MP4", "2024_01_05", "music", "", "006"])
def test_camera_rolls_and_dates_are_no_shots(name: str) -> None:
    assert "no rule" in str(ShotRules().shot_of(clip(name)))


def test_metadata_comes_before_the_name() -> None:
    found = ShotRules().shot_of(clip("sq010_sh020", sequence="ab", shot="7"))
    assert not isinstance(found, str)
    assert (found.sequence, found.shot, found.rule) == ("ab", "7", "metadata")


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({"marks": ("sq010_sh020",)}, id="a marker"),
        pytest.param({"media": "/plates/sq010_sh020_v004.mov"}, id="the file's name"),
        pytest.param({"media": "/show/sq010/sh020/plate.mov"}, id="the file's folders"),
    ],
)
def test_a_nameless_clip_is_known_by_what_else_it_has(where: dict[str, object]) -> None:
    found = ShotRules().shot_of(clip("006", **where))  # type: ignore[arg-type]
    assert not isinstance(found, str)
    assert (found.sequence, found.shot) == ("sq010", "sh020")


def test_the_plate_version_is_read_on_the_way() -> None:
    found = ShotRules().shot_of(clip("sq010_sh020", media="/plates/sq010_sh020_bg_v012.mov"))
    assert not isinstance(found, str)
    assert found.version == "012"


def test_a_bare_shot_name_needs_a_sequence() -> None:
    assert "without a sequence" in str(ShotRules().shot_of(clip("sh020")))
    found = ShotRules(sequence="sq010").shot_of(clip("sh020_bg"))
    assert not isinstance(found, str)
    assert (found.sequence, found.shot, found.rule) == ("sq010", "sh020", "name")


def test_a_studios_own_pattern_is_used() -> None:
    found = ShotRules(r"(?P<sequence>[A-Z]{3})(?P<shot>\d{4})").shot_of(clip("ABC0420_x"))
    assert not isinstance(found, str)
    assert (found.sequence, found.shot) == ("ABC", "0420")


@pytest.mark.parametrize("pattern", ["(", "(?P<shot>x)", "(?P<sequence>x)"])
def test_a_pattern_that_cannot_work_is_refused(pattern: str) -> None:
    with pytest.raises(BadRequestError, match="pattern of clip names"):
        ShotRules(pattern)


def test_a_default_sequence_follows_the_rules_of_names() -> None:
    with pytest.raises(NameRuleError):
        ShotRules(sequence="../x")

"""Names and paths: what may travel into a job."""

from __future__ import annotations

import pytest

from shotmill.schema.errors import NameRuleError, PathJailError
from shotmill.schema.names import check_media_path, check_name, check_relative_path, check_text


@pytest.mark.parametrize("name", ["sh010", "SQ_010", "a", "v1.2", "plate-main", "9lives"])
def test_plain_names_pass(name: str) -> None:
    assert check_name(name, field="shot") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a b",
        "../x",
        "a/b",
        "a\\b",
        ".hidden",
        "-rf",
        "a..b",
        "a.",
        "con",
        "NUL.txt",
        "a\n",
        "a\0",
        "é",
        "a" * 65,
    ],
)
def test_odd_names_are_refused_with_the_field_and_the_fix(name: str) -> None:
    with pytest.raises(NameRuleError, match="shot") as caught:
        check_name(name, field="shot")
    assert caught.value.fields == {"field": "shot"}


@pytest.mark.parametrize("text", ["a\nb", "a\0", "a\x1b[31m", "a\u202eb", "a\u2028b", "a\ud800"])
def test_control_and_direction_characters_are_refused(text: str) -> None:
    with pytest.raises(NameRuleError, match=r"U\+"):
        check_text(text, field="comment")


def test_text_that_is_long_is_refused() -> None:
    with pytest.raises(NameRuleError, match="1025"):
        check_text("x" * 1025, field="comment")


@pytest.mark.parametrize(
    "path", ["x.exr", "../x", "/a/../../etc/passwd", "//server/share/x", r"\\server\x", "C:/x", ""]
)
def test_media_paths_must_be_absolute_and_plain(path: str) -> None:
    with pytest.raises(PathJailError):
        check_media_path(path, field="media")


def test_an_absolute_media_path_passes() -> None:
    assert check_media_path("/shows/demo/plate.####.exr", field="media") == "/shows/demo/plate.####.exr"


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "..", "a/../b", "./a", "a//b", "a\\b", "c:x", "a/con", "a/aux.exr", "trail ", "dot./x", "a/"],
)
def test_relative_paths_stay_below_their_folder(path: str) -> None:
    with pytest.raises(PathJailError):
        check_relative_path(path, field="path")

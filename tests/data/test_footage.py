"""Media addresses as paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from shotmill.pipeline.footage import absolute_path, decode_url, frame_path, is_on_disk


@pytest.mark.parametrize(
    ("url", "path"),
    [
        pytest.param("file:///plates/a%20b.mov", "/plates/a b.mov", id="escapes"),
        pytest.param("file://localhost/plates/a.mov", "/plates/a.mov", id="local host"),
        pytest.param("file://localhost/D%3a/m/a.mov", "D:/m/a.mov", id="drive as Premiere writes it"),
        pytest.param("file://nas/share/a.mov", "//nas/share/a.mov", id="share"),
        pytest.param("file:///p/what%3F.mov", "/p/what?.mov", id="escaped question mark"),
        pytest.param("file:///p/a?b.mov", "/p/a?b.mov", id="bare question mark"),
        pytest.param("D:\\m\\a.mov", "D:/m/a.mov", id="drive"),
        pytest.param("/p/100%25.mov", "/p/100%25.mov", id="a path is not decoded"),
        pytest.param("s3://bucket/a.mov", "s3://bucket/a.mov", id="another scheme"),
        pytest.param("plates/a.mov", "plates/a.mov", id="relative"),
    ],
)
def test_addresses_are_decoded(url: str, path: str) -> None:
    assert decode_url(url) == path


@pytest.mark.parametrize(
    ("path", "absolute"),
    [
        ("/plates/a.mov", "/plates/a.mov"),
        ("a.mov", "/cuts/edit/a.mov"),
        ("../media/a.mov", "/cuts/media/a.mov"),
        ("D:/media/sq/a.mov", "/mnt/media/sq/a.mov"),
        ("D:/mediator/a.mov", "D:/mediator/a.mov"),
        ("//nas/x/a.mov", "/mnt/x/a.mov"),
    ],
)
def test_paths_count_from_the_timeline_and_roots_are_mapped(path: str, absolute: str) -> None:
    roots = {"D:\\media\\": "/mnt/media/", "//nas": "/mnt"}
    assert absolute_path(path, folder=Path("/cuts/edit"), roots=roots) == absolute


def test_the_longest_root_wins() -> None:
    assert absolute_path("/a/b/c", folder=Path("/"), roots={"/a": "/x", "/a/b": "/y"}) == "/y/c"


@pytest.mark.parametrize(("frame", "name"), [(7, "p.0007.exr"), (12345, "p.12345.exr"), (-3, "p.-0003.exr")])
def test_a_frame_of_a_pattern_is_a_file(frame: int, name: str) -> None:
    assert frame_path("/x/p.####.exr", frame) == f"/x/{name}"


def test_a_sequence_is_there_when_its_first_middle_or_last_frame_is(tmp_path: Path) -> None:
    pattern = str(tmp_path / "p.####.exr")
    assert not is_on_disk(pattern, 1001, 1009)
    (tmp_path / "p.1005.exr").touch()
    assert is_on_disk(pattern, 1001, 1009)
    assert not is_on_disk(pattern, 1001, 1008)


def test_a_folder_is_no_movie(tmp_path: Path) -> None:
    assert not is_on_disk(str(tmp_path), 0, 1)

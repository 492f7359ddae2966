"""Files that a config reads: found before anything is read, looked at under limits, and held to their hashes."""

from __future__ import annotations

import hashlib
import os
import resource
import zipfile
from pathlib import Path

import numpy as np
import pytest
from show_colour import write_lut, write_show

from shotmill.pipeline.colour import Colour
from shotmill.pipeline.colour_files import check_files, mark_files
from shotmill.pipeline.colour_grade import Grader
from shotmill.pipeline.colour_hash import config_hash
from shotmill.pipeline.colour_trial import Limits, Tried, load_colour, try_grades
from shotmill.pipeline.colour_walk import reachable_files, variables_of
from shotmill.schema.colour import Grade
from shotmill.schema.errors import ColourError

COOL = Grade(source="lin", look="cool", space="lin")


@pytest.fixture
def show(tmp_path: Path) -> Path:
    return write_show(tmp_path / "show")


def tried(show: Path, grade: Grade = COOL) -> Tried:
    return try_grades(Colour(str(show)), [grade])


def names(tried: Tried) -> list[str]:
    return [Path(file.path).name for file in tried.files]


def test_the_files_of_a_look_are_frozen_with_their_sha256(show: Path) -> None:
    [file] = tried(show).files
    content = (show.parent / "luts/cool.spi1d").read_bytes()
    assert (file.path, file.size) == (str(show.parent / "luts/cool.spi1d"), len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()


def test_the_files_of_a_view_s_look_follow_the_context(show: Path) -> None:
    graded = Grade(source="lin", display="Desk", view="Graded", context={"SHOT": "sh010"})
    assert names(tried(show, graded)) == ["sh010.spi1d"]
    assert names(tried(show, Grade(source="lin", display="Desk", view="Film"))) == []


def test_what_is_walked_is_what_opencolorio_reads(show: Path) -> None:
    colour = Colour(str(show))
    for look in ("cool", "shot", "+shot, -cool", "warm"):
        grade = COOL.model_copy(update={"look": look, "context": {"SHOT": "any"}})
        assert reachable_files(colour, grade) == list(Grader(colour, grade).files)
    assert variables_of(colour) == {"SHOT"}


def test_another_content_is_another_key(show: Path) -> None:
    before = tried(show)
    write_lut(show.parent / "luts/cool.spi1d", 0.75)
    after = tried(show)
    assert before.keys != after.keys
    assert before.files[0].sha256 != after.files[0].sha256


def test_a_missing_file_is_named(show: Path) -> None:
    (show.parent / "luts/cool.spi1d").rename(show.parent / "luts/cool_v2.spi1d")
    with pytest.raises(ColourError, match=r"LUT file 'cool\.spi1d' is not in .*/luts; nearest: cool_v2\.spi1d, "):
        tried(show)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\0" * 4096, "nothing but zeros", id="zeros"),
        pytest.param(b"Version 1\nFrom 0.0 1.0\nLength 2\n{\n0.0\n", r"cool\.spi1d", id="cut off"),
        pytest.param(b"what is this", r"cool\.spi1d", id="no LUT"),
    ],
)
def test_a_damaged_file_is_refused_by_name(show: Path, content: bytes, said: str) -> None:
    (show.parent / "luts/cool.spi1d").write_bytes(content)
    with pytest.raises(ColourError, match=said):
        tried(show)


def test_a_gigabyte_of_zeros_is_refused_unread(show: Path) -> None:
    with (show.parent / "luts/cool.spi1d").open("wb") as stream:
        stream.truncate(1 << 30)
    used = resource.getrusage(resource.RUSAGE_SELF)
    with pytest.raises(ColourError, match=r"cool\.spi1d.* has 1024 MiB, 256 MiB are allowed"):
        tried(show)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime < 1
    assert after.ru_maxrss - used.ru_maxrss < 100 * 1024  # KiB


def test_a_lut_that_asks_for_more_memory_than_it_may_is_refused(show: Path) -> None:
    (show.parent / "luts/cool.spi1d").write_text(
        "Version 1\nFrom 0.0 1.0\nLength 2000000000\nComponents 1\n{\n0.0\n}\n"
    )
    with pytest.raises(ColourError, match=r"cool\.spi1d"):
        try_grades(Colour(str(show)), [COOL], limits=Limits(memory_mib=1024, cpu_s=10))


def test_a_file_that_only_others_use_does_not_matter(show: Path) -> None:
    (show.parent / "luts/any.spi1d").write_bytes(b"\0" * 100)
    assert names(tried(show)) == ["cool.spi1d"]


@pytest.mark.parametrize("content", [b"ocio_profile_version: 2\nroles: {", b"\0" * 1000, b""])
def test_a_config_that_does_not_parse_is_named(tmp_path: Path, content: bytes) -> None:
    config = tmp_path / "config.ocio"
    config.write_bytes(content)
    with pytest.raises(ColourError, match=r"config\.ocio.*cannot be loaded"):
        Colour(str(config))


def test_a_config_of_a_gigabyte_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "config.ocio").open("wb") as stream:
        stream.truncate(1 << 30)
    with pytest.raises(ColourError, match="it has 1024 MiB, 16 MiB are allowed"):
        config_hash(str(tmp_path / "config.ocio"))


def test_a_config_in_an_archive_brings_its_files_along(show: Path, tmp_path: Path) -> None:
    """``config.archive`` is OpenColorIO's own writer; the grade is the same as that of the folder."""
    show.write_text(show.read_text().replace("${SHOT}", "any"))  # no variable may begin a path in an archive
    colour = Colour(str(show))
    archive = str(tmp_path / "show.ocioz")
    colour.config.archive(archive)
    packed = try_grades(load_colour(archive), [COOL])
    assert (packed.files, len(packed.keys)) == ((), 1)
    pixels = np.full((1, 1, 3), 0.5, np.float32)
    both = [Grader(one, COOL).floats(pixels).tolist() for one in (colour, load_colour(archive))]
    assert both[0] == both[1]


def test_an_archive_that_unpacks_to_a_gigabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "show.ocioz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("luts/cool.spi1d", "w") as stream:
        for _ in range(300):
            stream.write(bytes(1 << 20))
    with pytest.raises(ColourError, match=r"show\.ocioz.* has 'luts/cool\.spi1d' of 300 MiB, 256 MiB are allowed"):
        load_colour(str(path))
    path.write_bytes(b"PK what")
    with pytest.raises(ColourError, match=r"show\.ocioz cannot be read"):
        load_colour(str(path))


def test_a_pipe_is_no_lut(show: Path) -> None:
    lut = show.parent / "luts/cool.spi1d"
    lut.unlink()
    os.mkfifo(lut)
    with pytest.raises(ColourError, match=r"cool\.spi1d.* is no file"):
        tried(show)


def test_a_file_that_changed_is_refused_on_a_host(show: Path) -> None:
    lut = show.parent / "luts/cool.spi1d"
    frozen = mark_files([str(lut)])
    check_files(frozen)
    write_lut(lut, 0.75)
    with pytest.raises(ColourError, match=r"cool\.spi1d.* is not what it was"):
        check_files(frozen)

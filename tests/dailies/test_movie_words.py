"""The slate and the burn-in: they say what they should, where it can be read, whatever names look like."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from fonts import font_with
from movie_jobs import MovieStudio

from shotmill.jobs.dailies.params import DailiesParams
from shotmill.jobs.dailies.tasks import day_of, rate_text
from shotmill.jobs.dailies.words import version_in
from shotmill.pipeline.dailies.corners import Corners
from shotmill.pipeline.dailies.lettering import (
    MONO,
    PLAIN,
    Pen,
    drawable,
    lacking,
    shortened,
    typed,
    typed_advance,
    wrapped,
)
from shotmill.pipeline.dailies.slate import SlateWords, draw_slate
from shotmill.pipeline.drawing import text_width
from shotmill.pipeline.images import text_mask
from shotmill.pipeline.movies import Movie
from shotmill.schema.codecs import TAGS, TagName
from shotmill.schema.errors import BadRequestError
from shotmill.schema.media import Clip, Rate
from shotmill.schema.patterns import fields_of

STRANGE = ["ショット_春_夜明け", "shot \N{PILE OF POO}\N{CLAPPER BOARD} 12", "W" * 60, "", "{frame}", "ÄÖÜ ñ ø"]
VALUES = {"project": "demo", "sequence": "sq010", "shot": "sh010", "version": "v012", "artist": "Ada", "date": "today"}


def corners(size: tuple[int, int], **more: str) -> Corners:
    values = {**VALUES, "text": "", "name": "", "source": "", "display": "", "view": "", **more}
    widest = {"frame": "1008", "timecode": "00:00:00:00"}
    params = DailiesParams.model_fields
    names = ("top_left", "top_centre", "top_right", "bottom_left", "bottom_centre", "bottom_right")
    patterns = tuple(str(params[name].default) for name in names)
    return Corners(patterns, values, size=size, widest=widest, pen=Pen())


def stamped(size: tuple[int, int], **more: str) -> np.ndarray:
    picture = np.full((size[1], size[0], 3), 128, dtype=np.uint8)
    corners(size, **more).onto(picture, frame="1003", timecode="00:00:41:19")
    return picture


def test_the_number_on_a_frame_is_that_of_the_frame(movies: MovieStudio, plate_clip: Clip) -> None:
    """What was decoded is more like the letters of its own number than like those of any other."""
    ran = movies.run("dailies", [plate_clip], slate=1, width=640, quality=10)
    with Movie(ran.movie) as movie:
        frame = movie.frame(1 + 1005 - 1001)[..., 1].astype(np.float64)
    size_px = corners((640, 360)).size_px
    right, bottom = 640 - round(640 * 0.05), 360 - round(360 * 0.05)
    likeness = {}
    for number in range(1001, 1009):
        mask = typed(str(number), size_px)
        top = bottom - round(size_px * 1.3)
        found = frame[top : top + mask.shape[0], right - mask.shape[1] : right]
        likeness[number] = np.corrcoef(found.ravel(), mask.ravel())[0, 1]
    assert max(likeness, key=lambda number: likeness[number]) == 1005
    assert likeness[1005] > 0.9


@pytest.mark.parametrize("size", [(320, 180), (1920, 1080), (720, 1280)], ids=str)
def test_words_stay_inside_of_the_safe_area(size: tuple[int, int]) -> None:
    changed = np.argwhere((stamped(size, text="T" * 60, shot="S" * 60) != 128).any(axis=2))
    margin = np.array([size[1], size[0]]) * 0.05 - corners(size).size_px // 3 - 1  # plates reach over their words
    assert (changed.min(axis=0) >= margin).all()
    assert (changed.max(axis=0) <= np.array([size[1], size[0]]) - margin).all()


@pytest.mark.parametrize(
    "long",
    list(itertools.product(["", "x", "W" * 48], repeat=3)),
    ids=lambda long: "-".join(str(len(one)) for one in long),
)
def test_plates_never_touch(long: tuple[str, str, str]) -> None:
    """Each word on its own row of plates: between two of them, the picture is untouched."""
    picture = stamped((960, 540), shot=long[0], text=long[1], date=long[2])
    row = (picture[30:48] != 128).any(axis=(0, 2))
    plates = int(np.count_nonzero(np.diff(np.concatenate([[False], row, [False]]).astype(int)) == 1))
    assert plates == 1 + bool(long[1]) + bool(long[2])


@pytest.mark.parametrize("name", STRANGE, ids=range(len(STRANGE)))
def test_strange_names_are_drawn_without_harm(name: str) -> None:
    stamped((640, 360), shot=name, text=name, artist=name)
    words = SlateWords(name, name, name, [("Artist", name), ("Source", name)], name)
    assert draw_slate(words, None, (640, 360), Pen()).shape == (360, 640, 3)


@pytest.mark.parametrize(
    ("size", "fit"), [((128, 72), 0), ((192, 108), 2), ((320, 180), 11), ((640, 360), 11)], ids=str
)
def test_a_small_slate_shows_the_rows_that_it_has_room_for(size: tuple[int, int], fit: int) -> None:
    rows = [(f"Row {number}", "value") for number in range(11)]
    slates = [
        draw_slate(SlateWords("demo", "sh010", "v012", rows[:count]), None, size, Pen())
        for count in range(len(rows) + 1)
    ]
    drawn = [np.array_equal(slates[-1], slate) for slate in slates]
    assert drawn.index(True) == fit


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("Wiśniewska", "Wisniewska"), ("ショ 7", "?? 7"), ("Müller", "Müller"), ("\N{PILE OF POO}", "?")],
)
def test_no_letter_vanishes_that_the_font_lacks(text: str, drawn: str) -> None:
    assert drawable(text) == drawn


def test_another_font_draws_what_the_first_one_lacks(tmp_path: Path) -> None:
    both = (PLAIN, str(font_with(tmp_path / "han.ttf", "李")))
    assert (drawable("李 ショ", both), lacking("李 ショ", both)) == ("李 ??", "ショ")
    assert np.array_equal(text_mask("李", 20, font=both), text_mask("A", 20))
    assert text_mask("Li 李", 20, font=both).shape[1] > text_mask("Li ", 20).shape[1] + 10


def test_a_wide_letter_takes_two_places_where_numbers_count(tmp_path: Path) -> None:
    both = (MONO, str(font_with(tmp_path / "han.ttf", "李")))
    line = typed("李0", 20, font=both)
    assert line.shape[1] == 3 * typed_advance(20)
    assert np.array_equal(line[:, 2 * typed_advance(20) :], typed("0", 20))
    assert [shortened("李李李李", room) for room in (8, 7, 4)] == ["李李李李", "李..李", "李.."]


def test_letters_that_no_font_has_are_told_and_a_font_mends_it(
    movies: MovieStudio, plate_clip: Clip, tmp_path: Path
) -> None:
    given = {"artist": "李 雷", "frames": "1001", "codec": "dnxhr-lb"}
    ran = movies.run("dailies", [plate_clip], given)
    [note] = ran.notes
    assert "the built-in font lacks 李 (U+674E) 雷 (U+96F7): ? stands for each; name a font with --font" in note
    font = font_with(tmp_path / "han.ttf", "李雷")
    movies.settings = movies.settings.model_copy(update={"font": str(font)})
    mended = movies.run("dailies", [plate_clip], given)
    assert (mended.notes, mended.spec.params["font"]) == ([], str(font))
    assert mended.movie.read_bytes() != ran.movie.read_bytes()
    font.write_bytes(font.read_bytes() + b"\0")
    assert "han.ttf is not what it was when the job was submitted" in movies.run_spec(mended.spec).failure
    assert movies.run("dailies", [plate_clip], given).spec.key != mended.spec.key


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("font.woff", b"", "is no font file; name one of .ttf, .otf, .ttc"),
        ("font.ttf", b"what is this", r"font .*font\.ttf cannot be used"),
        ("font.ttf", None, r"font\.ttf cannot be read: No such file"),
    ],
)
def test_what_is_no_font_is_refused_before_anything_runs(
    movies: MovieStudio, plate_clip: Clip, tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadRequestError, match=told):
        movies.run("dailies", [plate_clip], font=str(tmp_path / name))


def test_a_slate_of_an_hdr_movie_is_as_bright_as_a_page() -> None:
    """ITU-R BT.2408: reference white, 203 cd/m2, is 58 % of PQ; a slate's letters are a little below white."""
    pen = Pen(deep=True, white=TAGS[TagName.PQ].white)
    slate = draw_slate(SlateWords("demo", "sh010", "", []), None, (320, 180), pen)
    assert slate.dtype == np.uint16
    assert 0.4 * 65535 < slate.max() <= 0.58 * 65535


@pytest.mark.parametrize("notes", ["one two three four five six seven eight nine ten " * 9, "x" * 400, "", "short"])
def test_notes_are_broken_into_lines_that_fit(notes: str) -> None:
    lines = wrapped(notes, 14, 300, 3)
    assert len(lines) <= 3
    assert all(text_width(line, 14) <= 300 for line in lines)
    assert "".join(lines).replace(" ", "").startswith(notes.replace(" ", "")[:20])
    assert (len(notes) > 300) == (bool(lines) and lines[-1].endswith("..."))


@pytest.mark.parametrize(
    ("media", "version"),
    [
        ("/s/comp_v012.####.exr", "v012"),
        ("/s/v003/plate.####.exr", ""),
        ("/s/sh010_comp_v2_v014.mov", "v014"),
        ("/s/sh010.V07.mov", "V07"),
        ("/s/dev10.mov", ""),
    ],
)
def test_the_version_is_read_from_the_name(media: str, version: str) -> None:
    assert version_in(media) == version


@pytest.mark.parametrize(("rate", "told"), [("24000/1001", "23.976"), ("24", "24"), ("30000/1001", "29.97")])
def test_a_rate_is_said_as_people_say_it(rate: str, told: str) -> None:
    assert rate_text(Rate.parse(rate)) == told


def test_the_date_is_the_day_of_submission(movies: MovieStudio, plate_clip: Clip) -> None:
    """2026-11-22 12:00 UTC is 1795348800 s after 1970; by `date -u -d @1795348800`."""
    spec = movies.run("dailies", [plate_clip], width=32, frames="1001", slate=0).spec
    timed = f"{1795348800 * 1000:012x}"
    assert day_of(spec.model_copy(update={"id": f"{timed[:8]}-{timed[8:]}-7000-8000-000000000000"})) == "2026-11-22"
    assert day_of(spec.model_copy(update={"id": "00000000-0000-4000-8000-000000000000"})) == ""


@pytest.mark.parametrize(
    ("pattern", "told"),
    [("{shto}", r"nearest: \{shot\}"), ("{frame:04d}", "is not known"), ("{", "a brace alone"), ("{0}", "not known")],
)
def test_a_field_that_is_not_known_is_refused(pattern: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        fields_of(pattern)

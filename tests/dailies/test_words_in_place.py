"""Each word of the burn-in and of the slate stands in its own place of the movie, and no other word does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from movie_jobs import MovieStudio
from numpy.typing import NDArray

from shotmill.pipeline.dailies.lettering import PLAIN, Pen, typed
from shotmill.pipeline.dailies.slate import SlateWords, draw_slate
from shotmill.pipeline.images import text_mask
from shotmill.pipeline.movies import Movie
from shotmill.schema.media import Clip

SIZE = (1280, 720)
LETTERS = round(SIZE[1] / 38)  # heights of a line in a frame: 38
CORNERS = ("top_left", "top_centre", "top_right", "bottom_left", "bottom_centre", "bottom_right")
GIVEN = {
    "version": "v012",
    "artist": "Ada Byron",
    "date": "1852-11-27",
    "text": "for review",
    "notes": "edges of the left arm",
    "timecode": "10:20:30:05",
}
# By hand: what each field stands for on the third frame of shot sq010/plate of project demo, from 1001 on at 24.
FIELDS = {
    "project": "demo",
    "sequence": "sq010",
    "shot": "plate",
    "version": "v012",
    "artist": "Ada Byron",
    "date": "1852-11-27",
    "text": "for review",
    "name": "plate",
    "source": "plate.####.exr",
    "display": "sRGB - Display",
    "frame": "1003",
    "timecode": "10:20:30:07",
}
COUNTED = {"frame", "timecode"}


def frame_of(movies: MovieStudio, clip: Clip, number: int, **params: object) -> NDArray[np.float64]:
    """(h, w, 3) codes of a frame of a movie."""
    asked = {"frames": "1001-1004", "quality": 8, "width": SIZE[0], "height": SIZE[1]}
    ran = movies.run("dailies", [clip], {**GIVEN, **asked, **params})
    with Movie(ran.movie) as movie:
        return movie.frame(number).astype(np.float64)


def likeness(picture: NDArray[np.float64], corner: str, text: str, *, counts: bool) -> float:
    """How much a corner looks like a word: the correlation of the two, 1 at most."""
    mask = typed(text, LETTERS) if counts else text_mask(text, LETTERS, font=PLAIN)
    height, width = mask.shape
    margin = round(SIZE[0] * 0.05), round(SIZE[1] * 0.05)
    top = margin[1] if corner.startswith("top") else SIZE[1] - margin[1] - round(LETTERS * 1.3)
    left = {
        "left": margin[0],
        "centre": SIZE[0] // 2 - width // 2,
        "right": SIZE[0] - margin[0] - width,
    }[corner.partition("_")[2]]
    found = picture[top : top + height, left : left + width, 1]
    return float(np.corrcoef(found.ravel(), mask.ravel())[0, 1])


@pytest.mark.parametrize("fields", [list(FIELDS)[:6], list(FIELDS)[6:], list(FIELDS)[9:] + list(FIELDS)[:3]], ids=str)
def test_each_corner_says_its_own_word(movies: MovieStudio, plate_clip: Clip, fields: list[str]) -> None:
    patterns = {corner: f"{{{field}}}" for corner, field in zip(CORNERS, fields, strict=True)}
    picture = frame_of(movies, plate_clip, 2, slate=0, **patterns)
    for corner, field in zip(CORNERS, fields, strict=True):
        counts = field in COUNTED
        found = {text: likeness(picture, corner, text, counts=counts) for text in FIELDS.values()}
        assert found[FIELDS[field]] > 0.9, f"{corner} should say {FIELDS[field]}"
        assert max(found, key=lambda text: found[text]) == FIELDS[field]


@pytest.mark.parametrize(
    ("space", "view"), [("ACEScg", "Un-tone-mapped"), ("sRGB - Display", "none: made for a display")]
)
def test_the_slate_says_what_the_movie_is(movies: MovieStudio, plate_clip: Clip, space: str, view: str) -> None:
    """Any word that were another would be nearer to what stands there than the right one."""
    said = {"colourspace": space, "view": "Un-tone-mapped", "frames": "1002-1004"}
    picture = frame_of(movies, plate_clip, 0, slate=1, handles=1, **said)
    rows = [
        ("Artist", "Ada Byron"),
        ("Date", "1852-11-27"),
        ("Frames", "1002-1004  (3)"),
        ("Handles", "1 before, 1 after"),
        ("Rate", "24 fps"),
        ("Timecode", "10:20:30:05"),
        ("Source", "plate.####.exr"),
        ("Size", "256 x 144"),
        ("Colour", space),
        ("Display", "sRGB - Display"),
        ("View", view),
    ]
    words = SlateWords("demo", "sq010 / plate", "v012", rows, "edges of the left arm")
    others = [replace(words, rows=[*rows[:at], (rows[at][0], "Zq 7"), *rows[at + 1 :]]) for at in range(len(rows))]
    others += [replace(words, project="Zq 7"), replace(words, title="Zq 7")]
    others += [replace(words, version="Zq 7"), replace(words, notes="Zq 7")]
    wanted = draw_slate(words, None, SIZE, Pen()).astype(np.float64)
    for other in others:
        drawn = draw_slate(other, None, SIZE, Pen()).astype(np.float64)
        there = np.abs(drawn - wanted) > 40
        right, wrong = (np.abs(picture - one)[there].mean() for one in (wanted, drawn))
        assert right < 0.2 * wrong, other

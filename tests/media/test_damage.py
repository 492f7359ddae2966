"""Media that are cut off, empty or damaged are refused by name; a picture that comes out is the right one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from image_makers import KINDS, image
from movie_makers import Made, cut_off, flipped, rewrapped
from numbered import read_number

from shotmill.pipeline.images import read_header, read_image
from shotmill.pipeline.media import find_medium
from shotmill.pipeline.movies import Movie
from shotmill.pipeline.tools import Look, StudioTools
from shotmill.schema.errors import InputCorruptError, InputMissingError, ShotmillError
from shotmill.schema.media import Clip

Shelf = Callable[[str], Made]  # see conftest.py
CHECKED = ("EXR ZIP", "EXR ZIPS", "EXR of 13 channels", "PNG 8 bit", "PNG 16 bit")  # carry checksums of their pixels
SHOWN = Look(colourspace="sRGB - Display")
SIZE = (64, 36)
SHARES = (0.0, 0.01, 0.3, 0.6, 0.95)
HIDDEN = ".damaged"  # kept apart from the original, whose sequence it would join


def refusal(tools: StudioTools, clip: Clip, frame: int) -> ShotmillError:
    with pytest.raises(InputCorruptError) as caught:
        tools.still(clip, frame, width=64, look=SHOWN)
    return caught.value


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("kind", KINDS)
def test_an_image_that_is_cut_off_is_refused(tools: StudioTools, tmp_path: Path, kind: str, share: float) -> None:
    path = image(tmp_path / f"whole{KINDS[kind].suffix}", KINDS[kind], 7)
    cut = cut_off(path, tmp_path / f"plate.1001{path.suffix}", share=share)
    error = refusal(tools, Clip(name="plate", media=str(tmp_path / f"plate.####{path.suffix}")), 1001)
    assert (error.code, error.exit_code, error.retryable) == ("E205", 65, False)
    assert (error.fields["path"], error.fields["frame"]) == (str(cut), "1001")


@pytest.mark.parametrize("kind", CHECKED)
def test_one_bit_turned_over_never_gives_another_picture(tmp_path: Path, kind: str) -> None:
    path = image(tmp_path / f"whole{KINDS[kind].suffix}", KINDS[kind], 7)
    whole, dice, refused = read_image(path).pixels, random.Random(kind), 0
    for _ in range(40):
        try:
            found = read_image(flipped(path, tmp_path / f"bad{path.suffix}", at=dice.random(), bit=dice.randrange(8)))
        except InputCorruptError as error:
            refused += f"bad{path.suffix}" in error.message
        else:  # the bit lay in the header's small print
            np.testing.assert_array_equal(found.pixels, whole)
    assert refused >= 36


@pytest.mark.parametrize("kind", KINDS)
def test_damage_gives_a_picture_or_a_plain_refusal(tmp_path: Path, kind: str) -> None:
    path = image(tmp_path / f"whole{KINDS[kind].suffix}", KINDS[kind], 7, size=SIZE)
    dice, outcomes = random.Random(kind), 0
    for _ in range(60):
        bad = flipped(path, tmp_path / f"bad{path.suffix}", at=dice.random() ** 2, bit=dice.randrange(8))
        try:
            outcomes += read_image(bad).pixels.ndim == 3
        except ShotmillError as error:
            outcomes += str(bad) in error.message
    assert outcomes == 60


@pytest.mark.parametrize("name", ["still.exr", "still.png", "still.tif", "still.dpx", "movie.mov", "movie.mxf"])
def test_noise_is_refused(tools: StudioTools, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(random.Random(name).randbytes(50_000))
    assert name in refusal(tools, Clip(name="noise", media=str(path)), 0).message


@pytest.mark.parametrize("suffix", [".exr", ".dpx", ".png"])
def test_a_large_file_that_was_never_filled_is_refused_at_once(tmp_path: Path, suffix: str) -> None:
    """OpenImageIO alone takes more than a minute for 4 GiB of zeros."""
    path = tmp_path / f"plate.1001{suffix}"
    with path.open("wb") as file:
        file.truncate(4 * 1024**3)
    began = time.monotonic()
    with pytest.raises(InputCorruptError, match="it begins with nothing but zeros"):
        read_header(path)
    assert time.monotonic() - began < 5


def test_a_text_with_the_suffix_of_an_image_is_refused(tools: StudioTools, tmp_path: Path) -> None:
    (tmp_path / "page.png").write_text("<html>404</html>")
    assert "page.png" in refusal(tools, Clip(name="page", media=str(tmp_path / "page.png")), 0).message


def outcomes(path: Path, made: Made) -> dict[int, bool | str]:
    """What each third frame comes to: whether it is the right one, or the refusal."""
    found: dict[int, bool | str] = {}
    try:
        with Movie(path) as movie:
            for place in range(0, len(made.numbers), 3):
                try:
                    found[place] = read_number(movie.frame(place, size=SIZE)) == made.numbers[place]
                except (InputCorruptError, InputMissingError) as error:
                    found[place] = error.message
    except InputCorruptError as error:
        found[-1] = error.message
    return found


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize(
    "name",
    [
        "long GOP 24",
        "open GOP 24",
        "ProRes 24",
        "DNxHR 24",
        "HEVC",
        "open GOP in mkv",
        "open GOP in a transport stream",
    ],
)
def test_a_movie_that_is_cut_off_gives_the_right_frame_or_none(
    shelf: Shelf, tmp_path: Path, name: str, share: float
) -> None:
    made = shelf(name)
    found = outcomes(cut_off(made.path, tmp_path / f"cut{made.path.suffix}", share=share), made)
    refusals = [outcome for outcome in found.values() if isinstance(outcome, str)]
    assert False not in found.values()
    assert all(f"cut{made.path.suffix}" in message for message in refusals)
    assert refusals or share > 0.9  # the last twentieth may hold an index or padding only


def test_what_comes_before_the_cut_is_still_shown(shelf: Shelf, tmp_path: Path) -> None:
    streamed = rewrapped(shelf("long GOP 24"), tmp_path / "streamed.mp4", "-movflags", "+faststart")
    found = outcomes(cut_off(streamed.path, tmp_path / "cut.mp4", share=0.7), streamed)
    assert found[0] is True
    assert "frame 93 of movie" in str(found[93])


@pytest.mark.parametrize("name", ["long GOP 24", "open GOP 24"])
def test_frames_behind_a_damaged_one_are_refused_not_patched_up(shelf: Shelf, tmp_path: Path, name: str) -> None:
    made = shelf(name)
    content = bytearray(made.path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(content)
    found = outcomes(bad, made)
    assert found[0] is True
    assert False not in found.values()
    assert any("is damaged" in str(one) or "cannot be decoded" in str(one) for one in found.values())


@pytest.mark.parametrize("name", ["long GOP 24", "open GOP 24", "ProRes 24", "DNxHR 24", "HEVC", "MJPEG in mov"])
def test_a_damaged_movie_gives_frames_or_plain_refusals(shelf: Shelf, tmp_path: Path, name: str) -> None:
    made, dice = shelf(name), random.Random(name)
    for _ in range(12):
        bad = flipped(made.path, tmp_path / f"bad{made.path.suffix}", at=dice.random(), bit=dice.randrange(8))
        assert outcomes(bad, made)


def test_a_folder_with_the_suffix_of_a_movie_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.mov").mkdir()
    with pytest.raises(ShotmillError, match=r"folder\.mov"):
        find_medium(str(tmp_path / "folder.mov"))
    with pytest.raises(InputMissingError, match=r"folder\.mov"):
        Movie(tmp_path / "folder.mov")


def test_a_sound_file_holds_no_picture(tmp_path: Path) -> None:
    from movie_makers import ffmpeg  # noqa: PLC0415 - here only

    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", tmp_path / "sound.mov")
    with pytest.raises(InputCorruptError, match=r"sound\.mov holds no picture, only sound; give another file"):
        Movie(tmp_path / "sound.mov")


def test_an_empty_movie_has_zero_bytes(tmp_path: Path) -> None:
    (tmp_path / "empty.mov").touch()
    with pytest.raises(InputCorruptError, match=r"empty\.mov cannot be read as a movie: it has zero bytes; copy it"):
        Movie(tmp_path / "empty.mov")


def test_a_movie_of_nonsense_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "text.mov").write_text("words " * 100)
    with pytest.raises(InputCorruptError, match=r"as a movie: Invalid data found when processing input; copy"):
        Movie(tmp_path / "text.mov")


def test_decoders_stop_at_errors_and_at_frames_that_outgrow_their_header(shelf: Shelf) -> None:
    with Movie(shelf("long GOP 24").path) as movie:
        options = dict(movie._stream.codec_context.options)
    assert options == {"err_detect": "explode", "max_pixels": str(8192 * 8192)}

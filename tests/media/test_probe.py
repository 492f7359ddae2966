"""A probe tells what the makers of the files put into them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from image_makers import KINDS, SIZE, Kind, image, picture, write
from movie_makers import DNXHR, LONG_GOP, OPEN_GOP, PRORES, Made, ffmpeg, movie
from movie_shelf import SHELF

from shotmill.pipeline.clips import timecode_of
from shotmill.pipeline.media import clip_of, find_medium
from shotmill.pipeline.movies import Movie, Turn
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.errors import InputCorruptError, InputTooLargeError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip, MediaInfo, Window

Shelf = Callable[[str], Made]  # see conftest.py


def probed(tools: StudioTools, path: Path) -> MediaInfo:
    return tools.probe(clip_of(find_medium(str(path))))


@pytest.mark.parametrize("name", SHELF)
def test_a_movie_tells_its_range_rate_and_length(tools: StudioTools, shelf: Shelf, name: str) -> None:
    made = shelf(name)
    found = probed(tools, made.path)
    assert (str(found.frames), str(found.rate)) == (f"0-{len(made.numbers) - 1}", made.rate)
    numerator, _, denominator = made.rate.partition("/")
    assert found.duration_s == pytest.approx(len(made.numbers) * int(denominator or 1) / int(numerator))


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("long GOP 24", ("mov", "h264", 256, 144, 8)),
        ("ProRes 24", ("mov", "prores", 256, 144, 10)),
        ("DNxHR 24", ("mxf", "dnxhd", 256, 144, 8)),
        ("DNxHD 36", ("mxf", "dnxhd", 1920, 1080, 8)),
        ("HEVC", ("mov", "hevc", 256, 144, 8)),
        ("open GOP in mkv", ("matroska", "h264", 256, 144, 8)),
        ("open GOP in a transport stream", ("mpegts", "h264", 256, 144, 8)),
        ("MJPEG in avi", ("avi", "mjpeg", 256, 144, 8)),
    ],
)
def test_a_movie_tells_what_it_is_made_of(
    tools: StudioTools, shelf: Shelf, name: str, facts: tuple[object, ...]
) -> None:
    found = probed(tools, shelf(name).path)
    assert (found.container, found.codec, found.width, found.height, found.bits) == facts
    assert (found.channels, found.sample, found.kind) == (("R", "G", "B"), "uint", "movie")
    assert found.size_bytes == shelf(name).path.stat().st_size


@pytest.mark.parametrize(
    ("rate", "timecode"),
    [
        pytest.param("24", "01:00:00:00", id="film"),
        pytest.param("24000/1001", "10:59:59:23", id="NTSC film"),
        pytest.param("25", "23:59:59:24", id="PAL"),
        pytest.param("30000/1001", "01:00:00;02", id="NTSC drop-frame"),
        pytest.param("30000/1001", "01:00:00:00", id="NTSC, no drop-frame"),
        pytest.param("60000/1001", "00:09:59;58", id="NTSC double, drop-frame"),
    ],
)
@pytest.mark.parametrize(
    "kind", [("tc.mov", PRORES), ("tc.mp4", LONG_GOP), ("tc.mxf", DNXHR)], ids=["mov", "mp4", "mxf"]
)
def test_a_movie_tells_its_timecode(
    tools: StudioTools, tmp_path: Path, kind: tuple[str, tuple[str, ...]], rate: str, timecode: str
) -> None:
    made = movie(tmp_path / kind[0], kind[1], rate=rate, frames=4, options=("-timecode", timecode))
    assert probed(tools, made.path).timecode == timecode


def test_drop_frame_timecode_counts_on(tools: StudioTools, tmp_path: Path) -> None:
    options = ("-timecode", "00:00:59;28")
    made = movie(tmp_path / "drop.mov", PRORES, rate="30000/1001", frames=6, options=options)
    found = probed(tools, made.path)
    assert [timecode_of(found, frame) for frame in (1, 2)] == ["00:00:59;29", "00:01:00;02"]  # SMPTE ST 12-1


def test_a_movie_tells_its_pixel_aspect(tools: StudioTools, tmp_path: Path) -> None:
    plain = movie(tmp_path / "plain.mov", PRORES, frames=2)
    ffmpeg("-i", plain.path, "-vf", "setsar=2/1", *PRORES, tmp_path / "scope.mov")
    assert probed(tools, tmp_path / "scope.mov").pixel_aspect == 2.0
    clip = clip_of(find_medium(str(tmp_path / "scope.mov")))
    assert tools.still(clip, 0, width=256).pixels.shape == (72, 256, 3)


def test_a_movie_tells_how_many_sounds_it_has(tools: StudioTools, tmp_path: Path) -> None:
    plain = movie(tmp_path / "plain.mov", PRORES, frames=24)
    tone = ("-f", "lavfi", "-i", "sine=duration=3")
    ffmpeg("-i", plain.path, *tone, *tone, "-map", "0", "-map", "1", "-map", "2", "-c:v", "copy", tmp_path / "s.mkv")
    found = probed(tools, tmp_path / "s.mkv")
    assert (found.audio_streams, str(found.frames)) == (2, "0-23")  # though the sound lasts longer


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("EXR ZIP", ("exr", "zip", "float", 16)),
        ("EXR PIZ", ("exr", "piz", "float", 16)),
        ("EXR float", ("exr", "zip", "float", 32)),
        ("DPX 10 bit", ("dpx", "dpx", "uint", 10)),
        ("PNG 8 bit", ("png", "png", "uint", 8)),
        ("PNG 16 bit", ("png", "png", "uint", 16)),
        ("TIFF 16 bit", ("tiff", "tiff", "uint", 16)),
        ("TIFF float", ("tiff", "tiff", "float", 32)),
        ("JPEG", ("jpg", "jpeg", "uint", 8)),
    ],
)
def test_an_image_tells_what_it_is_made_of(
    tools: StudioTools, tmp_path: Path, kind: str, facts: tuple[object, ...]
) -> None:
    path = image(tmp_path / f"still{KINDS[kind].suffix}", KINDS[kind], 1)
    found = probed(tools, path)
    assert (found.container, found.codec, found.sample, found.bits) == facts
    assert (found.width, found.height, found.data_window, found.kind) == (*SIZE, None, "still")
    assert (found.size_bytes, found.channels, found.parts) == (path.stat().st_size, ("R", "G", "B"), 1)


def test_a_sequence_tells_its_range_and_its_gaps(tools: StudioTools, tmp_path: Path) -> None:
    for frame in (1001, 1002, 1004, 1010):
        image(tmp_path / f"plate.{frame}.dpx", KINDS["DPX 10 bit"], frame, size=(64, 36))
    found = probed(tools, tmp_path / "plate.1001.dpx")
    assert (str(found.frames), str(found.missing), found.kind) == ("1001-1002,1004,1010", "1003,1005-1009", "sequence")
    assert found.size_bytes == sum(path.stat().st_size for path in tmp_path.glob("*.dpx"))


def test_frames_that_went_away_since_are_told_as_missing(tools: StudioTools, tmp_path: Path) -> None:
    for frame in (1003, 1004):
        image(tmp_path / f"plate.{frame}.exr", KINDS["EXR ZIP"], frame, size=(64, 36))
    clip = Clip(name="plate", media=str(tmp_path / "plate.####.exr"), frames=FrameSet.span(1001, 1005))
    found = tools.probe(clip)
    assert (str(found.frames), str(found.missing)) == ("1003-1004", "1001-1002,1005")


def test_a_movie_is_opened_once_for_its_still_and_its_facts(
    cold_tools: StudioTools, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    real = Movie._open

    def note(movie: Movie) -> None:
        opened.append(movie.path)
        real(movie)

    monkeypatch.setattr(Movie, "_open", note)
    clip = clip_of(find_medium(str(shelf("ProRes 24").path)))
    cold_tools.frames(clip)
    cold_tools.still(clip, 3, width=64)
    cold_tools.probe(clip)
    assert opened == [shelf("ProRes 24").path]


@pytest.mark.parametrize(
    ("kind", "rate"),
    [
        pytest.param(Kind(".exr", "half", facts={"FramesPerSecond": 24.0}), "24", id="EXR"),
        pytest.param(Kind(".dpx", "uint10", facts={"dpx:FrameRate": 25.0}), "25", id="DPX, film header"),
        pytest.param(
            Kind(".dpx", "uint10", facts={"dpx:TemporalFrameRate": 29.97}), "30000/1001", id="DPX, television"
        ),
    ],
)
def test_an_image_tells_its_rate(tools: StudioTools, tmp_path: Path, kind: Kind, rate: str) -> None:
    assert str(probed(tools, image(tmp_path / f"still{kind.suffix}", kind, 1)).rate) == rate


def test_an_exr_tells_where_its_data_lies(tools: StudioTools, tmp_path: Path) -> None:
    def shape(spec: Any) -> None:
        spec.x, spec.y = -10, 20
        spec.full_x, spec.full_y, spec.full_width, spec.full_height = 0, 0, 300, 200

    path = write(tmp_path / "window.exr", KINDS["EXR ZIP"], picture(1), shape=shape)
    found = probed(tools, path)
    assert (found.width, found.height) == (300, 200)
    assert found.data_window == Window(x=-10, y=20, width=256, height=144)


@pytest.mark.parametrize("kind", ["EXR ZIP", "DPX 10 bit"])
def test_an_image_tells_its_pixel_aspect(tools: StudioTools, tmp_path: Path, kind: str) -> None:
    wide = Kind(KINDS[kind].suffix, KINDS[kind].sample, facts={"PixelAspectRatio": 2.0})
    assert probed(tools, image(tmp_path / f"wide{wide.suffix}", wide, 1)).pixel_aspect == 2.0


@pytest.mark.parametrize(
    ("tag", "space", "rule"),
    [
        ("lin_ap1_scene", "ACEScg", "tag 'lin_ap1_scene' in the file"),
        ("srgb_rec709_display", "sRGB - Display", "tag 'srgb_rec709_display' in the file"),
        (None, "ACES2065-1", "file rule 'EXR' of the config"),
    ],
)
def test_an_exr_tells_its_colour_space(
    tools: StudioTools, tmp_path: Path, tag: str | None, space: str, rule: str
) -> None:
    kind = Kind(".exr", "half", facts={"colorInteropID": tag} if tag else {})
    found = probed(tools, image(tmp_path / "still.exr", kind, 1))
    assert (found.colourspace, found.colourspace_from) == (space, rule)


def test_a_dpx_that_says_nothing_of_its_colour_is_told_as_such(tools: StudioTools, tmp_path: Path) -> None:
    found = probed(tools, image(tmp_path / "still.dpx", KINDS["DPX 10 bit"], 1))
    assert (found.colourspace, found.colourspace_from) == (None, None)


def test_a_movie_that_is_tagged_is_taken_at_its_word(tools: StudioTools, shelf: Shelf) -> None:
    found = probed(tools, shelf("ProRes 24").path)
    assert (found.colourspace, found.colourspace_from) == ("Rec.1886 Rec.709 - Display", "tag 'rec709' in the file")


def test_an_image_larger_than_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = image(tmp_path / "large.png", KINDS["PNG 8 bit"], 1)
    with pytest.raises(InputTooLargeError, match=r"large\.png claims 256x144 pixels, 10000 are allowed"):
        probed(StudioTools(Settings(home=tmp_path, max_pixels=10_000)), path)


def test_an_image_that_claims_to_be_vast_is_refused(tools: StudioTools, tmp_path: Path) -> None:
    path = image(tmp_path / "bomb.png", KINDS["PNG 8 bit"], 1)
    content = bytearray(path.read_bytes())
    content[16:24] = (100_000).to_bytes(4, "big") * 2  # width and height
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    path.write_bytes(content)
    with pytest.raises(
        (InputTooLargeError, InputCorruptError), match=r"bomb\.png"
    ):  # whose limit is lower: OIIO's or ours
        probed(tools, path)


@pytest.mark.parametrize("codec", [LONG_GOP, OPEN_GOP, PRORES], ids=["long GOP", "open GOP", "ProRes"])
def test_a_header_needs_no_frame_and_a_turn_one(tmp_path: Path, codec: tuple[str, ...]) -> None:
    with Movie(movie(tmp_path / "m.mov", codec, frames=12).path) as opened:
        assert (opened.header.frames, opened.decoded) == (12, 0)
        assert (opened.turn, opened.turn, opened.decoded) == (Turn(), Turn(), 1)

"""Footage of a phone that was held upright, upside down or towards its owner is shown as it was seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from movie_makers import DNXHR, PRORES, SHORT_GOP, SIZE, Made, ffmpeg, movie, shown_by_ffmpeg, turned
from numbered import read_number

from shotmill.pipeline.media import clip_of, find_medium
from shotmill.pipeline.movies import Movie
from shotmill.pipeline.tools import Look, StudioTools
from shotmill.schema.errors import InputCorruptError
from shotmill.schema.media import Clip, MediaInfo

SAME = 2.0  # of 255, on average: ffmpeg and PyAV convert colours alike but for rounding
MATRIX = slice(44, 80)  # of a track header, behind its name: ISO/IEC 14496-12, 8.3.2
# ffmpeg's words for a display matrix (it counts counterclockwise), and what a probe says: clockwise, mirrored before.
WAYS = {
    "as it is": (("-display_rotation", "0"), (0, False)),
    "to the right": (("-display_rotation", "-90"), (90, False)),
    "upside down": (("-display_rotation", "180"), (180, False)),
    "to the left": (("-display_rotation", "90"), (270, False)),
    "as in a mirror": (("-display_rotation", "0", "-display_hflip"), (0, True)),
    "as in water": (("-display_rotation", "0", "-display_vflip"), (180, True)),
    "to the left, as in a mirror": (("-display_rotation", "90", "-display_hflip"), (90, True)),
    "to the right, as in a mirror": (("-display_rotation", "-90", "-display_hflip"), (270, True)),
}


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Sixteen bars above, which spell the frame's number, and a red patch at the lower right."""
    return movie(tmp_path_factory.mktemp("plate") / "plate.mov", SHORT_GOP, frames=24, patch=(0.9, 0.1, 0.1))


def clip(made: Made) -> Clip:
    return clip_of(find_medium(str(made.path))).model_copy(update={"colourspace": "sRGB - Display"})


def probed(tools: StudioTools, made: Made) -> MediaInfo:
    return tools.probe(clip(made))


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("way", WAYS)
def test_a_frame_is_shown_as_ffmpeg_shows_it(plate: Made, way: str, suffix: str, tmp_path: Path) -> None:
    made = turned(plate, tmp_path / f"turned{suffix}", *WAYS[way][0])
    with Movie(made.path) as found:
        shown = found.frame(17)
    expected = shown_by_ffmpeg(made.path, 17, (shown.shape[1], shown.shape[0]))
    assert np.abs(shown.astype(float) - expected).mean() < SAME


@pytest.mark.parametrize("way", WAYS)
def test_a_probe_tells_the_size_as_shown_and_how_it_is_turned(
    plate: Made, way: str, tmp_path: Path, tools: StudioTools
) -> None:
    found = probed(tools, turned(plate, tmp_path / "turned.mov", *WAYS[way][0]))
    sideways = WAYS[way][1][0] in {90, 270}
    assert (found.width, found.height) == (SIZE[::-1] if sideways else SIZE)
    assert (found.rotation, found.mirrored) == WAYS[way][1]


@pytest.fixture(scope="module", params=["SHORT_GOP", "PRORES"])
def upright(request: pytest.FixtureRequest, plate: Made, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The plate as a phone keeps it: on its side, with a word that says so."""
    folder = tmp_path_factory.mktemp("phone")
    codec = {"SHORT_GOP": SHORT_GOP, "PRORES": PRORES}[request.param]
    ffmpeg("-i", plate.path, "-vf", "transpose=clock", *codec, folder / "side.mov")
    return turned(Made(folder / "side.mov", plate.numbers, plate.rate), folder / "phone.mov", "-display_rotation", "90")


def test_stills_of_a_phone_are_upright_in_any_order(upright: Made, tools: StudioTools) -> None:
    frames = [19, 3, 11, 3]
    stills = tools.stills(clip(upright), frames, width=128, look=Look(display="sRGB - Display"))
    assert [read_number(still.pixels) for still in stills] == frames
    assert {still.pixels.shape for still in stills} == {(72, 128, 3)}


def test_a_probe_on_the_way_changes_no_still(upright: Made, cold_tools: StudioTools) -> None:
    found = probed(cold_tools, upright)
    assert (found.width, found.height, found.rotation) == (*SIZE, 270)
    for frame in (23, 0, 7):
        assert read_number(cold_tools.still(clip(upright), frame, width=64).pixels) == frame
        assert probed(cold_tools, upright) == found


def test_pixels_that_are_not_square_are_turned_too(plate: Made, tmp_path: Path, tools: StudioTools) -> None:
    wide = tmp_path / "wide.mov"
    ffmpeg(
        "-display_rotation",
        "90",
        "-i",
        plate.path,
        "-c",
        "copy",
        "-bsf:v",
        "h264_metadata=sample_aspect_ratio=2/1",
        wide,
    )
    made = Made(wide, plate.numbers, plate.rate)
    found = probed(tools, made)
    assert (found.width, found.height, found.pixel_aspect) == (144, 256, 0.5)
    assert tools.still(clip(made), 0, width=72).pixels.shape == (256, 72, 3)  # 144 / 2 x 256


@pytest.mark.parametrize(("angle", "rotation"), [("10", 0), ("44", 0), ("80", 270), ("-100", 90), ("179", 180)])
def test_an_angle_in_between_is_taken_for_the_nearest_right_one(
    plate: Made, angle: str, rotation: int, tmp_path: Path, tools: StudioTools
) -> None:
    assert probed(tools, turned(plate, tmp_path / "odd.mov", "-display_rotation", angle)).rotation == rotation


@pytest.mark.parametrize("matrix", [bytes(36), b"\xff" * 36, b"\x80\0\0\0" * 9, b"\x7f\xff\xff\xff" * 9])
def test_a_matrix_that_means_nothing_turns_nothing(
    matrix: bytes, plate: Made, tmp_path: Path, tools: StudioTools
) -> None:
    content = bytearray(plate.path.read_bytes())
    header = content.index(b"tkhd")
    content[header + MATRIX.start : header + MATRIX.stop] = matrix
    (tmp_path / "odd.mov").write_bytes(content)
    made = Made(tmp_path / "odd.mov", plate.numbers, plate.rate)
    assert (probed(tools, made).width, probed(tools, made).rotation) == (256, 0)
    assert tools.still(clip(made), 5, width=64).pixels.shape == (36, 64, 3)


def test_a_movie_whose_first_frame_is_damaged_is_probed_as_stored(tmp_path: Path, cold_tools: StudioTools) -> None:
    source = movie(tmp_path / "sound.mov", PRORES, frames=4)
    made = turned(source, tmp_path / "damaged.mov", "-display_rotation", "90")
    content = bytearray(made.path.read_bytes())
    start = content.index(b"icpf")
    content[start - 4 : start + 400] = b"\xff" * 404
    made.path.write_bytes(content)
    assert (probed(cold_tools, made).width, probed(cold_tools, made).rotation) == (256, 0)
    with pytest.raises(InputCorruptError, match="frame 0"):
        cold_tools.still(clip(made), 0, width=64)
    assert cold_tools.still(clip(made), 2, width=72).pixels.shape == (128, 72, 3)


def test_a_container_that_knows_no_turning_costs_no_frame(tmp_path: Path) -> None:
    with Movie(movie(tmp_path / "m.mxf", DNXHR, frames=4).path) as opened:
        assert (opened.turn.rotation, opened.decoded) == (0, 0)

"""Timecode of movies and reels, in the file and burnt in: drop-frame where the cut or the medium has it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from image_makers import KINDS, picture, write
from movie_jobs import MovieStudio, plate, shot

from shotmill.pipeline.dailies.corners import Corners
from shotmill.pipeline.images import read_header
from shotmill.pipeline.movies import measure
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip, Rate
from shotmill.schema.movies import Edit

SMALL = {"slate": 0, "codec": "prores-proxy", "width": 64}
DROP, PLAIN = 0x01000042, 0x01000002  # 01:00:00:02, with and without bit 6 of SMPTE ST 12-1


def edit(rate: str, start_frame: int, **more: Any) -> dict[str, Any]:
    places = {"one": {"record_in": 0, "record_out": 1}, "two": {"record_in": 2, "record_out": 3}}
    return {"name": "cut", "rate": rate, "start_frame": start_frame, "duration": 4, "places": places, **more}


def stamped(folder: Path, code: int, *, rate: str) -> Clip:
    """Two frames, of which each says its timecode."""
    for number in (0, 1):
        path = folder / f"stamped.{1001 + number}.exr"
        write(path, KINDS["EXR ZIP"], picture(number, (64, 36)), shape=partial(stamp, packed=(code + number, 0)))
    frames = FrameSet.span(1001, 1002)
    media = str(folder / "stamped.####.exr")
    return Clip(name="one", media=media, frames=frames, entity=shot("one"), rate=Rate.parse(rate))


def stamp(spec: Any, packed: tuple[int, int]) -> None:
    spec.attribute("smpte:TimeCode", "timecode", packed)


def test_a_tape_that_ran_on_past_midnight_counts_on(movies: MovieStudio, tmp_path: Path) -> None:
    ran = movies.run("dailies", [stamped(tmp_path, 0x24000100, rate="24")], SMALL)
    assert measure(ran.movie).timecode == "00:00:01:00"


@pytest.fixture
def burnt_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The timecodes that are written on frames, from now on."""
    codes: list[str] = []
    onto = Corners.onto

    def told(self: Corners, pixels: Any, *, frame: str, timecode: str) -> None:
        codes.append(timecode)
        onto(self, pixels, frame=frame, timecode=timecode)

    monkeypatch.setattr(Corners, "onto", told)
    return codes


@pytest.mark.parametrize(
    ("cut", "code", "burnt"),
    [
        pytest.param(edit("29.97", 107_892, drop_frame=True), "01:00:00;00", "00:01:00;02", id="29.97 drop-frame"),
        pytest.param(edit("29.97", 107_892), "00:59:56:12", "00:01:00:00", id="29.97 non-drop"),
        pytest.param(edit("29.97", 108_000), "01:00:00:00", "00:01:00:00", id="29.97 non-drop, at its hour"),
        pytest.param(edit("59.94", 215_784, drop_frame=True), "01:00:00;00", "00:00:30;00", id="59.94 drop-frame"),
        pytest.param(edit("23.976", 86_400), "01:00:00:00", "00:01:15:00", id="23.976"),
        pytest.param(edit("25", 90_000), "01:00:00:00", "00:01:12:00", id="25"),
    ],
)
def test_a_reel_counts_as_its_cut_and_so_do_shots_without_a_code(
    movies: MovieStudio, tmp_path: Path, burnt_in: list[str], cut: dict[str, Any], code: str, burnt: str
) -> None:
    """The shots begin at frame 1800, counted from midnight. By hand, after SMPTE ST 12-1."""
    clips = [plate(tmp_path / name, 1800, 1801, name=name, size=(64, 36), rate=cut["rate"]) for name in ("one", "two")]
    ran = movies.run("dailies", clips, SMALL, edit=cut)
    [reel] = ran.paths("reel")
    found = measure(reel)
    assert (found.timecode, found.rate, found.frames) == (code, Rate.parse(cut["rate"]), 4)
    assert [measure(path).timecode for path in ran.paths()] == [burnt, burnt]
    assert burnt_in[::2] == [burnt, burnt]


@pytest.mark.parametrize(
    ("rate", "packed", "codes"),
    [
        pytest.param("29.97", DROP, ["01:00:00;02", "01:00:00;03"], id="drop-frame"),
        pytest.param("29.97", PLAIN, ["01:00:00:02", "01:00:00:03"], id="non-drop"),
        pytest.param("24", DROP, ["01:00:00:02", "01:00:00:03"], id="a flag where there is no drop-frame"),
    ],
)
def test_the_code_of_frames_keeps_its_drop_flag(
    movies: MovieStudio, tmp_path: Path, burnt_in: list[str], rate: str, packed: int, codes: list[str]
) -> None:
    ran = movies.run("dailies", [stamped(tmp_path / "plate", packed, rate=rate)], SMALL)
    assert (measure(ran.movie).timecode, burnt_in) == (codes[0], codes)


def test_a_code_that_its_rate_does_not_have_says_nothing(
    movies: MovieStudio, tmp_path: Path, burnt_in: list[str]
) -> None:
    """Frame 29 of a second of 24: the movie counts its frames from midnight, from 1001 on."""
    ran = movies.run("dailies", [stamped(tmp_path / "plate", 0x01000029, rate="24")], SMALL)
    assert (measure(ran.movie).timecode, burnt_in) == ("00:00:41:17", ["00:00:41:17", "00:00:41:18"])


@pytest.mark.parametrize(("kind", "suffix"), [("EXR ZIP", ".exr"), ("DPX 10 bit", ".dpx")])
@pytest.mark.parametrize(("packed", "code"), [(DROP, "01:00:00;02"), (PLAIN, "01:00:00:02")])
def test_images_say_whether_their_code_is_drop_frame(
    tmp_path: Path, kind: str, suffix: str, packed: int, code: str
) -> None:
    path = tmp_path / f"frame{suffix}"
    write(path, KINDS[kind], picture(1, (64, 36)), shape=lambda spec: stamp(spec, (packed, 0)))
    assert read_header(path).timecode == code


def test_an_edit_without_the_flag_is_read_as_before_and_written_as_before() -> None:
    old = edit("30000/1001", 107_892)
    found = Edit.model_validate(old)
    assert not found.drop_frame
    assert "drop_frame" not in found.model_dump(mode="json")
    again = Edit.model_validate_json(Edit.model_validate(edit("29.97", 0, drop_frame=True)).canonical())
    assert again.drop_frame


def test_an_edit_at_a_rate_without_drop_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="25 fps has no drop-frame timecode; leave drop_frame out"):
        Edit.model_validate(edit("25", 0, drop_frame=True))

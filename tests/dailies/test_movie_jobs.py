"""Jobs of movies: frames, rate, timecode, sizes, handles, holes, reels, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import pytest
from image_makers import KINDS, deep, image, picture, write
from movie_jobs import MovieStudio, plate, shot
from numbered import read_number

from shotmill.pipeline.dailies.canvas import Canvas, canvas_of
from shotmill.pipeline.drawing import MISSING
from shotmill.pipeline.images import write_image
from shotmill.pipeline.movies import Movie, measure
from shotmill.schema.errors import BadRequestError, ColourError, FramesMissingError, InputMissingError, ParamsError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip
from shotmill.schema.movies import CutPlace, Edit

PLAIN = {"slate": 0, "burn_in": False}


def numbers(path: Path) -> list[int]:
    with Movie(path) as movie:
        return [read_number(picture) for picture in movie.frames(range(movie.header.frames))]


def holed(folder: Path, first: int, last: int, *, without: int) -> Clip:
    made = plate(folder, first, last)
    (folder / f"plate.{without}.exr").unlink()
    return made.model_copy(update={"holes": FrameSet.of([without])})


def edit_of(*places: tuple[str, int, int], rate: str = "24", **more: Any) -> dict[str, Any]:
    found = {name: CutPlace(record_in=first, record_out=last) for name, first, last in places}
    end = max(last for _name, _first, last in places) + 1
    made = Edit.model_validate({"name": "cut", "rate": rate, "start_frame": 86400, "duration": end, "places": found})
    return {**made.model_dump(mode="json"), **more}


def test_a_movie_has_every_frame_of_its_clip_in_order(movies: MovieStudio, plate_clip: Clip) -> None:
    ran = movies.run("dailies", [plate_clip], PLAIN)
    assert numbers(ran.movie) == list(range(1001, 1009))


def test_the_same_job_gives_the_same_bytes(movies: MovieStudio, plate_clip: Clip) -> None:
    first = movies.run("dailies", [plate_clip], frames="1001-1003")
    second = movies.run_spec(first.spec)
    assert first.movie.read_bytes() == second.movie.read_bytes()


@pytest.mark.parametrize(
    ("rate", "given", "told"),
    [
        pytest.param("23.976", "01:00:00:00", "00:59:59:22", id="23.976"),
        pytest.param("29.97", "01:00:00;00", "00:59:59;28", id="29.97 drop-frame"),
        pytest.param("29.97", "00:10:00;02", "00:10:00;00", id="29.97 drop-frame, at a tenth minute"),
        pytest.param("29.97", "00:09:00;02", "00:08:59;28", id="29.97 drop-frame, over numbers that are left out"),
        pytest.param("24", "", "00:00:41:15", id="frame 1001 counted from midnight, less two frames of slate"),
    ],
)
def test_timecode_and_rate_of_a_movie_with_two_frames_of_slate(
    movies: MovieStudio, plate_clip: Clip, rate: str, given: str, told: str
) -> None:
    """By hand, after SMPTE ST 12-1."""
    clip = plate_clip.model_copy(update={"rate": None})
    ran = movies.run(
        "dailies", [clip], rate=rate, timecode=given, slate=2, burn_in=False, frames="1001-1002", codec="dnxhr-lb"
    )
    found = measure(ran.movie)
    exact = {"23.976": (24000, 1001), "29.97": (30000, 1001), "24": (24, 1)}[rate]
    assert (found.timecode, found.rate.as_integer_ratio(), found.frames) == (told, exact, 4)


@pytest.mark.parametrize("job_type", ["dailies", "proxy"])
def test_a_medium_that_says_no_rate_is_refused(movies: MovieStudio, plate_clip: Clip, job_type: str) -> None:
    """Before it is submitted."""
    with pytest.raises(BadRequestError, match="nothing says how many frames per second") as refused:
        movies.run(job_type, [plate_clip.model_copy(update={"rate": None})])
    assert (refused.value.hint, refused.value.fields["clip"]) == ("--rate 24", "plate")


@pytest.mark.parametrize(
    ("stored", "aspect", "wanted", "made"),
    [
        pytest.param((1920, 1080), 1.0, (0, 0), Canvas(1920, 1080, 0, 0, 1920, 1080), id="as it is"),
        pytest.param((1999, 1081), 1.0, (0, 0), Canvas(2000, 1082, 0, 0, 1999, 1081), id="odd: a black column and row"),
        pytest.param((2048, 1152), 1.0, (1024, 0), Canvas(1024, 576, 0, 0, 1024, 576), id="width alone"),
        pytest.param((2048, 1152), 1.0, (0, 576), Canvas(1024, 576, 0, 0, 1024, 576), id="height alone"),
        pytest.param((1828, 1556), 2.0, (0, 0), Canvas(3656, 1556, 0, 0, 3656, 1556), id="anamorphic"),
        pytest.param((1828, 1556), 2.0, (1920, 1080), Canvas(1920, 1080, 0, 131, 1920, 817), id="letterbox"),
        pytest.param((1080, 1920), 1.0, (1920, 1080), Canvas(1920, 1080, 656, 0, 608, 1080), id="pillarbox"),
    ],
)
def test_where_the_picture_lies(stored: tuple[int, int], aspect: float, wanted: tuple[int, int], made: Canvas) -> None:
    assert canvas_of(stored, aspect, width=wanted[0], height=wanted[1]) == made


def test_a_picture_is_fitted_between_black_bars(movies: MovieStudio, plate_clip: Clip) -> None:
    ran = movies.run("proxy", [plate_clip], frames="1002", width=128, height=128)
    with Movie(ran.movie) as movie:
        frame = movie.frame(0)
    assert frame.shape == (128, 128, 3)
    assert read_number(frame[28:100]) == 1002
    assert max(frame[:16].max(), frame[112:].max()) <= 1  # whole blocks of the coder


def test_handles_are_shown_as_far_as_they_are_there(movies: MovieStudio, plate_clip: Clip) -> None:
    clip = plate_clip.model_copy(update={"frames": FrameSet.span(1003, 1006)})
    ran = movies.run("dailies", [clip], PLAIN, handles=3)
    assert numbers(ran.movie) == list(range(1001, 1009))
    [output] = ran.outputs()
    assert (output.facts["head"], output.facts["tail"], output.facts["shown"]) == (2, 2, 4)
    assert "plate: has 2 of 3 frames of handles before it" in ran.notes


def test_a_gap_is_refused_before_anything_runs(movies: MovieStudio, tmp_path: Path) -> None:
    with pytest.raises(FramesMissingError, match="frames 1002 are not there") as refused:
        movies.run("dailies", [holed(tmp_path / "plate", 1001, 1003, without=1002)])
    assert refused.value.fields["frame"] == "1002"


def test_only_gaps_in_what_is_shown_count(movies: MovieStudio, tmp_path: Path) -> None:
    clip = holed(tmp_path / "plate", 1001, 1006, without=1004)
    ran = movies.run("dailies", [clip], PLAIN, frames="1001-1003")
    assert numbers(ran.movie) == [1001, 1002, 1003]
    with pytest.raises(FramesMissingError, match="frames 1004,1007-1008 are not there"):
        movies.run("dailies", [clip], PLAIN, frames="1003-1008")


@pytest.mark.parametrize("allow_holes", [False, True])
def test_frames_that_the_clip_never_had_are_refused_before_anything_runs(
    movies: MovieStudio, plate_clip: Clip, allow_holes: bool
) -> None:
    with pytest.raises(InputMissingError, match=r"no frame 5-6 of .*plate"):
        movies.run("proxy", [plate_clip], frames="5-6", allow_holes=allow_holes)


def test_an_allowed_gap_is_a_card_that_says_so(movies: MovieStudio, tmp_path: Path) -> None:
    ran = movies.run("proxy", [holed(tmp_path / "plate", 1001, 1003, without=1002)], allow_holes=True, width=256)
    with Movie(ran.movie) as movie:
        card = movie.frame(1)
    assert np.abs(card[5, 5].astype(int) - MISSING).max() <= 2
    assert ran.outputs()[0].facts["missing"] == [1002]
    assert "plate: frame 1002 is not there, a card stands for it" in ran.notes


def test_a_truncated_frame_is_named_and_nothing_is_left(movies: MovieStudio, tmp_path: Path) -> None:
    clip = plate(tmp_path / "plate", 1001, 1004)
    bad = tmp_path / "plate" / "plate.1003.exr"
    bad.write_bytes(bad.read_bytes()[:4000])
    ran = movies.run("dailies", [clip], slate=0)
    assert "E205" in ran.failure
    assert "frame=1003" in ran.failure
    assert list(ran.folder.root.rglob("*.mp4")) == []


def test_mixed_resolutions_are_named(movies: MovieStudio, tmp_path: Path) -> None:
    clip = plate(tmp_path / "plate", 1001, 1003)
    image(tmp_path / "plate" / "plate.1002.exr", KINDS["EXR ZIP"], 1002, size=(128, 72))
    ran = movies.run("dailies", [clip])
    assert "plate.1002.exr is 128x72, the frames before it are 256x144" in ran.failure
    assert "frame=1002" in ran.failure


def test_a_pixel_aspect_that_changes_is_named(movies: MovieStudio, tmp_path: Path) -> None:
    clip = plate(tmp_path / "plate", 1001, 1003)
    wide = tmp_path / "plate" / "plate.1002.exr"
    write(wide, KINDS["EXR ZIP"], picture(1002), shape=lambda spec: spec.attribute("PixelAspectRatio", 2.0))
    ran = movies.run("dailies", [clip])
    assert "plate.1002.exr is 256x144 with a pixel aspect of 2, the frames before it are 256x144;" in ran.failure


def test_a_deep_frame_is_named(movies: MovieStudio, tmp_path: Path) -> None:
    clip = plate(tmp_path / "plate", 1001, 1003)
    deep(tmp_path / "plate" / "plate.1002.exr")
    ran = movies.run("proxy", [clip])
    assert "plate.1002.exr is a deep image; flatten it first" in ran.failure
    assert "frame=1002" in ran.failure


def test_a_dpx_without_a_colour_space_is_refused(movies: MovieStudio, tmp_path: Path) -> None:
    write_image(tmp_path / "scan.dpx", np.zeros((72, 128, 3), dtype=np.uint16))
    clip = Clip(name="scan", media=str(tmp_path / "scan.dpx"), entity=shot("sh010"))
    with pytest.raises(ColourError, match="nothing says which colour space"):
        movies.run("dailies", [clip], rate="24")


def test_a_picture_that_is_too_small_for_its_codec_is_refused(movies: MovieStudio, plate_clip: Clip) -> None:
    with pytest.raises(BadRequestError, match="the movie would be 128x72, dnxhr-lb has 256x120 at least"):
        movies.run("proxy", [plate_clip], width=128, codec="dnxhr-lb")


@pytest.mark.parametrize("codec", ["h264", "hevc", "prores-proxy"])
def test_a_reel_shows_the_cut_frame_by_frame(movies: MovieStudio, tmp_path: Path, codec: str) -> None:
    """Slates and handles are left out, the gap is black, the lost shot is a card, and its order is the cut's."""
    one, two = (plate(tmp_path / name, first, first + 9, name=name) for name, first in (("one", 1001), ("two", 2001)))
    clips = [
        two.model_copy(update={"frames": FrameSet.span(2003, 2007)}),
        one.model_copy(update={"frames": FrameSet.span(1002, 1006)}),
        Clip(name="lost", media="/offline/lost", frames=FrameSet.span(1, 4), entity=shot("lost"), offline=True),
    ]
    edit = edit_of(("one", 0, 4), ("lost", 8, 11), ("two", 12, 16))
    ran = movies.run("dailies", clips, edit=edit, handles=2, slate=2, burn_in=False, codec=codec, gop=7)
    [reel] = ran.paths("reel")
    found = numbers(reel)
    assert found[:5] + found[12:] == [*range(1002, 1007), *range(2003, 2008)]
    with Movie(reel) as movie:
        gap, card = movie.frame(6), movie.frame(9)
    assert gap.max() <= 2
    assert np.abs(card[5, 5].astype(int) - MISSING).max() <= 3
    [output] = ran.outputs("reel")
    assert (output.facts["missing"], output.facts["gap_frames"], output.facts["frames"]) == (["lost"], 3, 17)
    assert measure(reel).timecode == "01:00:00:00"
    assert "reel: lost is offline, a card stands for it" in ran.notes


@pytest.mark.parametrize("gap", [1, 2])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_gaps_and_shots_of_a_frame_or_two_are_joined(movies: MovieStudio, tmp_path: Path, codec: str, gap: int) -> None:
    """Encoders begin to decode such short movies later than others."""
    one, two = (plate(tmp_path / name, first, first + 9, name=name) for name, first in (("one", 1001), ("two", 2001)))
    single = one.model_copy(update={"name": "single", "frames": FrameSet.span(1009, 1009), "entity": shot("single")})
    second = 5 + gap
    edit = edit_of(("one", 0, 4), ("two", second, second + 5), ("single", second + 6, second + 6))
    cuts = {"one": FrameSet.span(1002, 1006), "two": FrameSet.span(2003, 2008)}
    clips = [*(clip.model_copy(update={"frames": cuts[clip.name]}) for clip in (one, two)), single]
    ran = movies.run("dailies", clips, edit=edit, slate=0, burn_in=False, codec=codec)
    found = numbers(ran.paths("reel")[0])
    assert found[:5] + found[second:] == [*range(1002, 1007), *range(2003, 2009), 1009]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        pytest.param(edit_of(("one", 0, 4), ("two", 4, 8)), "one and two lie over each other at frame 4", id="overlap"),
        pytest.param(edit_of(("one", 0, 9), ("two", 10, 14)), r"one is retimed .*5 frames for 10", id="retimed"),
    ],
)
def test_a_reel_that_cannot_be_joined_is_refused(
    movies: MovieStudio, tmp_path: Path, edit: dict[str, Any], told: str
) -> None:
    clips = [plate(tmp_path / name, 1001, 1005, name=name, size=(32, 18)) for name in ("one", "two")]
    with pytest.raises(ParamsError, match=told):
        movies.run("dailies", clips, edit=edit)


@pytest.mark.parametrize(
    ("rate", "size", "told"),
    [
        pytest.param("24", (128, 72), "the clips have several sizes (one 256x144, two 128x72)", id="sizes"),
        pytest.param("25", (256, 144), "two has 25 frames per second, cut cut has 24", id="rates"),
    ],
)
def test_a_reel_of_unlike_movies_is_refused_before_it_is_submitted(
    movies: MovieStudio, tmp_path: Path, rate: str, size: tuple[int, int], told: str
) -> None:
    clips = [plate(tmp_path / "one", 1, 2, name="one"), plate(tmp_path / "two", 1, 2, name="two", size=size, rate=rate)]
    with pytest.raises(BadRequestError, match=re.escape(told)):
        movies.run("dailies", clips, edit=edit_of(("one", 0, 1), ("two", 2, 3)))


def test_media_that_changed_since_are_refused_before_a_movie_is_made(movies: MovieStudio, tmp_path: Path) -> None:
    clips = [plate(tmp_path / name, 1, 2, name=name) for name in ("one", "two")]
    spec = movies.planned("dailies", clips, edit=edit_of(("one", 0, 1), ("two", 2, 3)))
    plate(tmp_path / "two", 1, 2, name="two", size=(128, 72))
    ran = movies.run_spec(spec)
    assert "the clips have several sizes (one 256x144, two 128x72)" in ran.failure
    assert ran.receipts("movie") == []


def stereo(path: Path, *, parts: bool) -> Path:
    """Left and right, by parts or by channels; OpenEXR's technical notes on multi-view files name both."""
    both = ("left", "right")
    specs = [oiio.ImageSpec(64, 48, 3 if parts else 6, "half") for _view in (both if parts else (both,))]
    for spec, view in zip(specs, both, strict=False):
        spec.attribute("colorInteropID", "lin_ap1_scene")
        if parts:
            spec.attribute("oiio:subimagename", view)
            spec.attribute("view", view)
        else:
            spec.attribute("multiView", oiio.TypeDesc("string[2]"), both)
            spec.channelnames = ("R", "G", "B", "right.R", "right.G", "right.B")
    output: Any = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), tuple(specs))
    for index, spec in enumerate(specs):
        assert index == 0 or output.open(str(path), spec, "AppendSubimage")
        assert output.write_image(np.full((48, 64, spec.nchannels), 0.18, dtype=np.float16))
    assert output.close()
    return path


@pytest.mark.parametrize("parts", [pytest.param(True, id="by parts"), pytest.param(False, id="by channels")])
def test_of_a_stereo_picture_it_is_told_which_view_is_shown(
    movies: MovieStudio, tmp_path: Path, *, parts: bool
) -> None:
    clip = Clip(name="pair", media=str(stereo(tmp_path / "pair.exr", parts=parts)), entity=shot("pair"))
    ran = movies.run("dailies", [clip], PLAIN, rate="24")
    assert "pair: its frames are stereo; the movie shows the view left, not right" in ran.notes

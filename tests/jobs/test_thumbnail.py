"""Thumbnails show the frame that was asked for, in the right colour, in square pixels."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest

from shotmill.pipeline.images import read_image, write_image
from shotmill.schema.errors import ColourError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip
from shotmill.submitters.demo import DemoMedia
from shotmill.submitters.demo.scene import PATCHES, Patch, read_number

RunJob = Callable[..., Any]  # see conftest.py


def number_in(path: Path) -> int:
    return read_number(read_image(path).pixels)


def patch_in(path: Path, patch: Patch) -> np.ndarray:
    """The colour of a patch's centre in a picture of the demo's full size, 0..1."""
    half = patch.size // 2
    square = read_image(path).pixels[patch.y + half - 4 : patch.y + half + 4, patch.x + half - 4 : patch.x + half + 4]
    return np.asarray(square.reshape(-1, 3).mean(axis=0) / 255.0)


def shown(linear: tuple[float, float, float], *, display: str, view: str) -> np.ndarray:
    """What OpenColorIO itself makes of an ACEScg colour."""
    config = ocio.Config.CreateFromFile("ocio://default")
    transform = ocio.DisplayViewTransform(src="ACEScg", display=display, view=view)
    return np.asarray(config.getProcessor(transform).getDefaultCPUProcessor().applyRGB(list(linear)))


def whole_movie(demo: DemoMedia, clip: Clip) -> Clip:
    return clip.model_copy(update={"media": str(demo.movie), "frames": None})


@pytest.mark.parametrize(
    ("pick", "frame"),
    [("middle", 13), ("first", 4), ("last", 23), ("17", 17), ("111", 111), ("0", 0)],
)
def test_a_movie_shows_the_frame_asked_for(run_job: RunJob, movie_clip: Clip, pick: str, frame: int) -> None:
    assert number_in(run_job("thumbnail", [movie_clip], frame=pick).file("render")) == frame


@pytest.mark.parametrize(("pick", "frame"), [("middle", 1007), ("first", 1003), ("last", 1012), ("1040", 1040)])
def test_a_sequence_shows_the_frame_asked_for(run_job: RunJob, plate_clip: Clip, pick: str, frame: int) -> None:
    assert number_in(run_job("thumbnail", [plate_clip], frame=pick).file("render")) == frame


def test_a_whole_movie_shows_its_middle(run_job: RunJob, movie_clip: Clip, demo: DemoMedia) -> None:
    assert number_in(run_job("thumbnail", [whole_movie(demo, movie_clip)]).file("render")) == 55


def test_a_whole_sequence_shows_its_middle(run_job: RunJob, plate_clip: Clip) -> None:
    clip = plate_clip.model_copy(update={"frames": FrameSet.span(1001, 1040)})
    assert number_in(run_job("thumbnail", [clip]).file("render")) == 1020


def test_the_middle_of_a_sequence_with_gaps_is_the_nearest_frame_there(run_job: RunJob, plate_clip: Clip) -> None:
    clip = plate_clip.model_copy(update={"holes": FrameSet.parse("1006-1009")})
    assert number_in(run_job("thumbnail", [clip]).file("render")) == 1005


def test_every_shot_of_a_cut_shows_its_own_frame(run_job: RunJob, cut_clips: list[Clip], demo: DemoMedia) -> None:
    there = [clip for clip in cut_clips if not clip.offline]
    made = run_job("thumbnail", there).outputs("render")
    expected = {shot.path: shot.middle for shot in demo.shots if shot.medium != "lost"}
    assert {output.product: number_in(path) for output, [path] in made} == expected


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_the_colour_is_what_opencolorio_makes_of_it(run_job: RunJob, plate_clip: Clip, patch: Patch) -> None:
    ran = run_job("thumbnail", [plate_clip], width=960, format="png")
    [(output, [path])] = ran.outputs("render")
    expected = shown(patch.linear, display=output.facts["display"], view=output.facts["view"])
    assert np.abs(patch_in(path, patch) - expected).max() <= 1 / 255


def test_another_view_is_honoured(run_job: RunJob, plate_clip: Clip) -> None:
    ran = run_job("thumbnail", [plate_clip], width=960, format="png", view="Un-tone-mapped")
    [(output, [path])] = ran.outputs("render")
    assert output.facts["view"] == "Un-tone-mapped"
    expected = shown(PATCHES[1].linear, display=output.facts["display"], view="Un-tone-mapped")
    assert np.abs(patch_in(path, PATCHES[1]) - expected).max() <= 1 / 255


def test_wide_pixels_become_square_ones(run_job: RunJob, plate_clip: Clip, tmp_path: Path) -> None:
    path = tmp_path / "scope.exr"
    write_image(path, np.full((80, 100, 3), 0.18, dtype=np.float16), attributes={"PixelAspectRatio": 2.0})
    clip = plate_clip.model_copy(update={"media": str(path), "frames": None, "colourspace": "ACEScg"})
    [(output, [made])] = run_job("thumbnail", [clip], width=100).outputs("render")
    assert read_image(made).pixels.shape == (40, 100, 3)
    assert (output.width, output.height, output.pixel_aspect) == (100, 40, 1.0)


def test_the_receipt_tells_where_the_picture_came_from(run_job: RunJob, plate_clip: Clip) -> None:
    [(output, _paths)] = run_job("thumbnail", [plate_clip]).outputs("render")
    assert output.facts["source"] == plate_clip.media
    assert output.facts["frame"] == 1007
    assert output.facts["colourspace"] == "ACEScg"
    assert {"display", "view", "config"} <= set(output.facts)


def test_the_same_inputs_give_the_same_bytes(run_job: RunJob, movie_clip: Clip, plate_clip: Clip) -> None:
    clips = [movie_clip, plate_clip]
    first, second = (run_job("thumbnail", clips).receipts("render")[0].outputs for _ in range(2))
    assert [output.files for output in first] == [output.files for output in second]


def test_a_frame_that_is_not_there_is_named(run_job: RunJob, plate_clip: Clip) -> None:
    failure = run_job("thumbnail", [plate_clip], frame="1099").failure
    assert "E204 input-missing" in failure
    assert "frame=1099" in failure
    assert "clip=plate" in failure


def test_a_frame_beyond_a_movies_end_is_named(run_job: RunJob, movie_clip: Clip) -> None:
    failure = run_job("thumbnail", [movie_clip], frame="112").failure
    assert "E204 input-missing" in failure
    assert "112" in failure


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9], ids=["no bytes", "a third", "nine tenths"])
def test_a_frame_that_is_cut_off_is_refused(
    run_job: RunJob, plate_clip: Clip, demo: DemoMedia, tmp_path: Path, share: float
) -> None:
    plate = Path(shutil.copytree(demo.plate.parent, tmp_path / "cut-off"))
    frame = plate / "hills.1007.exr"
    frame.write_bytes(frame.read_bytes()[: int(frame.stat().st_size * share)])
    failure = run_job("thumbnail", [plate_clip.model_copy(update={"media": str(plate / "hills.####.exr")})]).failure
    assert "E205 input-corrupt" in failure
    assert "hills.1007.exr" in failure


@pytest.mark.parametrize(
    ("name", "wrong", "near"),
    [
        ("view", "Un-tone-maped", "Un-tone-mapped"),
        ("display", "sRGB - Displai", "sRGB - Display"),
        ("colourspace", "ACEScgg", "ACEScg"),
    ],
)
def test_an_unknown_name_gets_the_nearest_ones_before_anything_runs(
    name: str, wrong: str, near: str, run_job: RunJob, plate_clip: Clip
) -> None:
    with pytest.raises(ColourError, match=f"{wrong}.*nearest: {near}"):
        run_job("thumbnail", [plate_clip], **{name: wrong})

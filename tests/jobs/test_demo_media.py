"""The demo's media are what they say, and the same on every run."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

from shotmill.pipeline.images import exr_compression, read_image
from shotmill.pipeline.tools import StudioTools
from shotmill.schema.media import Clip
from shotmill.submitters.demo import DemoMedia, make_media
from shotmill.submitters.demo.scene import HEIGHT, WIDTH, read_number


def checksums(media: DemoMedia) -> dict[str, str]:
    files = sorted(path for path in media.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(media.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_frame_of_the_movie_carries_its_number(demo: DemoMedia, tools: StudioTools) -> None:
    clip = Clip(name="movie", media=str(demo.movie))
    stills = tools.stills(clip, range(112), width=WIDTH // 2)
    assert [read_number(still.pixels) for still in stills] == list(range(112))


def test_every_frame_of_the_plate_carries_its_number(demo: DemoMedia, tools: StudioTools) -> None:
    clip = Clip(name="plate", media=str(demo.plate))
    stills = tools.stills(clip, list(demo.plate_frames), width=WIDTH // 2)
    assert [read_number(still.pixels) for still in stills] == list(demo.plate_frames)


@pytest.mark.parametrize("frame", [1001, 1020, 1040])
def test_the_patches_of_the_plate_hold_exactly_their_values(demo: DemoMedia, frame: int) -> None:
    pixels = read_image(demo.plate.parent / f"hills.{frame}.exr").pixels
    for patch in demo.patches:
        square = pixels[patch.y : patch.y + patch.size, patch.x : patch.x + patch.size]
        assert (square == np.array(patch.linear, dtype=np.float16)).all()


def test_the_plate_is_half_zip_of_the_size_it_says(demo: DemoMedia) -> None:
    path = demo.plate.parent / "hills.1001.exr"
    pixels = read_image(path).pixels
    assert (exr_compression(path), str(pixels.dtype), pixels.shape) == ("zip", "float16", (HEIGHT, WIDTH, 3))


def test_the_cut_opens_in_opentimelineio(demo: DemoMedia) -> None:
    timeline = otio.adapters.read_from_file(str(demo.cut))
    assert [clip.name for clip in timeline.find_clips()] == [f"{one.sequence}_{one.name}" for one in demo.shots]
    assert [otio.schema.MissingReference is type(clip.media_reference) for clip in timeline.find_clips()].count(
        True
    ) == 1
    [dissolve] = timeline.find_children(descended_from_type=otio.schema.Transition)
    assert dissolve.duration().value == 12


def test_the_cut_leaves_handles_and_stays_inside_its_media(demo: DemoMedia) -> None:
    timeline = otio.adapters.read_from_file(str(demo.cut))
    for clip in timeline.find_clips():
        if not clip.media_reference.is_missing_reference:
            assert clip.available_range().contains(clip.source_range)
            assert clip.available_range().start_time < clip.source_range.start_time


def test_a_second_run_leaves_what_is_there(demo: DemoMedia) -> None:
    before = demo.movie.stat().st_mtime_ns
    assert make_media(demo.folder) == demo
    assert demo.movie.stat().st_mtime_ns == before


def test_a_frame_that_was_lost_is_made_again_with_the_same_bytes(demo: DemoMedia, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(demo.folder, tmp_path / "copy"))
    (copy / "hills" / "hills.1010.exr").unlink()
    assert checksums(make_media(copy)) == checksums(demo)


@pytest.mark.slow
def test_a_run_that_was_interrupted_is_made_anew_with_the_same_bytes(demo: DemoMedia, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(demo.folder, tmp_path / "copy"))
    (copy / "cut.otio").unlink()
    assert checksums(make_media(copy)) == checksums(demo)

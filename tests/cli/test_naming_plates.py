"""Plates as people name them: a folder, one frame, a pattern; each means all of its frames, or says why not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import Shotmill, write_cut, write_frames

from shotmill.pipeline.images import write_image
from shotmill.pipeline.media import frame_path
from shotmill.submitters.demo import make_media


def write_images(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        write_image(folder / name, np.full((36, 64, 3), 128, np.uint8))
    return folder


def published_frames(home: Path) -> list[int]:
    manifest = json.loads(next((home / "projects").rglob("manifest.json")).read_bytes())
    return [file["frame"] for form in manifest["representations"] for file in form["files"]]


@pytest.mark.parametrize("typed", ["", "p.10.png"])
def test_an_unpadded_sequence_is_published_whole(typed: str, tmp_path: Path, home: Path, shotmill: Shotmill) -> None:
    pad = write_images(tmp_path / "pad", "p.8.png", "p.9.png", "p.10.png", "p.11.png")
    assert shotmill("publish", pad / typed, "--product", "plate").exit_code == 0
    assert published_frames(home) == [8, 9, 10, 11]


def test_a_version_below_zero_is_a_plate_by_its_folder(tmp_path: Path, home: Path, shotmill: Shotmill) -> None:
    neg = write_images(tmp_path / "neg", "n.-0002.png", "n.-0001.png", "n.0000.png")
    assert shotmill("publish", neg, "--product", "plate").exit_code == 0
    version = next((home / "projects").rglob("manifest.json")).parent
    found = shotmill("probe", version, "--json").json
    assert (Path(found["path"]).name, found["frames"]) == ("n_plate_v001.####.png", "-2-0")


def test_a_screenshot_named_by_its_time_is_a_still(tmp_path: Path, shotmill: Shotmill) -> None:
    folder = write_images(tmp_path / "x", "Screenshot_20241231235958.png", "Screenshot_20241231235959.png")
    made = shotmill("plan", "thumbnail", folder / "Screenshot_20241231235958.png", "--json").json
    assert made["publishes"] == ["local/plate/Screenshot_20241231235958/thumbnail"]


def test_frames_of_another_padding_are_not_part_of_the_plate(tmp_path: Path, shotmill: Shotmill) -> None:
    folder = write_images(tmp_path / "x", "p.0001.png", "p.0002.png", "p.01.png")
    before = shotmill("plan", "probe", folder / "p.####.png", "--json").json["key"]
    (folder / "p.01.png").unlink()
    assert shotmill("plan", "probe", folder / "p.####.png", "--json").json["key"] == before


@pytest.fixture
def cut_with_a_hole(tmp_path: Path, shotmill: Shotmill) -> str:
    """A cut whose first shots use frames 1001 to 1003 of a plate, of which the middle one is lost."""
    plate = write_frames(tmp_path / "media", 1001, 1002, 1003)
    assert shotmill("ingest", write_cut(tmp_path / "cut.otio", plate), "--cut", "main").exit_code == 0
    frame_path(str(plate), 1002).unlink()
    return "main"


def test_a_hole_in_the_middle_of_a_shot_shows_the_nearest_frame(
    cut_with_a_hole: str, home: Path, shotmill: Shotmill
) -> None:
    assert shotmill("submit", "thumbnail", "--cut", cut_with_a_hole, "--wait").exit_code == 0
    manifests = [json.loads(path.read_bytes()) for path in (home / "projects").rglob("manifest.json")]
    assert [found["representations"][0]["facts"]["frame"] for found in manifests] == [1001, 1001]


def test_a_filmstrip_of_a_shot_is_made_of_the_frames_that_are_there(cut_with_a_hole: str, shotmill: Shotmill) -> None:
    assert shotmill("submit", "filmstrip", "--cut", cut_with_a_hole, "--wait").exit_code == 0


def test_a_publish_of_a_cut_names_its_holes_before_it_runs(cut_with_a_hole: str, shotmill: Shotmill) -> None:
    ran = shotmill("plan", "publish", "--cut", cut_with_a_hole, "--product", "plate")
    assert (ran.exit_code, "frames 1002 are not there" in ran.err, "--allow-holes" in ran.err) == (65, True, True)


@pytest.mark.parametrize("job_type", ["contactsheet", "thumbnail"])
def test_a_cut_whose_media_is_all_offline_is_refused(job_type: str, tmp_path: Path, shotmill: Shotmill) -> None:
    cut = write_cut(tmp_path / "cut.otio", tmp_path / "lost" / "plate.####.png")
    assert shotmill("ingest", cut, "--cut", "main").exit_code == 0
    ran = shotmill("submit", job_type, "--cut", "main")
    assert (ran.exit_code, ran.err.split()[0]) == (65, "E204")
    assert "is offline: sq010/sh010, sq010/sh020, sq010/sh030; bring it, or relink the cut" in ran.err


def test_a_frame_that_a_movie_does_not_have_asks_for_another_submit(tmp_path: Path, shotmill: Shotmill) -> None:
    demo = make_media(tmp_path / "demo")
    ran = shotmill("submit", "thumbnail", demo.movie, "--frame", "9999", "--wait")
    assert (ran.exit_code, "not 9999; choose one of them" in ran.out) == (65, True)
    assert ran.out.splitlines()[-1] == "next: submit again with another --frame"

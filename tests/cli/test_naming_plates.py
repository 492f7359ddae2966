"""Plates as people name them: a folder, one frame, a pattern; each means all of its frames, or says why not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import Shotmill

from shotmill.pipeline.images import write_image


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

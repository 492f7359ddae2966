"""The plate of the roto demo is what it says, and the same on every run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shotmill.pipeline.images import exr_compression, read_header
from shotmill.pipeline.media import find_medium
from shotmill.submitters.demo.balloon import FRAMES, HEIGHT, WIDTH, balloon_box, coverage, make_plate, pose_of, render


def test_the_plate_is_a_linear_sequence_that_says_so(tmp_path: Path) -> None:
    plate = make_plate(tmp_path / "balloon")
    assert find_medium(str(plate)).frames == FRAMES
    first = tmp_path / "balloon" / "balloon.1001.exr"
    header = read_header(first)
    assert (header.width, header.height, header.bits, header.colourspace) == (WIDTH, HEIGHT, 16, "lin_ap1_scene")
    assert exr_compression(first) == "zip"
    before = first.read_bytes()
    first.unlink()
    assert make_plate(tmp_path / "balloon") == plate
    assert first.read_bytes() == before


def test_the_balloon_is_where_its_pose_says() -> None:
    for frame in (FRAMES.first, 1016, FRAMES.last):
        pose, cover = pose_of(frame), coverage(frame)
        left, top, right, bottom = balloon_box(frame, margin_px=0)
        assert cover[int(pose.y), int(pose.x)] == 1
        assert abs((left + right) / 2 - pose.x) < 0.2 * pose.radius
        assert abs(top - (pose.y - pose.radius)) < 2  # its crown is a circle
        assert bottom > pose.y + 1.6 * pose.radius  # the basket hangs below
        assert 0 < left < right < WIDTH
        assert bottom < HEIGHT


def test_the_landscape_behind_it_carries_no_number() -> None:
    picture = render(FRAMES.first)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert np.ptp(picture[330:350, 30:150], axis=(0, 1)).max() < 0.6  # where the other demo's number stands

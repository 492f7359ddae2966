"""Roto fact 17: the script that makes all keys in Nuke, run beside a strict Nuke of the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from read_nk import read_nk
from read_nukepy import read_nukepy, run_in_nuke
from shape_documents import document
from shape_pixels import as_read

from shotmill.pipeline.exports import find_export, nuke_script


def test_nodes_hold_the_keys_of_the_document(tmp_path: Path) -> None:
    """Roto fact 17: keys, positions, feathers, holes and lives are those of the JSON."""
    plate = document(97, 61, pixel_aspect=2.0)
    hero, crowd = run_in_nuke(find_export("nukepy").write(plate), tmp_path)
    assert (hero["node"], hero["layer"], crowd["node"], crowd["layer"]) == (
        "Roto_hero",
        "hero",
        "Roto_crowd_2_b",
        "crowd-2.b",
    )
    assert hero["format"] == [97, 61, 2.0]
    outer, hole, pupil = hero["shapes"]
    assert list(outer["points"][0]) == ["1001", "1005", "1010"]
    x, y, in_x, in_y, out_x, out_y, _ = plate.objects[0].shapes[0].keys[1].knots[2]
    wanted = [x, 61 - y, in_x, -in_y, out_x, -out_y]  # by hand: Nuke's y grows upwards
    assert outer["points"][2]["1005"] == pytest.approx(wanted, abs=1e-4)
    assert outer["constants"] == {"bm": 0, "ro": 0.1, "go": 0.8, "bo": 0.3}
    assert hole["constants"]["bm"] == 12
    assert hole["opacity"] == {"1002": 0, "1003": 1, "1008": 1, "1009": 0}
    assert pupil["opacity"] == {"1005": 0, "1006": 1, "1007": 0}
    assert hole["feathers"][0] == {}


def test_soft_edges_lie_outside_of_the_curve(tmp_path: Path) -> None:
    """By hand: knot 1 of the ellipse's first key lies at 45 degrees; knots turn with it, so out is along (w, -h)."""
    plate = document(100, 100)
    (point,) = [run_in_nuke(find_export("nukepy").write(plate), tmp_path)[0]["shapes"][0]["feathers"][1]["1001"]]
    along = np.array([30, -20]) / np.hypot(30, 20) * 2.5  # across the tangent (-20, 30) of radii 20 and 30; y up
    assert point[:2] == pytest.approx(list(along), abs=1e-4)
    static = read_nk(find_export("nuke").write(plate))[0].feathers["outer"]
    assert static.shape == (8, 6)
    assert np.abs(static[0, :2]).max() == 0
    assert np.hypot(*static[1, :2]) == pytest.approx(plate.objects[0].shapes[0].at(1006)[1][6], abs=1e-5)  # type: ignore[index]


@pytest.mark.parametrize("keys", ["live", "copies"])
def test_ways_between_keys_are_straight_whatever_nuke_thinks_of_keys(keys: str, tmp_path: Path) -> None:
    """Where a key cannot be told to be linear, each frame gets one."""
    plate = document()
    nodes = run_in_nuke(find_export("nukepy").write(plate), tmp_path, keys=keys)
    found = {shape.name: shape for shape in read_nukepy(nodes)["hero"][0]}
    wanted = {shape.name: shape for shape in as_read(plate)["hero"][0]}
    assert len(found["outer"].keys) == (3 if keys == "live" else 10)
    for frame in range(1001, 1011):
        assert np.abs(found["outer"].at(frame) - wanted["outer"].at(frame)).max() < 0.001


def test_names_that_nuke_lacks_are_errors_in_its_double(tmp_path: Path) -> None:
    script = find_export("nukepy").write(document())
    with pytest.raises(AssertionError, match="addPosition"):
        run_in_nuke(script.replace(b"addPositionKey", b"addPosition"), tmp_path)


def test_the_script_runs_in_python_3_7() -> None:
    """Nuke 13 brings Python 3.7."""
    vermin = Path(sys.executable).parent / "vermin"
    ran = subprocess.run(
        [vermin, "--target=3.7-", "--no-tips", nuke_script.SIDE], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout

"""The roto demo, whole: a plate, one box, and what is published of it, without a model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from command_line import run_process, stop_engines

from shotmill.pipeline.images import read_image, read_matte
from shotmill.pipeline.roto.metrics import boundary_f, region_j
from shotmill.schema.roto_qc import RotoQc
from shotmill.schema.shapes import ShapesDocument
from shotmill.submitters.demo.balloon import FRAMES, coverage

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Demo:
    home: Path
    out: str

    @property
    def overlay(self) -> Path:
        [shown] = re.findall(r"^    (.*\.jpg)$", self.out, flags=re.MULTILINE)
        return Path(shown)

    def file(self, ending: str) -> Path:
        [found] = self.overlay.parent.glob(f"*{ending}")
        return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("a roto demo")
    ran = run_process("demo", "--roto", "--folder", folder, home=folder / "not here")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not (folder / "not here").exists()
    yield Demo(folder / "home", ran.stdout)
    stop_engines(folder / "home")


def test_the_mattes_are_the_balloon(demo: Demo) -> None:
    """roto fact 1: classical, end to end. The truth is known of the plate, which is computed."""
    for frame in (FRAMES.first, 1016, FRAMES.last):
        matte, truth = read_matte(demo.file(f".{frame}.exr"), "A") > 0.5, coverage(frame) > 0.5
        assert region_j(matte, truth) > 0.97
        assert boundary_f(matte, truth, tolerance_px=2) > 0.98


def test_its_shapes_hold_all_frames_with_fewer_keys(demo: Demo) -> None:
    document = ShapesDocument.model_validate_json(demo.file(".shapes.json").read_text(encoding="utf-8"))
    [balloon] = document.objects
    keys = {key.frame for shape in balloon.shapes for key in shape.keys}
    assert (document.first, document.last, balloon.name) == (FRAMES.first, FRAMES.last, "balloon")
    assert len(keys) < len(FRAMES)


def test_every_export_lies_beside_them(demo: Demo) -> None:
    for ending in (".nk", ".py", ".fxs", ".jsx", ".lottie.json", ".setting", ".comp", ".mp4"):
        assert demo.file(ending).name in demo.out


def test_its_quality_says_on_what_it_was_made_and_how_fast(demo: Demo) -> None:
    """roto fact 19: with the device's name; targets are for graphics cards alone."""
    found = RotoQc.model_validate_json(demo.file(".qc.json").read_text(encoding="utf-8"))
    speed = found.speed
    assert speed.device
    assert None not in (speed.first_frame_s, speed.propagation_fps, speed.export_s)
    assert speed.is_gpu or {target.verdict.value for target in found.targets} == {"not measured"}
    assert found.to_check_share < 0.05


def test_the_picture_shows_tinted_balloons(demo: Demo) -> None:
    """The tint is green, and nothing else on the sheet is: the balloon is red and cream, the hills are nearly grey."""
    sheet = read_image(demo.overlay).pixels.astype(int)
    green = (sheet[..., 1] > sheet[..., 0] + 15) & (sheet[..., 1] > sheet[..., 2] + 40)
    assert 0.002 < green.mean() < 0.05


def test_what_it_tells_to_try_is_there(demo: Demo) -> None:
    address = re.search(r"path (\S+) --files", demo.out)
    assert address is not None
    ran = run_process("lineage", address.group(1), "--json", home=demo.home)
    assert json.loads(ran.stdout)["version"]["product"] == "roto"

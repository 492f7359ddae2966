"""The page about roto: its commands in order, and what the demo, the first of them, publishes without a model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from command_line import run_process, stop_engines
from page_commands import ROOT, Shell, shown_commands
from ready import ready_commands

from shotmill.pipeline.images import read_image, read_matte
from shotmill.pipeline.roto.metrics import boundary_f, region_j
from shotmill.schema.roto_qc import RotoQc
from shotmill.schema.shapes import ShapesDocument
from shotmill.submitters.demo.balloon import FRAMES, coverage

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Page:
    """A folder in which a reader typed all of the page; what each command printed, the demo first."""

    folder: Path
    out: list[str]

    @property
    def overlay(self) -> Path:
        [shown] = re.findall(r"^    (.*\.jpg)$", self.out[0], flags=re.MULTILINE)
        return Path(self.folder, shown)

    def file(self, ending: str) -> Path:
        [found] = self.overlay.parent.glob(f"*{ending}")
        return Path(found)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("a reader of roto")
    with ready_commands(tmp_path_factory.mktemp("ready")) as ready:
        shell = Shell(folder, ready)
        yield Page(folder, [shell.show(shown) for shown in shown_commands(ROOT / "docs" / "roto.md")])
    stop_engines(folder / "shotmill-demo/home")


def test_every_command_prints_what_the_page_shows(page: Page) -> None:
    """Shown lines are looked for as commands are run; here, that none was forgotten."""
    assert len(page.out) == 8
    assert (page.folder / "mask.png").is_file()


def test_the_mattes_are_the_balloon(page: Page) -> None:
    """roto fact 1: classical, end to end. The truth is known of the plate, which is computed."""
    for frame in (FRAMES.first, 1016, FRAMES.last):
        matte, truth = read_matte(page.file(f".{frame}.exr"), "A") > 0.5, coverage(frame) > 0.5
        assert region_j(matte, truth) > 0.97
        assert boundary_f(matte, truth, tolerance_px=2) > 0.98


def test_its_shapes_hold_all_frames_with_fewer_keys(page: Page) -> None:
    document = ShapesDocument.model_validate_json(page.file(".shapes.json").read_text(encoding="utf-8"))
    [balloon] = document.objects
    keys = {key.frame for shape in balloon.shapes for key in shape.keys}
    assert (document.first, document.last, balloon.name) == (FRAMES.first, FRAMES.last, "balloon")
    assert len(keys) < len(FRAMES)


def test_every_export_lies_beside_them(page: Page) -> None:
    for ending in (".nk", ".py", ".fxs", ".jsx", ".lottie.json", ".setting", ".comp", ".mp4"):
        assert page.file(ending).name in page.out[0]


def test_its_quality_says_on_what_it_was_made_and_how_fast(page: Page) -> None:
    """roto fact 19: with the device's name; targets are for graphics cards alone."""
    found = RotoQc.model_validate_json(page.file(".qc.json").read_text(encoding="utf-8"))
    speed = found.speed
    assert speed.device
    assert None not in (speed.first_frame_s, speed.propagation_fps, speed.export_s)
    assert speed.is_gpu or {target.verdict.value for target in found.targets} == {"not measured"}
    assert found.to_check_share < 0.05


def test_the_picture_shows_tinted_balloons(page: Page) -> None:
    """The tint is green, and nothing else on the sheet is: the balloon is red and cream, the hills are nearly grey."""
    sheet = read_image(page.overlay).pixels.astype(int)
    green = (sheet[..., 1] > sheet[..., 0] + 15) & (sheet[..., 1] > sheet[..., 2] + 40)
    assert 0.002 < green.mean() < 0.05


def test_what_it_tells_to_try_is_there(page: Page) -> None:
    address = re.search(r"path (\S+) --files", page.out[0])
    assert address is not None
    ran = run_process("lineage", address.group(1), "--json", home=page.folder / "shotmill-demo/home")
    assert json.loads(ran.stdout)["version"]["product"] == "roto"

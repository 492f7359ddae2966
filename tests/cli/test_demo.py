"""The demo, whole: media, cut, jobs, publish, and a sheet that shows the frames it says it shows."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from command_line import PATIENCE_S, run_process, stop_engines

from shotmill.pipeline.images import read_image
from shotmill.submitters.demo.scene import CODE_BITS, CODE_BOX, HEIGHT, WIDTH, read_number

pytestmark = pytest.mark.slow

# The middle of each shot of the cut, by hand: movies count from 0, the plate from 1001; sq020/sh020 is lost.
FRAMES = {
    "sq010/sh010": 13,
    "sq010/sh020": 1007,
    "sq010/sh030": 39,
    "sq010/sh040": 67,
    "sq020/sh010": 1019,
    "sq020/sh030": 94,
    "sq020/sh040": 1032,
}


@dataclass(frozen=True)
class Demo:
    folder: Path
    out: str

    @property
    def home(self) -> Path:
        return self.folder / "home"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo run once, in an environment that points elsewhere."""
    folder = tmp_path_factory.mktemp("it's a demo")
    ran = run_process("demo", "--folder", folder, home=folder / "not here", env={"SHOTMILL_DATABASE": "postgresql://x"})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    yield Demo(folder, ran.stdout)
    stop_engines(folder / "home")


def picture(demo: Demo) -> Path:
    [shown] = re.findall(r"^    (.*\.jpg)$", demo.out, flags=re.MULTILINE)
    return Path(shown)


def test_the_demo_touches_only_its_folder(demo: Demo) -> None:
    assert not (demo.folder / "not here").exists()
    assert picture(demo).is_relative_to(demo.home / "projects" / "demo")


def test_a_second_run_finds_everything_published(demo: Demo) -> None:
    ran = run_process("demo", "--folder", demo.folder, home=demo.home)
    assert ran.stdout.count("0 tasks run. Use --force for a new version.") == 2
    assert "8 products published" in ran.stdout


@pytest.mark.parametrize("shot", FRAMES)
def test_every_thumbnail_shows_the_frame_of_its_cut(shot: str, demo: Demo) -> None:
    ran = run_process("path", f"demo:{shot}/thumbnail@v001", "--files", home=demo.home)
    assert read_number(read_image(Path(ran.stdout.strip())).pixels) == FRAMES[shot]


# Upper left corners of the sheet's stills, which are 400 x 225, measured on the picture.
COLUMNS, ROWS = (38, 463, 888, 1313), (106, 419)
LOST = 5


def numbers_on(sheet: np.ndarray) -> list[int]:
    """The numbers that the blocks of all stills spell, row by row."""
    return [read_number(sheet[top : top + 225, left : left + 400]) for top in ROWS for left in COLUMNS]


def test_the_sheet_shows_the_frames_in_the_order_of_the_cut(demo: Demo) -> None:
    seen = numbers_on(read_image(picture(demo)).pixels)
    assert seen[:LOST] + seen[LOST + 1 :] == list(FRAMES.values())


def test_what_it_tells_to_try_works_when_pasted(demo: Demo) -> None:
    script = demo.out.partition("Try next:\n")[2].replace("    ", "")
    assert len(script.splitlines()) == 5
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOTMILL_")}
    ran = subprocess.run(
        ["bash", "-euxc", script],
        env=environment,
        cwd=demo.folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (ran.returncode, "published demo:plate/plate/thumbnail@v001" in ran.stdout) == (0, True), ran.stderr
    assert ran.stdout.rstrip().endswith("no problems")


def test_the_blocks_of_the_number_are_where_the_scene_puts_them() -> None:
    left, top, width, height = CODE_BOX
    assert left + CODE_BITS * width < WIDTH
    assert top + height < HEIGHT

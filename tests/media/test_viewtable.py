"""Previews by a table of the view are what OpenColorIO itself makes of every pixel, within one code value."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813 - short, as in the field
import pytest
from image_makers import KINDS, picture, write
from numpy.typing import NDArray

from shotmill.pipeline.colour import Colour
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import Look, StudioTools
from shotmill.pipeline.viewtable import Shown, ViewTables
from shotmill.pipeline.viewtable_bake import MOST_FILES
from shotmill.schema.media import Clip
from shotmill.submitters.demo.scene import DAWN, DAY, DUSK, Scene

ACES_2 = ("ocio://default", "sRGB - Display", "ACES 2.0 - SDR 100 nits (Rec.709)")
VIDEO = ("ocio://default", "Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)")
HDR = ("ocio://default", "Rec.2100-PQ - Display", "ACES 2.0 - HDR 1000 nits (Rec.2020)")
ACES_1 = ("ocio://studio-config-v1.0.0_aces-v1.3_ocio-v2.1", "sRGB - Display", "ACES 1.0 - SDR Video")
LANDSCAPE = Scene("views", seed=7, lights=(DAWN, DAY, DUSK), frames=24)
CONFIGS = {name: Colour(name) for name in (ACES_2[0], ACES_1[0])}
SIZE = (512, 512, 3)

Pixels = NDArray[np.float32]
Target = tuple[str, str, str]


def dice() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(29))


def unreal() -> Pixels:
    pixels = dice().uniform(-1, 2, SIZE)
    pixels[::3], pixels[1::5, ::2], pixels[2::7, 1::3] = np.nan, np.inf, -np.inf
    return pixels.astype(np.float32)


PICTURES: dict[str, Callable[[], NDArray[Any]]] = {
    "landscape": lambda: LANDSCAPE.render(12, 12),
    "saturated, 18 stops": lambda: 2 ** dice().uniform(-12, 6, SIZE),
    "near grey": lambda: 2 ** dice().uniform(-8, 5, (512, 512, 1)) * 2 ** dice().normal(0, 0.3, SIZE),
    "near black": lambda: dice().uniform(-1e-4, 0.01, SIZE),
    "one colour at a time": lambda: 2 ** dice().uniform(-8, 5, SIZE) * dice().integers(0, 2, SIZE),
    "negative": lambda: dice().uniform(-1, 1, SIZE),
    "brighter than any display": lambda: 2 ** dice().uniform(0, 16, SIZE),
    "no numbers": unreal,
    "halves": lambda: dice().uniform(0, 1, SIZE).astype(np.float16),
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> ViewTables:
    return ViewTables(tmp_path_factory.mktemp("home"))


def show(tables: ViewTables, pixels: NDArray[Any], target: Target = ACES_1, space: str = "ACEScg") -> Shown:
    config, display, view = target
    return tables.show(CONFIGS[config], pixels, space, display=display, view=view)


def by_ocio(pixels: NDArray[Any], target: Target, space: str) -> NDArray[np.float64]:
    """In code values, as OpenColorIO's Python binding makes them without any of our code."""
    config, display, view = target
    transform = ocio.DisplayViewTransform(src=space, display=display, view=view)
    made = np.nan_to_num(pixels.astype(np.float32), posinf=65504, neginf=-65504).copy()
    processor = ocio.Config.CreateFromFile(config).getProcessor(transform).getDefaultCPUProcessor()
    for rows in range(0, len(made), 64):
        processor.applyRGB(made[rows : rows + 64])
    return np.asarray(np.rint(np.clip(np.nan_to_num(made), 0, 1).astype(np.float64) * 255))


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("target", [ACES_2, VIDEO, HDR, ACES_1], ids=["ACES 2", "Rec.1886", "HDR", "ACES 1"])
def test_every_pixel_is_within_one_code_value_of_opencolorio(tables: ViewTables, name: str, target: Target) -> None:
    pixels = PICTURES[name]()
    shown = show(tables, pixels, target)
    assert shown.by == "table"
    assert np.abs(shown.pixels - by_ocio(pixels, target, "ACEScg")).max() <= 1


@pytest.mark.parametrize(
    "space", ["ACES2065-1", "ACEScct", "Linear Rec.709 (sRGB)", "Linear P3-D65", "Linear Rec.2020"]
)
def test_every_scene_referred_space_shares_the_table(tables: ViewTables, space: str) -> None:
    pixels = dice().uniform(-0.05, 1.2, SIZE)
    assert np.abs(show(tables, pixels, ACES_2, space).pixels - by_ocio(pixels, ACES_2, space)).max() <= 1
    assert show(tables, pixels, ACES_2, space).by == "table"


@pytest.mark.parametrize("frame", [0, 12, 23])
def test_of_a_landscape_one_pixel_in_fifty_goes_the_exact_way(tables: ViewTables, frame: int) -> None:
    shown = show(tables, LANDSCAPE.render(frame, frame), ACES_2)
    assert shown.exact_share <= 0.02


def test_of_a_black_frame_no_pixel_goes_the_exact_way(tables: ViewTables) -> None:
    shown = show(tables, np.zeros(SIZE), ACES_2)
    assert (shown.exact_share, shown.pixels.max()) == (0, 0)


def test_where_many_pixels_are_saturated_a_second_table_takes_most_of_them(tmp_path: Path) -> None:
    pixels = dice().uniform(0, 1, SIZE)
    one = show(ViewTables(tmp_path), pixels[:128], ACES_2)
    assert len(kept(tmp_path)) == 1
    many = show(ViewTables(tmp_path), pixels, ACES_2)
    assert len(kept(tmp_path)) == 2
    assert many.exact_share < one.exact_share / 2
    np.testing.assert_allclose(many.pixels[:128], one.pixels, atol=1)


@pytest.mark.parametrize("value", [-0.1, 17.0, np.inf], ids=str)
def test_light_outside_of_the_table_goes_the_exact_way(tables: ViewTables, value: float) -> None:
    assert show(tables, np.full(SIZE, value), ACES_2).exact_share == 1


@pytest.mark.parametrize(
    ("size", "space", "view"),
    [
        pytest.param((255, 256, 3), "ACEScg", ACES_2[2], id="a small picture"),
        pytest.param(SIZE, "ACEScg", "Un-tone-mapped", id="a cheap view"),
        pytest.param(SIZE, "sRGB - Display", ACES_2[2], id="a picture for a display"),
        pytest.param(SIZE, "Raw", ACES_2[2], id="no colours at all"),
    ],
)
def test_no_table_is_made_where_the_exact_way_is_short(
    tmp_path: Path, size: tuple[int, ...], space: str, view: str
) -> None:
    shown = show(ViewTables(tmp_path), np.ones(size), (ACES_2[0], ACES_2[1], view), space)
    assert (shown.by, shown.exact_share, list(tmp_path.iterdir())) == ("exact", 1, [])


def kept(home: Path) -> list[Path]:
    return sorted((home / "cache" / "views").iterdir())


def test_a_table_that_is_read_shows_the_same_bytes_as_one_that_was_just_made(tmp_path: Path) -> None:
    pixels = dice().uniform(0.2, 0.8, SIZE)
    made = show(ViewTables(tmp_path), pixels).pixels
    [file] = kept(tmp_path)
    stamp = file.stat().st_mtime_ns
    np.testing.assert_array_equal(show(ViewTables(tmp_path), pixels).pixels, made)
    assert [path.stat().st_mtime_ns for path in kept(tmp_path)] == [stamp]


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [cut, flip, replace_by_pipe, replace_by_folder])
def test_a_damaged_table_is_made_again(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    pixels = dice().uniform(0.2, 0.8, SIZE)
    made = show(ViewTables(tmp_path), pixels).pixels
    [file] = kept(tmp_path)
    content = file.read_bytes()
    damage(file)
    np.testing.assert_array_equal(show(ViewTables(tmp_path), pixels).pixels, made)
    assert kept(tmp_path) == [file]
    assert file.is_dir() or file.read_bytes() == content


def test_a_home_that_cannot_be_written_shows_the_same_bytes(tables: ViewTables, tmp_path: Path) -> None:
    pixels = dice().uniform(0.2, 0.8, SIZE)
    (tmp_path / "home").write_text("no folder\n")
    np.testing.assert_array_equal(show(ViewTables(tmp_path / "home"), pixels).pixels, show(tables, pixels).pixels)


def test_old_tables_make_room_for_new_ones(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "views"
    folder.mkdir(parents=True)
    for age in range(MOST_FILES + 4):
        (folder / f"{age:02}.view").write_bytes(b"old")
        os.utime(folder / f"{age:02}.view", (1e9 - age, 1e9 - age))
    show(ViewTables(tmp_path), np.ones(SIZE))
    names = [path.name for path in kept(tmp_path)]
    assert (len(names), "00.view" in names, f"{MOST_FILES - 1}.view" in names) == (MOST_FILES, True, False)


SHOW = """
import hashlib, sys
from pathlib import Path
import numpy as np
from shotmill.pipeline.colour import Colour
from shotmill.pipeline.viewtable import ViewTables
home, config, display, view = sys.argv[1:]
pixels = np.linspace(0, 2, 512 * 512 * 3).reshape(512, 512, 3)
sys.stdin.read()  # all begin at once
shown = ViewTables(Path(home)).show(Colour(config), pixels, "ACEScg", display=display, view=view)
print(hashlib.sha256(shown.pixels.tobytes()).hexdigest())
"""


def test_processes_that_make_one_table_at_once_show_the_same_bytes(tables: ViewTables, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SHOW, str(tmp_path), *ACES_1]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {child.communicate("")[0].strip() for child in children}
    warm = show(tables, np.linspace(0, 2, 512 * 512 * 3).reshape(SIZE)).pixels
    assert said == {hashlib.sha256(warm.tobytes()).hexdigest()}
    assert [path.suffix for path in kept(tmp_path)] == [".view"]


@pytest.mark.parametrize(("width", "by"), [(512, "table"), (128, "exact")])
def test_a_still_says_which_way_its_view_went(tools: StudioTools, tmp_path: Path, width: int, by: str) -> None:
    clip = Clip(name="p", media=str(write(tmp_path / "p.exr", KINDS["EXR ZIP"], picture(1))))
    assert tools.still(clip, 0, width=width, look=Look(colourspace="ACEScg")).facts["view_by"] == by


def test_the_table_lies_in_the_studios_home(tmp_path: Path) -> None:
    clip = Clip(name="p", media=str(write(tmp_path / "p.exr", KINDS["EXR ZIP"], picture(1))))
    tools = StudioTools(Settings(home=tmp_path / "home", ocio=ACES_1[0]))
    tools.still(clip, 0, width=512, look=Look(colourspace="ACEScg", view=ACES_1[2]))
    assert [path.suffix for path in kept(tmp_path / "home")] == [".view"]

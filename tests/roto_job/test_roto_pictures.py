"""Backends see the display window in square pixels as a display shows it, and what they find comes back in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from roto_plates import HEIGHT, WIDTH, Plate, common, make_plate, picture, write

from shotmill.pipeline.roto.backend import Mask
from shotmill.pipeline.roto.geometry import Geometry
from shotmill.pipeline.roto.masks import FAR, edge_distance, join_masks, pack_mask, unpack_mask
from shotmill.pipeline.settings import Settings
from shotmill.pipeline.tools import Look, StudioTools
from shotmill.schema.errors import ColourError, InputCorruptError
from shotmill.schema.frames import FrameSet
from shotmill.schema.media import Clip
from shotmill.schema.roto import PromptBox, PromptPoint

RunRoto = Callable[..., Any]  # see conftest.py


@pytest.mark.parametrize(
    ("width", "height", "aspect", "model"),
    [
        pytest.param(1920, 1080, 1.0, (1920, 1080), id="square"),
        pytest.param(1001, 503, 2.0, (2002, 503), id="anamorphic, odd"),
        pytest.param(720, 576, 1.0940, (788, 576), id="PAL"),
        pytest.param(1440, 1081, 0.5, (1440, 2162), id="higher than wide"),
    ],
)
def test_pixels_become_square_by_growing(width: int, height: int, aspect: float, model: tuple[int, int]) -> None:
    geometry = Geometry(width, height, aspect)
    assert (geometry.model_width, geometry.model_height) == model


def test_places_go_to_model_pixels_and_back() -> None:
    geometry = Geometry(1001, 503, 2.0)
    point = geometry.point_to_model(PromptPoint(x=500.5, y=251.5))
    assert (point.x, point.y) == (1001.0, 251.5)  # the centre stays the centre
    box = PromptBox(left=10, top=20, right=31, bottom=41)
    assert geometry.box_to_model(box) == PromptBox(left=20, top=20, right=62, bottom=41)
    assert geometry.box_to_plate(geometry.box_to_model(box)) == box


def test_what_is_drawn_in_stored_pixels_comes_back_where_it_was() -> None:
    geometry = Geometry(41, 23, 2.0)
    stored = np.zeros((23, 41), np.float32)
    stored[5:15, 11:30] = 1.0
    back = geometry.to_plate(geometry.to_model(stored))
    assert np.abs(back - stored).max() <= 0.25  # the edge is one model pixel soft
    assert np.array_equal(back > 0.5, stored > 0.5)


def test_a_linear_exr_looks_like_its_display_twin(run_roto: RunRoto, tmp_path: Path, settings: Settings) -> None:
    """Roto fact 10: a linear EXR and the PNG that its display shows give masks with an IoU over .98."""
    exr = make_plate(tmp_path / "exr", suffix="exr", last=1003)
    clip = Clip(name="plate", media=exr.pattern, frames=FrameSet.span(1001, 1003), colourspace="lin_rec709")
    tools = StudioTools(settings)
    png = Plate(str(tmp_path / "png" / "plate.####.png"), 1001, 1003)
    (tmp_path / "png").mkdir()
    for frame in range(1001, 1004):
        write(png.path(frame), tools.whole(clip, frame).pixels)
    hero = f"hero @1001 box {exr.box(1001, margin=3)} +{exr.square(1001)[0] + 10},{exr.square(1001)[1] + 10}"
    of_exr = run_roto(exr, hero, colourspace="lin_rec709", until="shapes")
    of_png = run_roto(png, hero, until="shapes")
    for frame in range(1001, 1004):
        assert common(of_exr.matte(frame) > 0.5, of_png.matte(frame) > 0.5) > 0.98
        assert common(of_exr.matte(frame) > 0.5, exr.truth(frame)) > 0.85  # one pixel less all round is .83


def test_missing_data_is_black_and_the_display_window_is_whole(tmp_path: Path, settings: Settings) -> None:
    import OpenImageIO as oiio  # noqa: N813, PLC0415 - the name its own documentation uses

    spec = oiio.ImageSpec(10, 8, 3, oiio.HALF)
    spec.x, spec.y, spec.full_width, spec.full_height = 5, 6, 40, 30
    output: Any = oiio.ImageOutput.create(str(tmp_path / "a.exr"))
    assert output.open(str(tmp_path / "a.exr"), spec)
    assert output.write_image(np.full((8, 10, 3), 0.5, np.float16))
    assert output.close()
    clip = Clip(name="a", media=str(tmp_path / "a.exr"), colourspace="lin_rec709")
    shown = StudioTools(settings).whole(clip, 0).pixels
    assert shown.shape == (30, 40, 3)
    assert shown[:6].max() <= 1
    assert shown[6:14, 5:15].min() > 100


def test_exposure_brightens_the_light_of_a_scene_only(tmp_path: Path, settings: Settings) -> None:
    tools = StudioTools(settings)
    write(tmp_path / "a.exr", np.full((4, 4, 3), 0.1, np.float16))
    write(tmp_path / "b.exr", np.full((4, 4, 3), 0.2, np.float16))
    dim, bright = (Clip(name=name, media=str(tmp_path / f"{name}.exr"), colourspace="ACEScg") for name in "ab")
    brightened = tools.whole(dim, 0, exposure=1.0).pixels.astype(int)
    assert np.abs(brightened - tools.whole(bright, 0).pixels).max() <= 1
    write(tmp_path / "c.png", np.full((4, 4, 3), 90, np.uint8))
    with pytest.raises(ColourError, match="made for a display; leave it at 0"):
        tools.whole(Clip(name="c", media=str(tmp_path / "c.png")), 0, look=Look(), exposure=1.0)


def test_a_mask_file_is_the_object_as_it_was_drawn(run_roto: RunRoto, plate: Plate, tmp_path: Path) -> None:
    drawn = plate.truth(1001)
    write(tmp_path / "mask.png", (drawn[:, :, np.newaxis] * 255).astype(np.uint8))
    done = run_roto(
        plate, f"hero @1001 mask {tmp_path / 'mask.png'}", segment="stub", direction="forward", until="shapes"
    )
    assert common(done.matte(1001) > 0.5, drawn) > 0.97


def test_distances_from_an_edge_are_signed_and_half_a_pixel_on_either_side() -> None:
    inside = np.zeros((9, 9), bool)
    inside[:, :4] = True
    assert edge_distance(inside)[4].tolist() == [3.5, 2.5, 1.5, 0.5, -0.5, -1.5, -2.5, -3.5, -4.5]
    assert set(edge_distance(np.zeros((3, 3), bool)).ravel()) == {-FAR}


def test_two_walks_meet_in_the_middle() -> None:
    one, other = (Mask(np.full((4, 4), value, np.float32)) for value in (4.0, 1.0))
    assert join_masks([(0, one), (5, other)]).logits[0, 0] == 4.0
    assert join_masks([(1, one), (3, other)]).logits[0, 0] == pytest.approx(3.25)  # three quarters of the nearer


def test_walks_that_disagree_are_not_sure() -> None:
    left, right = np.full((4, 8), -1, np.float32), np.full((4, 8), -1, np.float32)
    left[:, :4], right[:, 3:] = 1, 1
    joined = join_masks([(2, Mask(left)), (2, Mask(right))])
    assert joined.confidence == pytest.approx(4 / 32)
    assert joined.reason == "walks from prompts 2 and 2 frames away agree by 12% only"


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [
        pytest.param((12, 1.0), (29, 1.0), 5.0, id="the nearer one"),
        pytest.param((12, 0.1), (29, 0.9), -16.0, id="the farther one, where the nearer is far less sure"),
    ],
)
def test_of_walks_that_disagree_one_is_taken_and_nothing_between_them(
    near: tuple[int, float], far: tuple[int, float], expected: float
) -> None:
    """Between a mask 5 px deep and one 16 px away from it, twelve parts to 29, lies a mask that is nowhere."""
    one, other = (np.full((8, 8), value, np.float32) for value in (5.0, -16.0))
    joined = join_masks([(near[0], Mask(one, near[1])), (far[0], Mask(other, far[1]))])
    assert joined.logits[4, 4] == expected
    assert joined.confidence == 0.0


def test_a_mask_s_bytes_come_back_or_are_refused() -> None:
    mask = Mask(np.linspace(-40, 40, 60, dtype=np.float32).reshape(6, 10), 0.5, "fast")
    packed = pack_mask(mask)
    back = unpack_mask(packed)
    np.testing.assert_allclose(back.logits, np.clip(mask.logits, -FAR, FAR), atol=0.01)
    assert (back.confidence, back.reason) == (0.5, "fast")
    for broken in (packed[:-1], b"x" + packed[1:], packed[:40], b""):
        with pytest.raises(InputCorruptError):
            unpack_mask(broken)


def test_the_test_plate_is_what_it_says() -> None:
    plate = Plate("/p/plate.####.png")
    assert picture(plate, 1001).shape == (HEIGHT, WIDTH, 3)
    assert plate.path(1001) == Path("/p/plate.1001.png")

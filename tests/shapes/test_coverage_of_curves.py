"""What a curve covers, against formulas and against another rasteriser."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shape_clips import circle_knots, count_inside, curve_points, disc, polygon_knots, rectangle, still, without

from shotmill.pipeline.shapes import rasterise
from shotmill.schema.shapes import ShapeMode

ADD, SUBTRACT = ShapeMode.ADD, ShapeMode.SUBTRACT


def test_a_disc_covers_its_area() -> None:
    drawn = rasterise(still((ADD, circle_knots(50.3, 40.7, 30.2))), 1, width=101, height=83)
    assert drawn.sum(dtype=np.float64) == pytest.approx(math.pi * 30.2**2, rel=5e-4)
    assert drawn.dtype == np.float32
    assert drawn.shape == (83, 101)


@pytest.mark.parametrize(
    ("x", "y", "radius"),
    [
        pytest.param(50.3, 40.7, 30.2, id="inside of the picture"),
        pytest.param(0.0, 0.0, 40.0, id="cut by the upper left corner"),
        pytest.param(101.0, 83.0, 60.0, id="cut by the lower right corner"),
        pytest.param(-5.0, 40.0, 20.0, id="its middle is outside"),
        pytest.param(50.0, 40.0, 400.0, id="larger than the picture"),
        pytest.param(500.0, 40.0, 20.0, id="beside the picture"),
        pytest.param(50.0, -90.0, 20.0, id="above the picture"),
        pytest.param(20.4, 20.4, 0.3, id="smaller than a pixel"),
    ],
)
def test_each_pixel_has_its_share_of_a_disc(x: float, y: float, radius: float) -> None:
    drawn = rasterise(still((ADD, circle_knots(x, y, radius))), 1, width=101, height=83)
    counted = count_inside(disc(x, y, radius), 101, 83, fine=32)
    assert np.abs(drawn - counted).max() < 0.03  # of 1024 points, those near the edge are counted wrong


def test_a_subtracted_disc_makes_a_ring() -> None:
    ring = still((ADD, circle_knots(50, 40, 30)), (SUBTRACT, circle_knots(52, 41, 12)))
    drawn = rasterise(ring, 1, width=101, height=83)
    assert drawn.sum(dtype=np.float64) == pytest.approx(math.pi * (30**2 - 12**2), rel=5e-4)
    assert drawn[41, 52] == 0
    counted = count_inside(without(disc(50, 40, 30), disc(52, 41, 12)), 101, 83, fine=16)
    assert np.abs(drawn - counted).max() < 0.05


def test_what_is_added_after_a_hole_stands_in_it() -> None:
    island = still(
        (ADD, circle_knots(50, 40, 30)), (SUBTRACT, circle_knots(50, 40, 20)), (ADD, circle_knots(50, 40, 5))
    )
    drawn = rasterise(island, 1, width=101, height=83)
    assert (drawn[40, 50], drawn[40, 62], drawn[40, 75]) == (1, 0, 1)


def test_overlapping_shapes_never_cover_more_than_all() -> None:
    both = still((ADD, circle_knots(40, 40, 20)), (ADD, circle_knots(50, 40, 20)))
    drawn = rasterise(both, 1, width=101, height=83)
    assert drawn.max() == pytest.approx(1.0)
    assert drawn[40, 45] == pytest.approx(1.0)


def test_outside_of_its_life_a_shape_covers_nothing() -> None:
    assert not rasterise(still((ADD, circle_knots(50, 40, 30))), 2, width=101, height=83).any()


def test_opencv_at_sixteen_times_the_size_covers_the_same() -> None:
    """An independent rasteriser: cv2.fillPoly paints boundary pixels, which at 16x is a thirty-second of a pixel."""
    knots = circle_knots(30, 30, 22, count=5)
    bent = tuple((x, y, a * 1.6, b * 1.6, c * 0.7, d * 0.7, f) for x, y, a, b, c, d, f in knots)
    drawn = rasterise(still((ADD, bent)), 1, width=61, height=64)
    large = np.zeros((64 * 16, 61 * 16), np.uint8)
    corners = np.round((curve_points(bent) * 16 - 0.5) * 256).astype(np.int32)
    cv2.fillPoly(large, [corners], [255], shift=8)
    shares = large.reshape(64, 16, 61, 16).mean(axis=(1, 3)) / 255
    assert np.abs(drawn - shares).max() < 0.12
    assert np.abs(drawn - shares).mean() < 0.004


coordinate = st.floats(1, 31, allow_nan=False)


@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=3))
def test_a_triangle_covers_half_its_cross_product(corners: list[tuple[float, float]]) -> None:
    (ax, ay), (bx, by), (cx, cy) = corners
    area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    drawn = rasterise(still((ADD, polygon_knots(corners))), 1, width=33, height=32)
    assert drawn.sum(dtype=np.float64) == pytest.approx(area, abs=2e-3)
    assert drawn.min() >= 0
    assert drawn.max() <= 1


def test_a_curve_run_the_other_way_round_covers_the_same() -> None:
    knots = circle_knots(50, 40, 30, feather=3.0)
    back = tuple((x, y, c, d, a, b, f) for x, y, a, b, c, d, f in reversed(knots))
    for feather in (False, True):
        one = rasterise(still((ADD, knots)), 1, width=101, height=83, feather=feather)
        other = rasterise(still((ADD, back)), 1, width=101, height=83, feather=feather)
        assert np.abs(one - other).max() < 1e-4


@pytest.mark.parametrize("feather", [1.0, 6.0, 20.0])
def test_a_feather_is_a_ramp_on_both_sides_of_the_curve(feather: float) -> None:
    drawn = rasterise(still((ADD, circle_knots(50, 40, 30, feather=feather))), 1, width=101, height=83, feather=True)
    y, x = np.mgrid[0:83, 0:101] + 0.5
    ramp = np.clip(0.5 - (np.hypot(x - 50, y - 40) - 30) / (2 * feather), 0, 1)
    assert np.abs(drawn - ramp).max() < 0.06


def test_without_being_asked_edges_are_hard() -> None:
    soft, hard = circle_knots(50, 40, 30, feather=6.0), circle_knots(50, 40, 30)
    one, other = (rasterise(still((ADD, knots)), 1, width=101, height=83) for knots in (soft, hard))
    assert np.array_equal(one, other)


def test_a_feather_may_differ_from_knot_to_knot() -> None:
    knots = tuple((*knot[:6], 8.0 if knot[0] > 50 else 0.0) for knot in circle_knots(50, 40, 30))
    drawn = rasterise(still((ADD, knots)), 1, width=101, height=83, feather=True)
    hard_side, soft_side = drawn[40, 10:30], drawn[40, 70:90]
    assert ((hard_side > 0.02) & (hard_side < 0.98)).sum() <= 2
    assert ((soft_side > 0.02) & (soft_side < 0.98)).sum() >= 12


def test_a_rectangle_on_whole_pixels_is_exact() -> None:
    drawn = rasterise(still((ADD, polygon_knots([(3, 2), (9, 2), (9, 7), (3, 7)]))), 1, width=12, height=9)
    assert np.array_equal(drawn, count_inside(rectangle(6, 4.5, (3, 2.5), 0), 12, 9))

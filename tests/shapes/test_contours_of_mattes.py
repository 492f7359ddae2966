"""Where a matte is half."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shape_clips import count_inside, disc, either, rectangle, without

from shotmill.pipeline.shapes.contours import trace_loops
from shotmill.pipeline.shapes.softness import measure_softness


@pytest.mark.parametrize("radius", [4.3, 8.3, 30.2])
def test_the_line_of_a_rendered_disc_is_its_circle(radius: float) -> None:
    matte = count_inside(disc(50.3, 40.7, radius), 101, 83, fine=32)
    (loop,) = trace_loops(matte, min_area_px=1)
    off = np.hypot(loop.points[:, 0] - 50.3, loop.points[:, 1] - 40.7) - radius
    assert np.abs(off).max() < 0.06
    assert abs(off.mean()) < 0.03
    assert loop.area == pytest.approx(math.pi * radius**2, rel=0.025)


@given(st.floats(0, 1), st.booleans())
def test_a_hard_edge_is_found_wherever_it_lies_in_its_pixel(share: float, upright: bool) -> None:
    matte = np.zeros((12, 12), np.float32)
    matte[2:10, 2:6] = 1
    matte[2:10, 6] = share
    (loop,) = trace_loops(matte if upright else matte.T.copy(), min_area_px=1)
    along, across = loop.points.T if upright else loop.points.T[::-1]
    right = along[(across > 4) & (across < 8) & (along > 5)]
    assert right == pytest.approx(6 + share, abs=1e-5)


@given(st.floats(-4, 4), st.floats(1.5, 4))
def test_a_soft_edge_is_found_where_it_is_half(middle: float, reach: float) -> None:
    x = np.arange(40) + 0.5
    row = np.clip(0.5 - (x - 20 - middle) / (2 * reach), 0, 1)
    row[:8] = 0
    (loop,) = trace_loops(np.tile(row, (12, 1)).astype(np.float32), min_area_px=1)
    right = loop.points[(loop.points[:, 1] > 2) & (loop.points[:, 1] < 10) & (loop.points[:, 0] > 12), 0]
    assert right == pytest.approx(20 + middle, abs=1e-3)


def test_holes_and_islands_are_told_by_their_depth() -> None:
    """Roto fact 14: a ring has an outline and a hole."""
    ring = without(disc(50, 40, 35), disc(50, 40, 25))
    matte = count_inside(either(ring, disc(50, 40, 10)), 101, 83)
    loops = trace_loops(matte, min_area_px=1)
    assert [(loop.depth, loop.is_hole) for loop in loops] == [(0, False), (1, True), (2, False)]
    areas = [math.pi * radius**2 for radius in (35, 25, 10)]
    assert [loop.area for loop in loops] == pytest.approx(areas, rel=0.01)


def test_specks_are_dropped_with_what_lies_in_them() -> None:
    matte = count_inside(either(disc(20, 20, 10), without(disc(60, 20, 4), disc(60, 20, 2))), 80, 40)
    assert len(trace_loops(matte, min_area_px=1)) == 3
    (loop,) = trace_loops(matte, min_area_px=60)
    assert loop.area == pytest.approx(math.pi * 100, rel=0.01)


def test_a_line_runs_along_the_border_of_the_picture() -> None:
    (loop,) = trace_loops(np.ones((7, 11), np.float32), min_area_px=1)
    assert loop.points.min(axis=0) == pytest.approx([0, 0])
    assert loop.points.max(axis=0) == pytest.approx([11, 7])
    assert loop.area == pytest.approx(77, abs=0.6)  # its corners are cut by half a pixel


def test_an_empty_matte_has_no_lines() -> None:
    assert trace_loops(np.zeros((7, 11), np.float32), min_area_px=0) == []


@given(st.lists(st.booleans(), min_size=36, max_size=36), st.sampled_from([1.0, 0.6]))
def test_lines_of_any_pixels_enclose_what_is_inside(pixels: list[bool], value: float) -> None:
    """Outlines less holes hold as many pixels as are above a half; corners and saddles cost less than half of one."""
    inside = np.array(pixels).reshape(6, 6)
    loops = trace_loops(np.where(inside, value, 0).astype(np.float32), min_area_px=0)
    x, y = np.meshgrid(np.arange(6) + 0.5, np.arange(6) + 0.5)
    wound = sum((np.abs(_winding(loop.points, x, y)) for loop in loops), np.zeros((6, 6)))
    assert np.array_equal(wound.round() % 2 == 1, inside)


def _winding(points: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How often a closed line goes round each place: the sum of the angles it is seen under."""
    away = points[:, None, None, :] - np.stack([x, y], axis=-1)
    angles = np.arctan2(away[..., 1], away[..., 0])
    steps = np.mod(np.diff(angles, axis=0, append=angles[:1]) + np.pi, 2 * np.pi) - np.pi
    turns: np.ndarray = steps.sum(axis=0) / (2 * np.pi)
    return turns


@pytest.mark.parametrize(
    ("reach", "least", "most"), [(0.0, 0, 0), (2.0, 1.7, 2.2), (6.0, 5.7, 6.3), (15.0, 14.5, 15.5)]
)
def test_softness_is_how_far_the_edge_reaches_outwards(reach: float, least: float, most: float) -> None:
    y, x = np.mgrid[0:163, 0:161] + 0.5
    off = np.hypot(x - 80, y - 81) - 50
    matte = np.clip(0.5 - off / (2 * max(reach, 0.5)), 0, 1).astype(np.float32)
    (loop,) = trace_loops(matte, min_area_px=1)
    found = measure_softness(matte, loop, reach_px=32)
    assert found.min() >= least
    assert found.max() <= most


def test_a_thin_line_is_not_softer_than_itself() -> None:
    matte = count_inside(rectangle(50, 40, (40, 1.5), 0.3), 101, 83)
    (loop,) = trace_loops(matte, min_area_px=1)
    assert measure_softness(matte, loop, reach_px=32).max() < 1.5

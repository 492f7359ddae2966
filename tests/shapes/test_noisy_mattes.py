"""Noisy mattes: few knots lie near to their edge without its noise, and how far that is from the edge is said."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from shape_clips import Image, apart, blob, blob_line, count_inside, curve_points

from shotmill.pipeline.shapes import FitOptions, ShapeReport, fit_shapes
from shotmill.pipeline.shapes.calming import calm, measure_roughness
from shotmill.pipeline.shapes.contours import trace_loops
from shotmill.pipeline.shapes.outlines import Outline, measure_area
from shotmill.schema.shapes import Shape

FRAMES = range(1001, 1007)


def place(frame: int) -> tuple[float, float, float, float]:
    step = frame - 1001
    return 80 + 3.7 * step, 90 + step / 2, 50 + 0.3 * step, 0.05 * step


@pytest.fixture(scope="module")
def noisy() -> dict[int, Image]:
    """A soft edge in which noise of some two pixels takes or gives a quarter of the coverage."""
    dice, clip = np.random.default_rng(1), {}
    for frame in FRAMES:
        soft = cv2.GaussianBlur(count_inside(blob(*place(frame)), 251, 183), (0, 0), 2.0)
        noise = cv2.GaussianBlur(dice.standard_normal((183, 251), dtype=np.float32), (0, 0), 1.0)
        clip[frame] = np.clip(soft + soft * (1 - soft) * noise / noise.std(), 0, 1).astype(np.float32)
    return clip


def fit(clip: dict[int, Image], *, calm: bool = True) -> tuple[Shape, ShapeReport]:
    reports: list[ShapeReport] = []
    shapes = fit_shapes(list(clip), clip.__getitem__, options=FitOptions(calm=calm), report=reports.append)
    return shapes[0], reports[0]


def test_a_noisy_matte_is_fitted_on_every_frame_with_few_knots(noisy: dict[int, Image]) -> None:
    """Against the edge without its noise 0.75 px hold; the report says how far that is from the matte's own edge."""
    shape, report = fit(noisy)
    assert report.is_held
    assert report.points <= 16
    assert list(report.calmed_px) == list(FRAMES)
    for frame in FRAMES:
        drawn = curve_points(shape.at(frame) or (), each=60)
        contour = trace_loops(noisy[frame], min_area_px=16)[0].points.astype(np.float64)
        truth = blob_line(*place(frame))[::4]
        # All points with all points; between keys 2 px more are allowed.
        assert apart(drawn, contour) <= report.error_px[frame] + report.calmed_px[frame] + 2.0
        assert np.median(_nearest(drawn, truth)) < np.median(_nearest(contour, truth))


def _nearest(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    distances: np.ndarray = np.hypot(*(points[:, None] - others[None]).transpose(2, 0, 1)).min(axis=1)
    return distances


def test_with_its_noise_nothing_holds(noisy: dict[int, Image]) -> None:
    _shape, report = fit(noisy, calm=False)
    assert report.worst_px > 0.75
    assert report.points > 16
    assert report.calmed_px == {}


def test_a_clean_matte_is_fitted_as_it_is() -> None:
    _shape, report = fit({frame: count_inside(blob(*place(frame)), 251, 183) for frame in FRAMES})
    assert report.calmed_px == {}
    assert report.is_held


@pytest.mark.parametrize("radius", [6.0, 20.0, 200.0])
def test_a_calm_circle_does_not_shrink(radius: float) -> None:
    at = np.arange(3000) * 2 * np.pi / 3000
    circle = Outline(radius * np.stack([np.cos(at), np.sin(at)], axis=1))
    calmed, moved_px = calm(circle, 5.0)
    assert abs(measure_area(calmed.points)) == pytest.approx(np.pi * radius**2, rel=0.03)
    assert moved_px < 0.1
    assert measure_roughness(circle) < 0.06

"""Clips of mattes become shapes."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import numpy as np
import pytest
from shape_clips import (
    Image,
    Inside,
    apart,
    blob,
    blob_line,
    count_inside,
    curve_points,
    disc,
    draw_clip,
    either,
    overlap,
    rectangle,
    without,
)

from shotmill.pipeline.shapes import FitOptions, ShapeReport, fit_shapes
from shotmill.schema.errors import InputCorruptError, ParamsError
from shotmill.schema.shapes import Knot, Shape, ShapeMode

FRAMES = range(1001, 1025)
WIDTH, HEIGHT = 251, 183


def blob_at(frame: int) -> tuple[float, float, float, float]:
    step = frame - 1001
    return 80 + 3.7 * step, 90 + step / 2, 50 + 0.3 * step, 0.05 * step


def rectangle_at(frame: int) -> tuple[float, float, tuple[float, float], float]:
    return 70 + 4 * (frame - 1001), 90, (45, 25), 0.06 * (frame - 1001)


@pytest.fixture(scope="module")
def blobs() -> dict[int, Image]:
    return draw_clip(lambda frame: blob(*blob_at(frame)), FRAMES, WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def rectangles() -> dict[int, Image]:
    return draw_clip(lambda frame: rectangle(*rectangle_at(frame)), FRAMES, WIDTH, HEIGHT)


def fit(clip: dict[int, Image], **options: float) -> tuple[tuple[Shape, ...], list[ShapeReport]]:
    reports: list[ShapeReport] = []
    chosen = FitOptions(**options)  # type: ignore[arg-type]  # counts and lengths alike
    return fit_shapes(list(clip), clip.__getitem__, options=chosen, report=reports.append), reports


def test_a_curve_stays_within_fit_px_on_every_frame(blobs: dict[int, Image]) -> None:
    """Roto fact 12: against the formula's own line, all points with all points; half a sample is 0.1 px."""
    (shape,), (report,) = fit(blobs, key_px=0)
    for frame in FRAMES:
        knots = shape.at(frame)
        assert knots is not None
        assert apart(curve_points(knots, each=100), blob_line(*blob_at(frame))) <= 0.75 + 0.1
    assert report.worst_px <= 0.75
    assert report.is_held
    assert sorted(report.error_px) == list(FRAMES)


@pytest.mark.parametrize("clip", ["blobs", "rectangles"])
def test_the_number_of_knots_stays_through_a_life(clip: str, request: pytest.FixtureRequest) -> None:
    """Roto fact 12: one number of knots, at most points_max."""
    (shape,), (report,) = fit(request.getfixturevalue(clip), key_px=0)
    assert {len(key.knots) for key in shape.keys} == {report.points}
    assert report.points <= report.points_max == 16


def test_a_knot_stays_the_same_place_of_a_turning_object(rectangles: dict[int, Image]) -> None:
    """Roto fact 12: seen from the rectangle, each knot is where it was on the first frame, corners at its corners."""
    (shape,), _ = fit(rectangles, key_px=0, smooth_frames=0)
    own = []
    for frame in FRAMES:
        x, y, _, angle = rectangle_at(frame)
        points = np.array(shape.at(frame))[:, :2] - (x, y)
        own.append(points @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))
    assert np.abs(np.array(own) - own[0]).max() < 2.5
    for corner in ((-45, -25), (45, -25), (45, 25), (-45, 25)):
        assert np.hypot(*(own[0] - corner).T).min() < 0.8


def test_handles_lie_on_one_line_but_at_corners(blobs: dict[int, Image], rectangles: dict[int, Image]) -> None:
    def kinks(shape: Shape) -> list[float]:
        knots = np.array(shape.keys[-1].knots)
        into, out = -knots[:, 2:4], knots[:, 4:6]
        cross = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]
        return sorted(np.abs(np.degrees(np.arctan2(cross, (into * out).sum(axis=1)))).tolist())

    (round_one,), _ = fit(blobs)
    (cornered,), _ = fit(rectangles)
    assert max(kinks(round_one)) < 0.1
    assert kinks(cornered)[-4:] == pytest.approx([90] * 4, abs=6)
    assert max(kinks(cornered)[:-4], default=0) < 0.1


@pytest.mark.parametrize("clip", ["blobs", "rectangles"])
def test_few_keys_say_a_rigid_motion(clip: str, request: pytest.FixtureRequest) -> None:
    """Roto fact 13: keys on at most 40 % of the frames at 2 px; dropped frames keep to 2 px and to a J within .01."""
    mattes = request.getfixturevalue(clip)
    every, _ = fit(mattes, key_px=0)
    few, (report,) = fit(mattes, key_px=2.0)
    assert len(few[0].keys) == len(report.keys) <= 0.4 * len(FRAMES) + 1
    changes = [
        apart(curve_points(few[0].at(frame) or (), each=60), curve_points(every[0].at(frame) or (), each=60))
        for frame in FRAMES
    ]
    assert max(changes) <= 2.0
    drops = [overlap(every, frame, mattes[frame]) - overlap(few, frame, mattes[frame]) for frame in FRAMES]
    assert float(np.mean(drops)) <= 0.01


def test_slow_drift_is_never_dropped() -> None:
    """Roto fact 13: a tenth of a pixel a frame, then back; each frame is like the one before it."""
    clip = draw_clip(lambda frame: disc(60 + 0.1 * min(frame, 120 - frame), 40, 20), range(1, 120, 3), 121, 83)
    (shape,), _ = fit(clip, key_px=1.0)
    middles = {frame: float(np.mean([knot[0] for knot in shape.at(frame) or ()])) for frame in clip}
    assert max(abs(middles[frame] - 60 - 0.1 * min(frame, 120 - frame)) for frame in clip) < 1.0
    assert len(shape.keys) <= 4


def test_a_ring_is_an_outline_and_a_hole_subtracted_after_it() -> None:
    """Roto fact 14."""
    clip = draw_clip(
        lambda frame: without(disc(60 + frame, 40, 30), disc(63 + frame, 42, 14)),
        range(1, 9),
        121,
        83,
    )
    shapes, reports = fit(clip)
    assert [(shape.name, shape.mode) for shape in shapes] == [
        ("shape1", ShapeMode.ADD),
        ("shape1_hole1", ShapeMode.SUBTRACT),
    ]
    assert min(overlap(shapes, frame, matte) for frame, matte in clip.items()) > 0.98
    assert max(report.worst_px for report in reports) <= 0.75
    filled, _ = fit(clip, holes=False)
    assert [shape.mode for shape in filled] == [ShapeMode.ADD]


def test_one_blob_that_becomes_two_ends_and_two_begin() -> None:
    """Roto fact 14: no frame without a shape, none with too many."""
    clip = draw_clip(
        lambda frame: either(disc(59 - 3 * frame, 40, 15), disc(61 + 3 * frame, 40, 15)),
        range(1, 11),
        121,
        83,
    )
    shapes, _ = fit(clip)
    assert [(shape.first, shape.last) for shape in shapes] == [(1, 4), (5, 10), (5, 10)]
    assert min(overlap(shapes, frame, matte) for frame, matte in clip.items()) > 0.97


def test_an_object_that_leaves_the_picture_is_cut_at_its_border() -> None:
    clip = draw_clip(lambda frame: blob(170 + 9 * frame, 90, 50, 0), range(1, 20), WIDTH, HEIGHT)
    shapes, reports = fit(clip)
    assert min(overlap(shapes, frame, matte) for frame, matte in clip.items() if (matte > 0.5).sum() > 200) > 0.95
    long_ones = [report for report in reports if report.fitted > 3]
    assert max(report.worst_px for report in long_ones) <= 0.75
    assert all(not shape.first <= 19 <= shape.last for shape in shapes)


def test_empty_frames_end_a_shape_and_another_begins() -> None:
    clip = draw_clip(lambda frame: disc(60, 40, 0 if frame in {4, 5} else 20), range(1, 9), 121, 83)
    shapes, _ = fit(clip)
    assert [(shape.name, shape.first, shape.last) for shape in shapes] == [("shape1", 1, 3), ("shape2", 6, 8)]


@pytest.mark.parametrize("size", [(121, 83), (64, 64), (37, 201)], ids=str)
def test_one_frame_is_a_clip(size: tuple[int, int]) -> None:
    shapes, (report,) = fit({1001: count_inside(disc(19.3, 31.8, 12.2), *size)})
    ((key,),) = [shape.keys for shape in shapes]
    assert apart(curve_points(key.knots), curve_points_of_disc(19.3, 31.8, 12.2)) < 0.15
    assert report.keys == (1001,)


def curve_points_of_disc(x: float, y: float, radius: float) -> np.ndarray:
    at = np.arange(2000) * 2 * np.pi / 2000
    return np.stack([x + radius * np.cos(at), y + radius * np.sin(at)], axis=1)


def test_an_empty_clip_has_no_shapes() -> None:
    assert fit({1: np.zeros((9, 11), np.float32)}) == ((), [])
    assert fit_shapes([], lambda _: np.zeros((9, 11), np.float32)) == ()


def test_a_full_frame_is_its_border() -> None:
    (shape,), _ = fit({1: np.ones((83, 121), np.float32)})
    assert overlap([shape], 1, np.ones((83, 121), np.float32)) == 1.0


def test_a_soft_matte_gives_its_feather() -> None:
    y, x = np.mgrid[0:83, 0:121] + 0.5
    clip = {
        frame: np.clip(0.5 - (np.hypot(x - 50 - frame, y - 40) - 22) / 10, 0, 1).astype(np.float32)
        for frame in range(1, 7)
    }
    (soft,), _ = fit(clip)
    assert [knot[6] for key in soft.keys for knot in key.knots] == pytest.approx([5.0] * 4 * len(soft.keys), abs=0.3)
    (hard,), _ = fit(clip, feather=False)
    assert {knot[6] for key in hard.keys for knot in key.knots} == {0.0}


def test_smoothing_takes_noise_away_and_holds_the_fit() -> None:
    dice = np.random.default_rng(5)
    clip = draw_clip(lambda frame: disc(60 + 2 * frame, 40, 20 + dice.normal(scale=0.25)), range(1, 21), 121, 83)

    def shake(**options: float) -> float:
        (shape,), (report,) = fit(clip, key_px=0, fit_px=1.0, **options)
        assert report.worst_px <= 1.0
        radii = [np.hypot(*(points - points.mean(axis=0)).T).mean() for points in map(curve_points, knots_of(shape))]
        return float(np.abs(np.diff(radii, n=2)).mean())

    assert shake(smooth_frames=1.5) < 0.75 * shake(smooth_frames=0)


def knots_of(shape: Shape) -> list[tuple[Knot, ...]]:
    return [key.knots for key in shape.keys]


def test_more_knots_than_points_max_are_told() -> None:
    """Roto fact 12: where points_max do not hold fit_px, the report says how many did."""
    clip = draw_clip(lambda frame: blob(90 + frame, 90, 60, 0.02 * frame, lobes=9), range(1, 6), WIDTH, HEIGHT)
    _, (report,) = fit(clip, points_max=6)
    assert report.points_max == 6 < report.points <= 48
    assert report.is_held
    _, (report,) = fit(clip, points_max=6, points_limit=6)
    assert report.points <= 6
    assert not report.is_held
    assert report.worst_px > 0.75


def test_mattes_are_asked_for_one_at_a_time_and_let_go() -> None:
    asked: list[weakref.ref[Image]] = []
    most = [0]

    def matte(frame: int) -> Image:
        most[0] = max(most[0], sum(ref() is not None for ref in asked))
        picture = count_inside(disc(30 + frame, 40, 20), 121, 83, fine=2)
        asked.append(weakref.ref(picture))
        return picture

    told: list[float] = []
    fit_shapes(range(1, 13), matte, progress=told.append)
    assert len(asked) == 12
    assert most[0] <= 1
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def make_wrong(change: Callable[[dict[int, Image]], None]) -> dict[int, Image]:
    clip: dict[int, Image] = {frame: np.ones((9, 11), np.float32) for frame in (1, 2)}
    change(clip)
    return clip


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param(np.ones((9, 12), np.float32), "frame 2 has 12x9 pixels, the first one 11x9", id="another size"),
        pytest.param(np.full((9, 11), np.nan, np.float32), "frame 2 holds a NaN or an infinity", id="not a number"),
        pytest.param(np.ones((9, 11, 3), np.float32), r"frame 2 has the shape \(9, 11, 3\)", id="colours"),
    ],
)
def test_a_matte_that_is_none_is_named(wrong: Image, words: str) -> None:
    clip = {1: np.ones((9, 11), np.float32), 2: wrong}
    with pytest.raises(InputCorruptError, match=words):
        fit(clip)


def test_frames_come_in_order() -> None:
    with pytest.raises(ParamsError, match="ascending"):
        fit_shapes([2, 1], lambda _: np.ones((9, 11), np.float32))


@pytest.mark.parametrize(
    "options",
    [{"fit_px": 0}, {"key_px": -1}, {"points_max": 2}, {"points_limit": 8}, {"smooth_frames": float("nan")}],
    ids=str,
)
def test_options_out_of_range_are_named(options: dict[str, float]) -> None:
    with pytest.raises(ParamsError, match=next(iter(options))):
        FitOptions(**options)  # type: ignore[arg-type]  # wrong on purpose


def test_two_runs_give_the_same(rectangles: dict[int, Image]) -> None:
    assert fit(rectangles)[0] == fit(rectangles)[0]


def bowtie(frame: int) -> Inside:
    return either(rectangle(40, 40, (20, 4), 0.3 + 0.05 * frame), rectangle(40, 40, (20, 4), -0.4 - 0.05 * frame))


def test_a_shape_that_bends_is_followed() -> None:
    clip = draw_clip(bowtie, range(1, 13), 81, 83)
    shapes, reports = fit(clip, key_px=1.0)
    assert len(shapes) == 1
    assert reports[0].worst_px <= 0.75
    assert min(overlap(shapes, frame, matte) for frame, matte in clip.items()) > 0.9

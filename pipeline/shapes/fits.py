"""Fits: a clip of mattes becomes shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...schema.errors import InputCorruptError, ParamsError
from ...schema.shapes import Knot, Shape, ShapeKey, ShapeMode
from .alignment import align, count_places
from .calming import NOISY_PX, ROUGH_PX, calm, measure_roughness, sigmas_for
from .contours import FloatImage, Loop, trace_loops
from .distances import measure_error
from .keys import choose_keys
from .options import FitOptions, ShapeReport
from .outlines import Outline
from .placement import Lines, place_knots
from .smoothing import blur_in_time, hold, smooth_curves
from .softness import measure_softness
from .tracks import Track, Tracker

Floats = NDArray[np.float64]
DECIMALS = 4  # of a pixel, in documents
TRACING_SHARE = 0.4  # of the work, about
FEATHER_SIGMA = 1.0  # frames, at the least: softness is measured at a few places only
ShapesOfTrack = tuple[Track, Shape]


def fit_shapes(
    frames: Sequence[int],
    matte: Callable[[int], FloatImage],
    *,
    options: FitOptions | None = None,
    progress: Callable[[float], None] | None = None,
    report: Callable[[ShapeReport], None] | None = None,
) -> tuple[Shape, ...]:
    """Shapes of one object, in the order they are to be drawn: outlines, their holes, islands in these, and so on.

    A shape lives as long as one outline (or hole) is followed by one: where outlines split or merge, all of them end
    and new shapes begin on the next frame; a hole is a ``subtract`` shape. Memory does not grow with the mattes, of
    which one is held at a time, but by the points of their contours: about 8 bytes for a pixel of outline.

    Args:
        frames: ascending; need not follow each other closely.
        matte: gives (h, w) coverage in 0..1 of one object at a frame, in stored plate pixels of the display window;
            all of one size. It is asked once for each frame, in order.
        options: how near, how many knots, what is left out.
        progress: is told the share of the work that is done, in 0..1.
        report: is told what each shape cost, and how near it is on every frame.

    Returns:
        Shapes; none where the matte is nowhere above a half.

    Raises:
        ParamsError: the frames are not ascending.
        InputCorruptError: a matte holds no picture of one channel, another size than the first, or a NaN or infinity.
    """
    chosen = options or FitOptions()
    tell = progress or _say_nothing
    found: list[ShapesOfTrack] = []
    tracker = Tracker()

    def finish(track: Track) -> None:
        shape, cost = fit_track(track, chosen)
        found.append((track, shape))
        if report is not None:
            report(cost)

    for index, (frame, loops) in enumerate(_trace(frames, matte, chosen)):
        for track in tracker.add(frame, loops):
            finish(track)
        tell((index + 1) / len(frames) * TRACING_SHARE)
    alive = tracker.close()
    total, done = max(sum(len(track.frames) for track in alive), 1), 0
    for track in alive:
        finish(track)
        done += len(track.frames)
        tell(TRACING_SHARE + done / total * (1 - TRACING_SHARE))
    return tuple(shape for _, shape in sorted(found, key=lambda pair: (pair[0].depth, pair[0].number)))


def _say_nothing(_share: float) -> None:
    """Nobody asked."""


def _trace(
    frames: Sequence[int],
    matte: Callable[[int], FloatImage],
    options: FitOptions,
) -> Iterator[tuple[int, list[Loop]]]:
    if any(later <= earlier for earlier, later in pairwise(frames)):
        raise ParamsError("frames for shapes are not in ascending order, or one stands twice; sort them")
    size: tuple[int, ...] | None = None
    for frame in frames:
        picture = np.asarray(matte(frame), np.float32)
        size = size or picture.shape
        _check(picture, frame, size)
        yield frame, trace_frame(picture, options)


def _check(picture: FloatImage, frame: int, size: tuple[int, ...]) -> None:
    if picture.ndim != 2 or not picture.size:  # noqa: PLR2004 - rows and columns
        raise InputCorruptError(f"the matte of frame {frame} has the shape {picture.shape}; give rows and columns")
    if picture.shape != size:
        raise InputCorruptError(
            f"the matte of frame {frame} has {picture.shape[1]}x{picture.shape[0]} pixels, the first one "
            f"{size[1]}x{size[0]}; make all of one size",
        )
    if not (np.isfinite(picture.max()) and np.isfinite(picture.min())):  # a NaN is both
        raise InputCorruptError(f"the matte of frame {frame} holds a NaN or an infinity; make it anew")


def trace_frame(matte: FloatImage, options: FitOptions) -> list[Loop]:
    """The loops of one matte that become shapes, with their softness."""
    loops = trace_loops(matte, min_area_px=options.min_area_px)
    if not options.holes:
        loops = [loop for loop in loops if loop.depth == 0]
    if not options.feather:
        return loops
    return [replace(loop, feather=measure_softness(matte, loop, reach_px=options.feather_max_px)) for loop in loops]


def fit_track(track: Track, options: FitOptions) -> tuple[Shape, ShapeReport]:
    """One shape, and what it cost."""
    contours = [loop.outline for loop in track.loops]
    chosen = _fit_contours(contours, options)
    keys = choose_keys(track.frames, chosen.curves, key_px=options.key_px)
    feathers = _place_feathers(track, chosen.places, options)
    numbers = np.concatenate([chosen.curves, feathers[..., None]], axis=-1).round(DECIMALS)
    shape = Shape(
        name=track.name,
        first=track.frames[0],
        last=track.frames[-1],
        mode=ShapeMode.SUBTRACT if track.depth % 2 else ShapeMode.ADD,
        keys=tuple(ShapeKey(frame=track.frames[index], knots=_to_knots(numbers[index])) for index in keys),
    )
    cost = ShapeReport(
        name=track.name,
        first=shape.first,
        last=shape.last,
        points=chosen.curves.shape[1],
        points_max=options.points_max,
        keys=tuple(track.frames[index] for index in keys),
        fitted=len(chosen.curves),
        fit_px=options.fit_px,
        error_px=dict(zip(track.frames, chosen.errors.tolist(), strict=True)),
        calmed_px=dict(zip(track.frames, chosen.moved, strict=False)),
    )
    return shape, cost


class _Fitted(NamedTuple):
    """What became of a track's lines."""

    curves: Floats  # (T, K, 6)
    places: Floats  # (T, K) of the knots on the lines
    errors: Floats  # (T,) pixels
    moved: tuple[float, ...] = ()  # pixels, how far contours lie from the lines, where these are calm ones

    def holds(self, options: FitOptions) -> bool:
        return bool(self.errors.max() <= options.fit_px and self.curves.shape[1] <= options.points_max)


def _fit_lines(outlines: Sequence[Outline], options: FitOptions) -> _Fitted:
    lines = Lines(outlines, align(list(outlines), count_places(list(outlines))))
    knots, fitted, places = place_knots(lines, options)
    smoothed = smooth_curves(fitted, knots.corners, sigma=options.smooth_frames)

    def measure(index: int, curve: Floats) -> float:
        return measure_error(curve, outlines[index], places[index], doubt_px=options.fit_px)

    curves, errors = hold(fitted, smoothed, measure, options.fit_px)
    return _Fitted(curves, places, errors)


def _fit_contours(contours: Sequence[Outline], options: FitOptions) -> _Fitted:
    """As ``_fit_lines``; of noisy contours without their noise, as little smoothed as holds."""
    rough_px = float(np.median([measure_roughness(contour) for contour in contours])) if options.calm else 0.0
    best = None if rough_px > NOISY_PX else _fit_lines(contours, options)
    if best is not None and (rough_px <= ROUGH_PX or best.holds(options)):
        return best
    for sigma_px in sigmas_for(rough_px):
        lines, moved = zip(*(calm(contour, sigma_px) for contour in contours), strict=True)
        found = _fit_lines(lines, options)._replace(moved=moved)
        if best is None or found.holds(options) or found.errors.max() < best.errors.max():
            best = found
        if best.holds(options):
            break
    assert best is not None  # noqa: S101 - there is a sigma at least
    return best


def _place_feathers(track: Track, places: Floats, options: FitOptions) -> Floats:
    """(T, K) pixels at the knots."""
    result = np.zeros(places.shape)
    for index, loop in enumerate(track.loops):
        if loop.feather is not None:
            count = len(loop.feather)
            result[index] = np.interp(places[index], np.arange(count) / count, loop.feather, period=1.0)
    if len(result) > 1:
        result = blur_in_time(result, max(options.smooth_frames, FEATHER_SIGMA))
    return np.maximum(result, 0.0)


def _to_knots(numbers: Floats) -> tuple[Knot, ...]:
    return tuple((x, y, a, b, c, d, feather) for x, y, a, b, c, d, feather in numbers.tolist())

"""Placement: how many knots a shape needs, and where on the line they stand.

Corners come first. The others are spread so that each span has about the same error: a cubic's error falls with the
fourth power of its span's length, so a span that errs 16 times too much is worth two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .curves import square
from .distances import measure_error
from .fitting import fit_curves
from .options import FEWEST_POINTS, FitOptions
from .outlines import Outline

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
FEW_FRAMES = 8  # that knots are placed on; then those that did not hold join them
MOST_FRAMES = 24
ROUNDS, ROUNDS_FREE, ROUNDS_FULL, AGAIN = 8, 3, 2, 3  # of growth: in all, those that may take knots away, at the most
WORTH = 0.6  # of the error with points_max: more knots that do not hold fit_px must at least bring it down to that
HOPELESS = 1.5  # times fit_px, with as many knots as there may be: nothing will hold it
NEARLY = 1.2  # times fit_px: a knot or two more will do
MENDED = 0.95  # of fit_px, on those frames: the others must hold it as well
MENDS = 5  # knots that are put in one by one at last
SHORT_PX = 14.0  # a span that gets no shorter: what does not fit there is no smooth curve
AIM = 0.8  # of fit_px: the line's corners lie between the samples that are looked at here
SUSPECT = 0.5  # of fit_px: samples that are off by less have no corner of the line between them that is off by it
TIGHTEST = 0.88  # of the aim, from one round to the next
ORDER = 4.0  # of a cubic's error in its span's length
FEWEST_SHARE, MOST_SHARE = 0.75, 2.0  # of a span's knots, from one round to the next
CORNER_TURN = 0.7  # radians within a few pixels
CORNER_KEPT = 0.8  # of what the line turns within twice the distance: arcs keep less
CORNER_NEAR_PX, CORNER_FAR_PX, CORNER_WIDE_PX = 1.0, 3.5, 9.0
CORNER_FRAMES = 0.25  # of all: handles of a corner may lie on one line, those of a smooth knot cannot but
CORNER_APART_PX = 6.0
SHORTEST_LINE_PX = 80.0  # for corners to be told from small arcs
SNAP_PX, SNAP_STEP_PX = 6.0, 0.75
SNAP_LEAST = 0.35  # radians: a corner that is straighter on this frame stays where it is
SETTLED = 2.0  # times the aim: beside worse spans, nothing is told of a corner
SAME_INDEX = 1e-6
TIP_PX, TIP_STEP_PX = 4.0, 0.5  # of the line around a corner, that its tip is compared with
CLOSEST_PX = 1.0  # that knots may come to one another


@dataclass(frozen=True)
class Knots:
    """Knots of a shape, by their place among the places that are followed.

    Attributes:
        indices: (K,) ascending, with fractions, below the number of places.
        corners: (K,) whether the handles of a knot may point anywhere.
    """

    indices: Floats
    corners: Bools

    def split(self, span: int, count: int) -> Knots:
        """One more in the middle of a span, on a line of ``count`` places."""
        ends = np.append(self.indices, self.indices[0] + count)
        middle = np.mod((ends[span] + ends[span + 1]) / 2, count)
        at = int(np.searchsorted(self.indices, middle))
        return Knots(np.insert(self.indices, at, middle), np.insert(self.corners, at, values=False))


@dataclass(frozen=True)
class Lines:
    """The outlines of a track, and the places that are followed on them.

    Attributes:
        places: (T, M) ascending, over less than one turn.
    """

    outlines: Sequence[Outline]
    places: Floats

    def only(self, frames: Ints) -> Lines:
        """Some of the frames."""
        return Lines([self.outlines[index] for index in frames], self.places[frames])

    def find(self, indices: Floats) -> Floats:
        """(T, K) places on the outlines, of indices with fractions."""
        count = self.places.shape[1]
        wide = np.concatenate([self.places, self.places[:, :1] + 1], axis=1)
        whole = np.clip(np.floor(indices).astype(np.intp), 0, count - 1)
        share = indices - whole
        found: Floats = wide[:, whole] * (1 - share) + wide[:, whole + 1] * share
        return found


def place_knots(lines: Lines, options: FitOptions) -> tuple[Knots, Floats, Floats]:
    """Knots that hold ``fit_px`` on all frames, as few as were found; the curves and their places.

    Returns:
        The knots, (T, K, 6) curves, (T, K) places of the knots on the outlines.
    """
    count = len(lines.outlines)
    chosen = np.unique(np.linspace(0, count - 1, min(FEW_FRAMES, count)).round().astype(np.intp))
    spread = _Spread(lines.places.shape[1], _find_corners(lines.only(chosen)))
    most, aim = options.points_max, AIM * options.fit_px
    best: tuple[Floats, _Tried] | None = None
    error = np.inf
    for _ in range(AGAIN):
        error, knots = _grow(lines.only(chosen), spread, aim, most=most)
        if error > options.fit_px and most < options.points_limit:
            few_error, few = error, knots
            most = options.points_limit
            error, knots = _grow(lines.only(chosen), spread, aim, most=most)
            if error > max(options.fit_px, WORTH * few_error):
                knots = few
        tried = _try(lines, knots)
        errors = _measure(lines, tried, options.fit_px)
        if best is None or errors.max() < best[0].max():
            best = (errors, tried)
        failed = np.flatnonzero(errors > options.fit_px)
        if errors.max() <= NEARLY * options.fit_px or error > HOPELESS * options.fit_px:
            break
        new = np.setdiff1d(failed[np.argsort(-errors[failed])][:FEW_FRAMES], chosen)
        chosen = np.union1d(chosen, new)[:MOST_FRAMES]
        aim *= options.fit_px / min(float(errors.max()), options.fit_px / TIGHTEST)
    assert best is not None  # noqa: S101 - there is a round at least
    tried = best[1] if error > HOPELESS * options.fit_px else _mend(lines, best[1], best[0], options)
    return tried.knots, tried.curves, tried.places


def _mend(lines: Lines, tried: _Tried, errors: Floats, options: FitOptions) -> _Tried:
    """Some knots more, each in the worst span of the frames that did not hold; the better of before and after."""
    failed = np.flatnonzero(errors > options.fit_px)
    if not failed.size:
        return tried
    few = lines.only(failed[np.argsort(-errors[failed])][:FEW_FRAMES])
    trial = _try(few, tried.knots)
    found = _measure(few, trial, options.fit_px)
    for _ in range(MENDS):
        if found.max() <= MENDED * options.fit_px or len(trial.knots.indices) >= options.points_limit:
            break
        span = int(trial.errors[int(found.argmax())].argmax())
        trial = _try(few, trial.knots.split(span, lines.places.shape[1]))
        found = _measure(few, trial, options.fit_px)
    mended = _try(lines, trial.knots)
    return mended if _measure(lines, mended, options.fit_px).max() < errors.max() else tried


def _measure(lines: Lines, tried: _Tried, doubt_px: float) -> Floats:
    """(T,) errors of the frames: true ones where the samples of a line come near to ``doubt_px``."""
    errors: Floats = np.maximum(tried.errors, tried.tips).max(axis=1)
    for index in np.flatnonzero(errors >= SUSPECT * doubt_px).tolist():
        errors[index] = measure_error(
            tried.curves[index], lines.outlines[index], tried.places[index], doubt_px=doubt_px
        )
    return errors


class _Spread:
    """How many knots each piece of the line is worth; corners always have one."""

    def __init__(self, count: int, corners: Floats) -> None:
        self.count = count
        self.corners = corners
        self.banned = np.zeros(0)
        # Knots for each place; the line starts with a knot for each quarter of it.
        self.density = np.full(count, FEWEST_POINTS / count)

    def knots(self, most: int) -> Knots:
        """As many as the density says, ``most`` at the most."""
        bounds = self.corners if self.corners.size else np.zeros(1)
        ends = np.append(bounds, bounds[0] + self.count)
        worth = np.array([self._sum(start, end) for start, end in pairwise(ends)])
        counts = _share_out(worth, max(most, bounds.size), max(FEWEST_POINTS, bounds.size))
        indices = [self._divide(start, end, n) for start, end, n in zip(ends, ends[1:], counts, strict=False)]
        corner = [np.arange(n) == 0 if self.corners.size else np.zeros(n, np.bool_) for n in counts]
        places, is_corner = np.mod(np.concatenate(indices), self.count), np.concatenate(corner)
        order = np.argsort(places)
        return Knots(places[order], is_corner[order])

    def learn(self, knots: Knots, errors: Floats, spans_px: Floats, *, fewest_share: float) -> None:
        """Take (K,) errors of spans, 1 being allowed, and their lengths: next time they are worth more knots, or fewer.

        A short span that errs holds a corner which was not seen.
        """
        ends = np.append(knots.indices, knots.indices[0] + self.count)
        shares = np.clip(np.maximum(errors, 1e-3) ** (1 / ORDER), fewest_share, MOST_SHARE)
        shares = np.where(spans_px < SHORT_PX, np.minimum(shares, 1.0), shares)
        at = np.mod(np.arange(self.count) + 0.5 - ends[0], self.count) + ends[0]
        span = np.clip(np.searchsorted(ends, at, side="right") - 1, 0, len(shares) - 1)
        self.density = (shares / np.diff(ends))[span]
        hidden = int(np.argmax(np.where(spans_px < SHORT_PX, errors, 0.0)))
        if spans_px[hidden] < SHORT_PX and errors[hidden] > 1:
            self._add_corner(float(np.mod((ends[hidden] + ends[hidden + 1]) / 2, self.count)), spans_px)

    def drop_corners(self, knots: Knots, blunt: Bools) -> bool:
        """Take (K,) corners whose tips stand out of the line: they are tight arcs. Whether there are any."""
        dropped = knots.indices[blunt & knots.corners]
        self.banned = np.append(self.banned, dropped)
        self.corners = np.setdiff1d(self.corners, self.corners[_gaps(self.corners, dropped, self.count) < SAME_INDEX])
        return dropped.size > 0

    def _add_corner(self, index: float, spans_px: Floats) -> None:
        known = np.append(self.corners, self.banned)
        gap = _gaps(np.array([index]), known, self.count)[0]
        if gap * spans_px.sum() / self.count >= CORNER_APART_PX:
            self.corners = np.sort(np.append(self.corners, index))

    def _cumulative(self, start: float, end: float) -> tuple[Floats, Floats]:
        wide = np.concatenate([[0.0], np.cumsum(np.tile(self.density, 2))])
        at = np.concatenate([[start], np.arange(np.floor(start) + 1, np.ceil(end)), [end]])
        sums = np.interp(at, np.arange(wide.size), wide)
        return at, sums - sums[0]

    def _sum(self, start: float, end: float) -> float:
        return float(self._cumulative(start, end)[1][-1])

    def _divide(self, start: float, end: float, parts: int) -> Floats:
        """(parts,) places from start on that divide the density evenly."""
        at, sums = self._cumulative(start, end)
        result: Floats = np.interp(np.arange(parts) / parts * sums[-1], sums, at)
        return result


def _gaps(one: Floats, others: Floats, count: int) -> Floats:
    """How far each index is from the nearest other one, round a line of ``count``; infinity where there are none."""
    gaps = np.abs(np.mod(one[:, None] - others + count / 2, count) - count / 2)
    found: Floats = gaps.min(axis=1, initial=np.inf)
    return found


def _share_out(worth: Floats, most: int, fewest: int) -> list[int]:
    """Whole numbers of at least 1, near ``worth``, with a sum from ``fewest`` to ``most``."""
    counts = np.maximum(np.ceil(worth - 0.05), 1).astype(int)
    while counts.sum() > most and counts.max() > 1:
        counts[np.argmin(np.where(counts > 1, worth / counts, np.inf))] -= 1
    while counts.sum() < fewest:
        counts[np.argmax(worth / counts)] += 1
    return [int(value) for value in counts]


def _grow(lines: Lines, spread: _Spread, aim_px: float, *, most: int) -> tuple[float, Knots]:
    """Knots for these frames, ``most`` at the most, and their largest error."""
    lengths = np.array([outline.length for outline in lines.outlines])[:, None]
    best: tuple[float, Knots] | None = None
    full = 0
    for index in range(ROUNDS):
        knots = spread.knots(most)
        tried = _try(lines, knots)
        by_span = tried.errors.max(axis=0)
        tips = tried.tips.max(axis=0)
        worst = float(max(by_span.max(), tips.max()))
        if best is None or worst < best[0]:
            best = (worst, knots)
        full += len(by_span) >= most
        if worst <= aim_px or full > ROUNDS_FULL:
            break
        spans = (np.diff(tried.places, axis=1, append=tried.places[:, :1] + 1) * lengths).mean(axis=0)
        settled = np.maximum(by_span, np.roll(by_span, 1)) < SETTLED * aim_px
        if not spread.drop_corners(knots, settled & (tips > aim_px)):
            spread.learn(knots, by_span / aim_px, spans, fewest_share=FEWEST_SHARE if index < ROUNDS_FREE else 1.0)
    assert best is not None  # noqa: S101 - there is a round at least
    return best


class _Tried(NamedTuple):
    knots: Knots
    curves: Floats  # (T, K, 6)
    places: Floats  # (T, K)
    errors: Floats  # (T, K) of each span's samples
    tips: Floats  # (T, K) how far the tips of corners stand out of the line; 0 at other knots


def _try(lines: Lines, knots: Knots) -> _Tried:
    places = snap_corners(lines, knots)
    curves, errors = fit_curves(lines.outlines, places, knots.corners)
    tips = _measure_tips(lines, curves, places, knots.corners)
    return _Tried(knots, curves, places, errors, tips)


def _measure_tips(lines: Lines, curves: Floats, places: Floats, corners: Bools) -> Floats:
    tips = np.zeros(places.shape)
    if corners.any():
        steps = np.arange(-TIP_PX, TIP_PX + TIP_STEP_PX / 2, TIP_STEP_PX)
        for index, outline in enumerate(lines.outlines):
            around = outline.at(places[index, corners][:, None] + steps / outline.length)
            tips[index, corners] = np.sqrt(square(around - curves[index, corners, None, 0:2]).min(axis=1))
    return tips


def _find_corners(lines: Lines) -> Floats:
    """Indices, with fractions, of corners that are there on a good part of the frames."""
    shortest = min(outline.length for outline in lines.outlines)
    if shortest < SHORTEST_LINE_PX:
        return np.zeros(0)
    count = lines.places.shape[1]
    fine = int(max(outline.length for outline in lines.outlines) / SNAP_STEP_PX)
    indices = np.arange(fine) * (count / fine)
    places = lines.find(indices)
    near = _turns(lines, places, CORNER_FAR_PX)
    wide = np.abs(_turns(lines, places, CORNER_WIDE_PX))
    sharp = (np.abs(near) > CORNER_TURN) & (np.abs(near) > CORNER_KEPT * wide)
    strength = np.where(sharp.mean(axis=0) >= CORNER_FRAMES, (np.abs(near) * sharp).mean(axis=0), 0.0)
    reach = int(np.ceil(CORNER_APART_PX / SNAP_STEP_PX))
    around = np.max([np.roll(strength, offset) for offset in range(-reach, reach + 1)], axis=0)
    # Of equals the first: an exactly even corner has two.
    peaks = np.flatnonzero((strength > 0) & (strength >= around)).tolist()
    kept_peaks = [peak for at, peak in enumerate(peaks) if at == 0 or peak - peaks[at - 1] > reach]
    result: Floats = indices[kept_peaks]
    return result


def _turns(lines: Lines, places: Floats, far_px: float) -> Floats:
    return np.array(
        [
            outline.turns(row, near_px=CORNER_NEAR_PX, far_px=far_px)
            for outline, row in zip(lines.outlines, places, strict=True)
        ],
    )


def snap_corners(lines: Lines, knots: Knots) -> Floats:
    """(T, K) places of knots, those of corners where the line turns most on each frame, the others moved along."""
    places = lines.find(knots.indices)
    corners = np.flatnonzero(knots.corners)
    if corners.size:
        steps = np.arange(-SNAP_PX, SNAP_PX + SNAP_STEP_PX / 2, SNAP_STEP_PX)
        for index, outline in enumerate(lines.outlines):
            row = places[index]
            around = row[corners][:, None] + steps / outline.length
            turns = np.abs(outline.turns(around, near_px=CORNER_NEAR_PX, far_px=CORNER_FAR_PX))
            best = (turns - 0.02 * np.abs(steps)).argmax(axis=1)
            sharp = turns[np.arange(corners.size), best] > SNAP_LEAST
            shifts = np.where(sharp, steps[best], 0.0) / outline.length
            places[index] = row + np.interp(row, row[corners], shifts, period=1.0)
    return _keep_apart(places, np.array([outline.length for outline in lines.outlines]))


def _keep_apart(places: Floats, lengths: Floats) -> Floats:
    """Places in ascending order, by a pixel at least where there is room."""
    least = np.minimum(CLOSEST_PX / lengths, 0.25 / places.shape[1])[:, None]
    steps = np.diff(places, axis=1, append=places[:, :1] + 1)
    if (steps >= least).all():
        return places
    steps = np.maximum(steps, least)
    steps /= steps.sum(axis=1, keepdims=True)
    ascending = np.concatenate([np.zeros((len(places), 1)), np.cumsum(steps, axis=1)[:, :-1]], axis=1)
    result: Floats = ascending + (places - ascending).mean(axis=1, keepdims=True)
    return result

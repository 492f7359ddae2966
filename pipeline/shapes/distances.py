"""Distances: how far a curve and a line are apart at most, both ways round."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .curves import bernstein, controls, dot
from .outlines import Outline

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
COARSE = 24  # points of a span that the nearest place is looked for among
ROUNDS = 3  # of Newton, beside the nearest of them
FINE_PX = 2.0  # between the points of a curve whose distance from the line is taken


class _Reach(NamedTuple):
    coarse: int  # points of the curve, on either side of where a corner of the outline is thought to be
    beside: int  # corners of the outline, on either side of where a point of the curve is thought to be


NARROW, WIDE = _Reach(3, 6), _Reach(COARSE, 40)


def measure_error(curve: Floats, outline: Outline, places: Floats, *, doubt_px: float = 0.0) -> float:
    """The largest distance in pixels of an outline from a curve, and of the curve from the outline.

    Each corner of the outline is compared with the curve itself, not with a polygon of it, and points of the curve two
    pixels apart with the outline's straight pieces. Only the part of the other line around the same place is looked at,
    so that a fold that lies nearer by chance does not hide an error; the true distance is never larger than this.

    Args:
        curve: (K, 6).
        outline: what it was fitted to.
        places: (K,) of its knots on the outline.
        doubt_px: larger ones are measured once more, looking farther round: on a rough outline the same place is
            not always found at once.
    """
    guess = _guess(outline, places)
    found = _measure(curve, outline, guess, NARROW)
    return min(found, _measure(curve, outline, guess, WIDE)) if found > doubt_px else found


def _measure(curve: Floats, outline: Outline, guess: Floats, reach: _Reach) -> float:
    feet, apart = _nearest_on_curve(curve, outline.points, guess, reach.coarse)
    return max(float(apart.max()), _reverse(curve, outline, feet, reach.beside))


def _guess(outline: Outline, places: Floats) -> Floats:
    """(n,) knot and share of the span for each corner of the outline, by lengths along the outline."""
    along = outline.lengths[:-1] / outline.length
    turned = np.mod(along - places[0], 1.0) + places[0]
    result: Floats = np.interp(turned, np.append(places, places[0] + 1), np.arange(places.size + 1))
    return result


def _nearest_on_curve(curve: Floats, points: Floats, guess: Floats, reach: int) -> tuple[Floats, Floats]:
    """Knot and share where about each point is nearest, and how far the worst are exactly; 0 of the others."""
    spans = controls(curve)
    total = len(curve) * COARSE
    coarse = (bernstein(np.arange(COARSE) / COARSE) @ spans).reshape(total, 2)
    candidates = _guess_cells(coarse, guess)[:, None] + np.arange(-reach, reach + 1)
    found = coarse[candidates % total]
    squares = (found[..., 0] - points[:, :1]) ** 2 + (found[..., 1] - points[:, 1:]) ** 2
    start = np.take_along_axis(candidates, squares.argmin(axis=1)[:, None], axis=1)[:, 0]
    # The cells before and after, each within one span: at a corner the curve's direction jumps.
    feet, apart = _nearest_on_chord(coarse, points, start - 1)
    other_feet, other = _nearest_on_chord(coarse, points, start)
    feet, apart = np.where(other < apart, other_feet, feet), np.minimum(apart, other)
    # Chords are off by no more than their arcs' height: only the worst places can be the worst of all.
    height = _arc_height(spans)
    worst = np.flatnonzero(apart >= apart.max() - 2 * height)
    exact = [_nearest_in_cell(spans, points[worst], start[worst] + step) for step in (-1, 0)]
    apart[worst] = np.minimum(exact[0], exact[1])
    rest = np.ones(len(apart), np.bool_)
    rest[worst] = False
    apart[rest] = 0
    return feet / COARSE, apart


def _guess_cells(coarse: Floats, guess: Floats) -> Ints:
    """The coarse point for shares of spans by length, which are not shares of the parameter."""
    steps = np.diff(coarse, axis=0, append=coarse[:1])
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    along = np.interp(guess, np.arange(len(coarse) // COARSE + 1), lengths[::COARSE])
    cells: Ints = np.rint(np.interp(along, lengths, np.arange(lengths.size))).astype(np.intp)
    return cells


def _arc_height(spans: Floats) -> float:
    """How far a cell's arc may be from its chord: a step squared by an eighth of the largest second derivative."""
    bends = np.diff(spans, n=2, axis=1)
    return float(np.hypot(bends[..., 0], bends[..., 1]).max()) * 6 / 8 / COARSE**2


def _nearest_on_chord(coarse: Floats, points: Floats, cell: Ints) -> tuple[Floats, Floats]:
    """(n,) cell and share of its chord where each point is nearest, and how far."""
    start = coarse[cell % len(coarse)]
    step = coarse[(cell + 1) % len(coarse)] - start
    away = points - start
    share = np.clip(dot(away, step) / np.maximum(dot(step, step), 1e-12), 0.0, 1.0)
    apart = away - step * share[:, None]
    return cell + share, np.hypot(apart[:, 0], apart[:, 1])


def _nearest_in_cell(spans: Floats, points: Floats, cell: Ints) -> Floats:
    """(n,) how far each point is from its piece of the curve."""
    span, part = np.divmod(cell, COARSE)
    p0, p1, p2, p3 = np.moveaxis(spans[span % len(spans)], 1, 0)
    t = (part + 0.5) / COARSE
    for _ in range(ROUNDS):
        e, f, g = (value[:, None] for value in (3 * (1 - t) ** 2, 6 * (1 - t) * t, 3 * t * t))
        ahead = e * (p1 - p0) + f * (p2 - p1) + g * (p3 - p2)
        away = points - (bernstein(t)[:, None] @ np.stack([p0, p1, p2, p3], axis=1))[:, 0]
        step = dot(away, ahead) / np.maximum(dot(ahead, ahead), 1e-9)
        t = np.clip(t + step, part / COARSE, (part + 1) / COARSE)
    away = points - (bernstein(t)[:, None] @ np.stack([p0, p1, p2, p3], axis=1))[:, 0]
    apart: Floats = np.hypot(away[:, 0], away[:, 1])
    return apart


def _reverse(curve: Floats, outline: Outline, feet: Floats, beside: int) -> float:
    """The largest distance of the curve's points from the outline's pieces near them."""
    count = len(curve)
    fine = int(np.clip(np.ceil(outline.length / count / FINE_PX), COARSE, 512))
    places = (np.arange(count * fine)) / fine
    points = (bernstein(np.arange(fine) / fine) @ controls(curve)).reshape(-1, 2)
    # Where around the outline each point belongs: feet go up round the curve, but for small steps back.
    steps = np.mod(np.diff(feet) + count / 2, count) - count / 2
    upwards = np.maximum.accumulate(np.concatenate([feet[:1], feet[0] + np.cumsum(steps)]))
    index = np.searchsorted(upwards, np.mod(places - feet[0], count) + feet[0])
    first = (index[:, None] + np.arange(-beside, beside)) % len(outline.points)
    return float(np.sqrt(_squares_to_pieces(points, outline.closed, first).min(axis=1)).max())


def _squares_to_pieces(points: Floats, closed: Floats, first: Ints) -> Floats:
    """(n, m) squared distances of points (n, 2) to the pieces of a closed line that begin at corners (n, m)."""
    starts, steps = closed[:-1][first], np.diff(closed, axis=0)[first]
    away = points[:, None] - starts
    share = dot(away, steps) / np.maximum(dot(steps, steps), 1e-12)
    apart = away - steps * np.clip(share, 0.0, 1.0)[..., None]
    return dot(apart, apart)


CHORDS = 4  # on either side of the same place


def measure_change(curves: Floats, others: Floats, *, spacing_px: float) -> tuple[Floats, Floats]:
    """How far two curves of the same knots are apart, for each of G frames.

    Points of each are compared with the chords of the other around the same place.

    Args:
        curves: (G, K, 6).
        others: (G, K, 6).
        spacing_px: between the points.

    Returns:
        (G,) the largest distance, both ways round, and (G,) the mean distance along the curve.
    """
    knots = curves.shape[1]
    spans = np.hypot(*np.moveaxis(np.diff(curves[..., :2], axis=1, append=curves[:, :1, :2]), -1, 0))
    count = int(np.clip(np.ceil(spans.max() / spacing_px), 6, 64))
    weights = bernstein(np.arange(count) / count)
    one = (weights @ controls(curves)).reshape(-1, knots * count, 2)
    two = (weights @ controls(others)).reshape(-1, knots * count, 2)
    there, back = _one_way(one, two), _one_way(two, one)
    steps = np.roll(one, -1, axis=1) - one
    lengths = np.hypot(steps[..., 0], steps[..., 1])
    mean = dot_rows(there, lengths) / np.maximum(lengths.sum(axis=1), 1e-9)
    return np.maximum(there.max(axis=1), back.max(axis=1)), mean


def dot_rows(one: Floats, other: Floats) -> Floats:
    """(G,) sums of products along the rows of (G, n)."""
    result: Floats = np.einsum("gn,gn->g", one, other)
    return result


def _one_way(points: Floats, others: Floats) -> Floats:
    """(G, n) distances of points from chords of the others."""
    best = np.full(points.shape[:2], np.inf)
    for offset in range(-CHORDS, CHORDS):
        start = np.roll(others, -offset, axis=1)
        step = np.roll(others, -offset - 1, axis=1) - start
        away = points - start
        share = np.clip(dot(away, step) / np.maximum(dot(step, step), 1e-12), 0.0, 1.0)
        apart = away - step * share[..., None]
        np.minimum(best, dot(apart, apart), out=best)
    result: Floats = np.sqrt(best, out=best)
    return result

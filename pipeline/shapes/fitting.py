"""Fitting: the closed cubic curve through given knots that lies nearest to an outline, for many frames at once.

At a knot that is no corner the two handles lie on one line; the knot may move across the line only, so it stays the
same place of the object. At a corner knot and handles are free.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .curves import bernstein, controls, differentiate, dot, evaluate, normals, unit
from .cyclic import solve_cyclic
from .outlines import Outline

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ROUNDS = 5
SAMPLE_PX = 2.0  # between the samples of a line that a curve is fitted to
FEWEST_SAMPLES, MOST_SAMPLES = 8, 64  # of a span
SLIDE = 0.1  # what a pixel along the curve counts, to one across it
PULL = 1e-3  # of the samples' weight, that holds handles near a third of their span
FREE = 6  # numbers of a corner: knot, out and in; a smooth knot has four: across, turn, out, in
SHORTEST_HANDLE, LONGEST_HANDLE = 0.02, 0.6  # of the span's length along the line; a half turn has 0.42
LARGEST_TURN = 0.3  # radians, of handles in one round
CHUNK_VALUES = 100_000  # samples at once: memory stays flat however long a shape lives


def fit_curves(outlines: Sequence[Outline], places: Floats, corners: Bools) -> tuple[Floats, Floats]:
    """Curves, and how far the samples of the lines are from them.

    Args:
        outlines: one for each frame.
        places: (T, K) of the knots on the lines, ascending over less than one turn.
        corners: (K,) whether the handles of a knot may point anywhere.

    Returns:
        (T, K, 6) curves and (T, K) the largest distance of each span's samples, in pixels.

    Source:
        Gauss-Newton on the distance across the curve: the tangent distance of W. Wang, H. Pottmann and Y. Liu, "Fitting
        B-spline curves to point clouds by curvature-based squared distance minimization", ACM Trans. Graphics, 2006.
    """
    count = _count_samples(outlines, places)
    chunk = max(CHUNK_VALUES // (places.shape[1] * count), 1)
    parts = [
        _fit(outlines[start : start + chunk], places[start : start + chunk], corners, count)
        for start in range(0, len(outlines), chunk)
    ]
    return np.concatenate([curves for curves, _ in parts]), np.concatenate([errors for _, errors in parts])


def _count_samples(outlines: Sequence[Outline], places: Floats) -> int:
    lengths = np.array([outline.length for outline in outlines])
    longest = (_spans(places) * lengths[:, None]).max()
    return int(np.clip(np.ceil(longest / SAMPLE_PX), FEWEST_SAMPLES, MOST_SAMPLES))


def _spans(places: Floats) -> Floats:
    """(T, K) shares of the line from each knot to the next."""
    return np.diff(places, axis=1, append=places[:, :1] + 1)


def _fit(outlines: Sequence[Outline], places: Floats, corners: Bools, count: int) -> tuple[Floats, Floats]:
    spans = _spans(places)
    t = np.broadcast_to((np.arange(count) + 0.5) / count, (*places.shape, count))
    wanted = places[..., None] + spans[..., None] * t
    samples = np.array([outline.at(row) for outline, row in zip(outlines, wanted, strict=True)])
    lengths = spans * np.array([outline.length for outline in outlines])[:, None]
    curves = _begin(outlines, places, corners, lengths)
    for _ in range(ROUNDS):
        curves = _improve(curves, samples, t, corners, lengths)
        t = _project(curves, samples, t)
    apart = samples - evaluate(curves, t)
    return curves, np.hypot(apart[..., 0], apart[..., 1]).max(axis=-1)


def _begin(outlines: Sequence[Outline], places: Floats, corners: Bools, lengths: Floats) -> Floats:
    """Knots on the line, handles of a third of their span along it."""
    spans = _spans(places)
    before = np.roll(spans, 1, axis=1)
    chord = np.minimum(spans, before) / 4
    zipped = list(zip(outlines, places, chord, strict=True))
    knots = np.array([outline.at(row) for outline, row, _ in zipped])
    ahead = np.array([outline.at(row + step) for outline, row, step in zipped]) - knots
    behind = knots - np.array([outline.at(row - step) for outline, row, step in zipped])
    middle = unit(unit(ahead) + unit(behind))
    out = np.where(corners[:, None], unit(ahead), middle) * lengths[..., None] / 3
    into = np.where(corners[:, None], unit(behind), middle) * np.roll(lengths, 1, axis=1)[..., None] / -3
    return np.concatenate([knots, into, out], axis=-1)


def _improve(curves: Floats, samples: Floats, t: Floats, corners: Bools, lengths: Floats) -> Floats:
    """One step of Gauss-Newton."""
    moves = _moves(curves, corners)
    normal, wanted = _equations(curves, samples, t, moves)
    pulls, right = _pulls(curves, lengths, corners, samples.shape[2])
    # A span's equations hold numbers of the knot it leaves, then of the one it comes to.
    diagonal = normal[..., :FREE, :FREE] + np.roll(normal[..., FREE:, FREE:], 1, axis=1)
    diagonal[..., np.arange(FREE), np.arange(FREE)] += pulls
    right = right + wanted[..., :FREE] + np.roll(wanted[..., FREE:], 1, axis=1)
    step = solve_cyclic(diagonal, normal[..., :FREE, FREE:], right)
    return _apply(curves, step, corners, lengths)


def _moves(curves: Floats, corners: Bools) -> Floats:
    """(T, K, 6, 6) what each free number moves: x, y, in x, in y, out x, out y."""
    out, into = curves[..., 4:6], curves[..., 2:4]
    direction = unit(out - into)
    across = normals(direction)
    moves = np.zeros((*curves.shape[:2], 6, FREE))
    moves[..., 0:2, 0] = across
    moves[..., 2:4, 1] = -across * np.hypot(into[..., 0], into[..., 1])[..., None]
    moves[..., 4:6, 1] = across * np.hypot(out[..., 0], out[..., 1])[..., None]
    moves[..., 4:6, 2] = direction
    moves[..., 2:4, 3] = -direction
    moves[:, corners] = np.eye(6)
    return moves


def _equations(curves: Floats, samples: Floats, t: Floats, moves: Floats) -> tuple[Floats, Floats]:
    """(T, K, 12, 12) normal equations of each span and (T, K, 12) their right sides, in its two knots' numbers."""
    weights = bernstein(t)
    apart = samples - weights @ controls(curves)
    ahead = unit(differentiate(curves, t))
    # What a sample's point takes from: knot, its out handle, the next in handle, the next knot.
    shares = np.stack(
        [weights[..., 0] + weights[..., 1], weights[..., 1], weights[..., 2], weights[..., 2] + weights[..., 3]],
        axis=-1,
    )
    rows = np.concatenate(
        [_project_rows(shares, normals(ahead)), SLIDE * _project_rows(shares, ahead)],
        axis=-2,
    )
    errors = np.concatenate([dot(apart, normals(ahead)), SLIDE * dot(apart, ahead)], axis=-1)
    following = np.roll(moves, -1, axis=1)
    # Rows are (knot 2, out 2, next in 2, next knot 2); knots' own order is (knot 2, in 2, out 2).
    here = rows[..., 0:2] @ moves[..., 0:2, :] + rows[..., 2:4] @ moves[..., 4:6, :]
    there = rows[..., 4:6] @ following[..., 2:4, :] + rows[..., 6:8] @ following[..., 0:2, :]
    both = np.concatenate([here, there], axis=-1)
    turned = both.swapaxes(-1, -2)
    return turned @ both, (turned @ errors[..., None])[..., 0]


def _project_rows(shares: Floats, directions: Floats) -> Floats:
    """(..., n, 8) what each control vector's x and y does along a direction."""
    return (shares[..., :, None] * directions[..., None, :]).reshape(*shares.shape[:-1], 8)


def _pulls(curves: Floats, lengths: Floats, corners: Bools, count: int) -> tuple[Floats, Floats]:
    """(T, K, 6) weights that pull handles to a third of their spans, and how much they pull now."""
    weight = PULL * count
    before = np.roll(lengths, 1, axis=1)
    # Numbers that are not free have no equations of their own but this one.
    pulls = np.full((*curves.shape[:2], FREE), 1e-9)
    pulls[:, ~corners, 4:6] = 1.0
    goals = np.zeros_like(pulls)
    out, into = curves[..., 4:6], curves[..., 2:4]
    pulls[:, ~corners, 2:4] = weight
    goals[:, ~corners, 2] = weight * (lengths / 3 - np.hypot(out[..., 0], out[..., 1]))[:, ~corners]
    goals[:, ~corners, 3] = weight * (before / 3 - np.hypot(into[..., 0], into[..., 1]))[:, ~corners]
    pulls[:, corners, 2:6] = weight
    goals[:, corners, 2:4] = weight * (unit(into) * before[..., None] / 3 - into)[:, corners]
    goals[:, corners, 4:6] = weight * (unit(out) * lengths[..., None] / 3 - out)[:, corners]
    return pulls, goals


def _apply(curves: Floats, step: Floats, corners: Bools, lengths: Floats) -> Floats:
    """Curves after a step, handles kept to sane lengths."""
    out, into = curves[..., 4:6], curves[..., 2:4]
    before = np.roll(lengths, 1, axis=1)
    direction = unit(out - into)
    across = normals(direction)
    angle = np.clip(step[..., 1], -LARGEST_TURN, LARGEST_TURN)[..., None]
    turned = direction * np.cos(angle) + across * np.sin(angle)
    out_length = _limit(np.hypot(out[..., 0], out[..., 1]) + step[..., 2], lengths)
    into_length = _limit(np.hypot(into[..., 0], into[..., 1]) + step[..., 3], before)
    smooth = np.concatenate(
        [curves[..., 0:2] + across * step[..., 0:1], -turned * into_length, turned * out_length],
        axis=-1,
    )
    free = curves + step
    for at, longest in ((2, before), (4, lengths)):
        length = np.hypot(free[..., at], free[..., at + 1])
        free[..., at : at + 2] = unit(free[..., at : at + 2]) * _limit(length, longest)
    return np.where(corners[:, None], free, smooth)


def _limit(handle: Floats, span: Floats) -> Floats:
    return np.clip(handle, SHORTEST_HANDLE * span, LONGEST_HANDLE * span)[..., None]


def _project(curves: Floats, samples: Floats, t: Floats) -> Floats:
    """Where on its span each sample is nearest, one step of Newton on."""
    ahead = differentiate(curves, t)
    apart = samples - evaluate(curves, t)
    square = np.maximum(dot(ahead, ahead), 1e-9)
    return np.clip(t + dot(apart, ahead) / square, 0.0, 1.0)

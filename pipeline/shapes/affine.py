"""Affine motion: what of a movement is shift, turn, size and shear of the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
THINNEST = 1e-3  # of a set of points, its breadth over its length: below, only shift and turn are told
SLIDE = 0.1  # what a pixel along a line counts, to one across it
LEAST_SIZE, MOST_SIZE = 0.2, 5.0  # of a fitted motion's axes; beyond, it is no motion but a degenerate fit


def fit_affine(before: Floats, after: Floats, weights: Floats | None = None) -> Floats:
    """(3, 2) the least-squares motion A with after = [before, 1] A; a plain shift where points do not tell more.

    Args:
        before: (n, 2).
        after: (n, 2).
        weights: (n,) above 0.
    """
    share = np.ones(len(before)) if weights is None else weights
    share = share / share.sum()
    middle_before, middle_after = share @ before, share @ after
    from_middle, to_middle = before - middle_before, after - middle_after
    spread = (from_middle * share[:, None]).T @ from_middle
    mixed = (from_middle * share[:, None]).T @ to_middle
    turn = np.eye(2)
    sizes = np.linalg.eigvalsh(spread)
    if sizes[0] > THINNEST**2 * sizes[1]:
        found = np.linalg.solve(spread, mixed)
        stretch = np.linalg.svd(found, compute_uv=False)
        if stretch[1] > LEAST_SIZE and stretch[0] < MOST_SIZE and np.linalg.det(found) > 0:
            turn = found
    return np.concatenate([turn, (middle_after - middle_before @ turn)[None]])


def fit_sliding(before: Floats, after: Floats, directions: Floats, weights: Floats) -> Floats:
    """(3, 2) as ``fit_affine``, where points may slide along a line almost for nothing.

    Pairs of places on two lines say well how far the lines are apart, and badly where along them.

    Args:
        before: (n, 2).
        after: (n, 2).
        directions: (n, 2) unit vectors of the line at ``after``.
        weights: (n,) above 0.
    """
    middle = before.mean(axis=0)
    size = max(float(np.abs(before - middle).max()), 1e-6)
    known = np.concatenate([(before - middle) / size, np.ones((len(before), 1))], axis=1)
    across = np.stack([directions[:, 1], -directions[:, 0]], axis=1)
    rows = np.concatenate([_rows(known, across), SLIDE * _rows(known, directions)])
    change = after - before
    wanted = np.concatenate([(change * across).sum(axis=1), SLIDE * (change * directions).sum(axis=1)])
    roots = np.sqrt(np.concatenate([weights, weights]))
    found = np.linalg.lstsq(rows * roots[:, None], wanted * roots, rcond=THINNEST)[0].reshape(3, 2)
    turn = np.eye(2) + found[:2] / size
    return np.concatenate([turn, (middle + found[2] - middle @ turn)[None]])


def _rows(known: Floats, directions: Floats) -> Floats:
    return (known[:, :, None] * directions[:, None, :]).reshape(len(known), 6)


def move(points: Floats, motion: Floats) -> Floats:
    """Points (..., 2) after a motion (3, 2)."""
    result: Floats = points @ motion[:2] + motion[2]
    return result


def turn_only(vectors: Floats, motion: Floats) -> Floats:
    """Vectors (..., 2) after a motion (3, 2) without its shift."""
    return vectors @ motion[:2]

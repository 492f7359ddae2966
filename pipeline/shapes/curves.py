"""Closed cubic Bezier curves as arrays, many frames at once.

A curve of K knots is (K, 6): x, y, in x, in y, out x, out y, handles relative; span k goes from knot k to knot k + 1,
the last one back to the first. Curves of several frames are (T, K, 6).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def bernstein(t: Floats) -> Floats:
    """(..., 4) the cubic Bernstein polynomials."""
    s = 1 - t
    return np.stack([s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t], axis=-1)


def controls(curves: Floats) -> Floats:
    """(..., K, 4, 2) control points of each span, absolute."""
    following = np.roll(curves, -1, axis=-2)
    start, end = curves[..., 0:2], following[..., 0:2]
    return np.stack([start, start + curves[..., 4:6], end + following[..., 2:4], end], axis=-2)


def evaluate(curves: Floats, t: Floats) -> Floats:
    """(..., K, n, 2) points; ``t`` is (n,) for all spans, or (..., K, n)."""
    weights = bernstein(t)
    return weights @ controls(curves)


def differentiate(curves: Floats, t: Floats) -> Floats:
    """(..., K, n, 2) first derivatives by ``t``."""
    points = controls(curves)
    steps = np.diff(points, axis=-2)
    s = 1 - t
    weights = np.stack([3 * s * s, 6 * s * t, 3 * t * t], axis=-1)
    return weights @ steps


def flatten(curve: Floats, *, tolerance_px: float) -> tuple[Floats, Floats]:
    """A polygon within a tolerance of one curve.

    Args:
        curve: (K, 6), one frame's.
        tolerance_px: largest distance between a chord and its arc.

    Returns:
        (n, 2) points and (n,) places, knot number plus the share of the span.

    Source:
        A chord over a step h of the parameter leaves its arc by at most h squared / 8 times the largest second
        derivative, which for a cubic is six times the largest second difference of its control points.
    """
    points = controls(curve)
    bends = np.diff(points, n=2, axis=-2)
    bend = np.hypot(bends[..., 0], bends[..., 1]).max(axis=-1)
    counts = np.clip(np.ceil(np.sqrt(6 / 8 * bend / tolerance_px)), 1, 512).astype(np.intp)
    spans = np.repeat(np.arange(counts.size), counts)
    t = (np.arange(spans.size) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[spans]
    weights = bernstein(t)
    return np.einsum("ni,nij->nj", weights, points[spans]), spans + t


def normals(steps: Floats) -> Floats:
    """(..., 2) unit vectors at right angles to steps, on their left as seen with y down; 0 where a step is 0."""
    length = np.hypot(steps[..., 0], steps[..., 1])[..., None]
    turned = np.stack([steps[..., 1], -steps[..., 0]], axis=-1)
    return np.divide(turned, length, out=np.zeros_like(turned), where=length > 0)


def unit(vectors: Floats) -> Floats:
    """(..., 2) the same directions, of length 1; 0 stays 0."""
    result: Floats = vectors / np.maximum(np.hypot(vectors[..., 0], vectors[..., 1]), 1e-9)[..., None]
    return result


def dot(one: Floats, other: Floats) -> Floats:
    """(...) products of vectors (..., 2): written out, as sums over an axis of two are slow."""
    result: Floats = one[..., 0] * other[..., 0] + one[..., 1] * other[..., 1]
    return result


def square(vectors: Floats) -> Floats:
    """(...) squared lengths of vectors (..., 2)."""
    return dot(vectors, vectors)

"""Smoothing in time: less jitter, without lagging behind where the object goes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .affine import fit_affine

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FEWEST_FRAMES = 3
BLENDS = (1.0, 0.5, 0.25)  # shares of the smoothing that are tried where all of it lies too far


def smooth_curves(curves: Floats, corners: Bools, *, sigma: float) -> Floats:
    """(T, K, 6) curves with less change from frame to frame than came from noise.

    The motion of the whole (affine, from the middle frame) is smoothed with a kernel that keeps accelerations; what
    is left, in the object's own frame, with a Gaussian. So an object that moves as a whole is not flattened in time.

    Args:
        curves: of the frames of one life, in order.
        corners: (K,) knots whose handles may point anywhere; the others' are laid on one line again.
        sigma: in frames.
    """
    if sigma <= 0 or len(curves) < FEWEST_FRAMES:
        return curves
    points = _to_points(curves)
    middle = points[len(points) // 2].reshape(-1, 2)
    motions = np.array([fit_affine(middle, frame.reshape(-1, 2)) for frame in points])
    inverse = np.linalg.inv(motions[:, :2])
    own = np.einsum("tkcx,txy->tkcy", points - motions[:, None, None, 2], inverse)
    own = blur_in_time(own, sigma)
    smooth = blur_in_time(motions, sigma, keeps_acceleration=True)
    moved = np.einsum("tkcx,txy->tkcy", own, smooth[:, :2]) + smooth[:, None, None, 2]
    return straighten(_from_points(moved), corners)


def _to_points(curves: Floats) -> Floats:
    """(T, K, 3, 2) knots and ends of their handles."""
    knots = curves[..., 0:2]
    return np.stack([knots, knots + curves[..., 2:4], knots + curves[..., 4:6]], axis=2)


def _from_points(points: Floats) -> Floats:
    knots = points[:, :, 0]
    return np.concatenate([knots, points[:, :, 1] - knots, points[:, :, 2] - knots], axis=-1)


def straighten(curves: Floats, corners: Bools) -> Floats:
    """Curves whose handles lie on one line, but at corners; their lengths stay."""
    into, out = curves[..., 2:4], curves[..., 4:6]
    into_length, out_length = (np.hypot(value[..., 0], value[..., 1])[..., None] for value in (into, out))
    along = out / np.maximum(out_length, 1e-9) - into / np.maximum(into_length, 1e-9)
    size = np.hypot(along[..., 0], along[..., 1])[..., None]
    along = along / np.maximum(size, 1e-9)
    straight = np.concatenate([curves[..., 0:2], -along * into_length, along * out_length], axis=-1)
    return np.where(corners[:, None] | (size < 1e-6), curves, straight)  # noqa: PLR2004 - handles that cancel out


def blur_in_time(values: Floats, sigma: float, *, keeps_acceleration: bool = False) -> Floats:
    """(T, ...) blurred over the first axis; ends go on as they came, so that an even motion is left alone."""
    reach = min(max(int(np.ceil(3 * sigma)), 1), len(values) - 1)
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (offsets / sigma) ** 2)
    if keeps_acceleration:
        # The even quadratic times the Gaussian whose second moment is 0 on these very offsets.
        zeroth, second, fourth = (float((kernel * offsets**power).sum()) for power in (0, 2, 4))
        kernel = kernel * (fourth - second * offsets**2) / (zeroth * fourth - second**2 or 1.0)
    kernel /= kernel.sum()
    before, after = 2 * values[:1] - values[reach:0:-1], 2 * values[-1:] - values[-2 : -reach - 2 : -1]
    wide = np.concatenate([before, values, after])
    result = np.zeros_like(values)
    for index, weight in enumerate(kernel):
        result += weight * wide[index : index + len(values)]
    return result


def hold(
    fitted: Floats, smoothed: Floats, measure: Callable[[int, Floats], float], limit_px: float
) -> tuple[Floats, Floats]:
    """Smoothed curves, on each frame with as much of the smoothing as keeps the fit.

    Args:
        fitted: (T, K, 6).
        smoothed: (T, K, 6).
        measure: the error in pixels of a curve at an index of frames.
        limit_px: what the error must not exceed, unless the fitted curve exceeds it.

    Returns:
        (T, K, 6) curves and (T,) their errors in pixels.
    """
    result, errors = fitted.copy(), np.zeros(len(fitted))
    for index in range(len(fitted)):
        for share in BLENDS:
            curve = fitted[index] + share * (smoothed[index] - fitted[index])
            errors[index] = measure(index, curve)
            if errors[index] <= limit_px:
                result[index] = curve
                break
        else:
            errors[index] = measure(index, fitted[index])
    return result, errors

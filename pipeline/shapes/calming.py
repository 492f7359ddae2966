"""Calm lines: contours of noisy mattes, smoothed along themselves before curves are fitted to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .outlines import Outline

Floats = NDArray[np.float64]
STEP_PX = 1.0  # between the points of a calm line
LOOK_PX = 2.0  # sigma: how rough a line is, is seen beside itself smoothed over this
# The edge of a clean matte has 0.01, of one that is black or white alone 0.1, of a noisy one 0.1 and more.
ROUGH_PX = 0.06
NOISY_PX = 0.12  # no curve lies near to what is as rough as this
SIGMAS_PX = (3.0, 5.0, 8.0, 12.0)
SHARE = 25.0  # of the roughness: a sigma below does not do


def sigmas_for(roughness_px: float) -> list[float]:
    """What a line so rough may be smoothed over, the least first: no more than is needed."""
    return [sigma for sigma in SIGMAS_PX if sigma >= SHARE * roughness_px] or [SIGMAS_PX[-1]]


def measure_roughness(outline: Outline) -> float:
    """How far half of a line's points lie from the line smoothed over a few pixels.

    Corners are few, and a bend of the radius r lies off by 2 / r pixels or less, so that it is noise alone that counts.
    """
    raw, smooth = _smoothed(outline, LOOK_PX)
    return float(np.median(_apart(raw, smooth)))


def calm(outline: Outline, sigma_px: float) -> tuple[Outline, float]:
    """A line without its wiggles, and how far the line itself lies from it at most, in pixels.

    Args:
        outline: of a noisy matte.
        sigma_px: wiggles shorter than some three times this go; bends that are longer stay where they are.
    """
    raw, smooth = _smoothed(outline, sigma_px)
    return Outline(smooth), float(_apart(raw, smooth).max())


def _smoothed(outline: Outline, sigma_px: float) -> tuple[Floats, Floats]:
    """(n, 2) points evenly along a line, and where they are without their wiggles.

    The filter leaves constant, linear and quadratic courses as they are, so that circles do not shrink.
    """
    count = max(round(outline.length / STEP_PX), 8)
    points = outline.at(np.arange(count) / count)
    waves = np.fft.rfft(points, axis=0)
    turns = 2 * np.pi * np.fft.rfftfreq(count) * count / outline.length
    square = (turns * min(sigma_px, outline.length / 12)) ** 2 / 2
    keep = (1 + square) * np.exp(-square)
    return points, np.fft.irfft(waves * keep[:, None], count, axis=0)


def _apart(one: Floats, other: Floats) -> Floats:
    steps = one - other
    result: Floats = np.hypot(steps[:, 0], steps[:, 1])
    return result

"""Softness: how far a matte's edge reaches outwards from where it is half."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .contours import FloatImage, Loop
from .curves import normals

PLACES = 64  # along a loop
CHORD_PX = 1.5  # on each side of a place, for the direction of the line
# Coverage of a hard edge, read between pixels, falls over a bit less than a pixel; that is no softness of the matte's.
HARD_PX = 0.7
LEAST_PX = 0.75  # below, it is taken for hard
NEAR_PX = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0])


def measure_softness(matte: FloatImage, loop: Loop, *, reach_px: float) -> NDArray[np.float32]:
    """(64,) float32 pixels, at places evenly along the loop, from the half-way line outwards to where the matte is 0.

    The edge is taken for an even ramp that encloses the area under the matte across the line, outside of it and above
    the matte inside of it: a ramp of the half-width f has f / 4 on either side. A hard edge's own half pixel is taken
    off, so that its feather is 0.

    Args:
        matte: (h, w) in 0..1.
        loop: of that matte.
        reach_px: the farthest the matte is looked at, on both sides.
    """
    places = np.arange(PLACES) / PLACES
    centres = loop.outline.at(places)
    chord = CHORD_PX / loop.outline.length
    ahead = loop.outline.at(places + chord) - loop.outline.at(places - chord)
    # The inside is on the left of the direction of travel.
    outwards = -normals(ahead)
    distances = _spread(reach_px)
    outside = _look(matte, centres, outwards, distances)
    inside = 1 - _look(matte, centres, -outwards, distances)
    ramps = np.minimum.accumulate(np.minimum(np.concatenate([outside, inside]), 0.5), axis=1)
    areas = ((ramps[:, 1:] + ramps[:, :-1]) / 2 * np.diff(distances)).sum(axis=1)
    half_width = 2 * (areas[:PLACES] + areas[PLACES:])
    soft = np.sqrt(np.maximum(half_width**2 - HARD_PX**2, 0.0))
    return np.where(soft < LEAST_PX, 0.0, soft).astype(np.float32)


def _spread(reach_px: float) -> NDArray[np.float64]:
    """Distances to look at: near ones closely, far ones by steps that grow."""
    far = [float(NEAR_PX[-1])]
    while far[-1] < reach_px:
        far.append(min(far[-1] * 1.25, reach_px))
    near = NEAR_PX[reach_px > NEAR_PX]
    return np.concatenate([near, far[1:]]) if reach_px > NEAR_PX[-1] else np.append(near, reach_px)


def _look(
    matte: FloatImage,
    centres: NDArray[np.float64],
    direction: NDArray[np.float64],
    distances: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(places, distances) of the matte, between pixels linearly; beyond the picture as at its border."""
    points = centres[:, None, :] + direction[:, None, :] * distances[None, :, None] - 0.5
    top, left = np.floor(points.min(axis=(0, 1))[::-1]).astype(int) - 1
    bottom, right = np.ceil(points.max(axis=(0, 1))[::-1]).astype(int) + 2
    top, left = int(np.clip(top, 0, matte.shape[0] - 1)), int(np.clip(left, 0, matte.shape[1] - 1))
    # A box of its own: remap takes pictures of at most 32,767 pixels a side.
    box = matte[top : max(int(bottom), top + 1), left : max(int(right), left + 1)]
    places = (points - (left, top)).astype(np.float32)
    found = cv2.remap(box, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return found.astype(np.float64).clip(0.0, 1.0)

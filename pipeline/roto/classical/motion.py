"""How a thing and what is around it moved between two pictures of one size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .window import Array, Field, Picture, Region

Affine = NDArray[np.float64]
MANY = 500  # points that a motion is fitted to
ENOUGH = 10
AGREES_PX = 1.0
LEAST_STRETCH = 0.62  # from one frame to the next, along any line


@dataclass(frozen=True)
class Flow:
    """Optical flow both ways between two pictures.

    Attributes:
        forward: (h, w, 2) px: where what is here in the first picture went.
        backward: (h, w, 2) px: where what is here in the second picture came from.
        lost: (h, w) px: how far from its start one ends who goes forward and back again.
        new: (h, w) px: the same from the second picture.
    """

    forward: Field
    backward: Field
    lost: Field
    new: Field


def find_flow(before: Picture, now: Picture) -> Flow:
    """Dense flow (T. Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016)."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    greys = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (before, now)]
    start = np.zeros((*before.shape[:2], 2), np.float32)
    forward = np.asarray(search.calc(greys[0], greys[1], start.copy()), np.float32)
    backward = np.asarray(search.calc(greys[1], greys[0], start), np.float32)
    return Flow(forward, backward, _disagreement(forward, backward), _disagreement(backward, forward))


def _disagreement(there: Field, back: Field) -> Field:
    return np.asarray(np.linalg.norm(there + _taken(back, there), axis=-1), np.float32)


def _taken(values: Field, away: Field) -> Field:
    """What lies so many px to the right and down of each pixel."""
    across, down = np.meshgrid(*(np.arange(count, dtype=np.float32) for count in away.shape[1::-1]))
    at = across + away[..., 0], down + away[..., 1]
    return np.asarray(cv2.remap(values, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


@dataclass(frozen=True)
class Motion:
    """One affine motion of a region.

    Attributes:
        matrix: (2, 3): from the first picture's px to the second's.
        share: of the points, how many follow it, 0 to 1.
        sure: of the region, how much has a flow that agrees forward and back.
    """

    matrix: Affine
    share: float
    sure: float

    def carry(self, values: Array, *, cubic: bool = False) -> Field:
        """What is in the first picture where it is in the second."""
        size = (values.shape[1], values.shape[0])
        flags = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
        carried = cv2.warpAffine(values, self.matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(carried, np.float32)


def fit_motion(flow: Flow, region: Region) -> Motion | None:
    """The affine motion that most of a region follows; None where too little of it can be followed."""
    total = int(region.sum())
    trusted = region & (flow.lost < AGREES_PX)
    rows, columns = np.nonzero(trusted)
    if rows.size < ENOUGH:
        return None
    step = max(rows.size // MANY, 1)
    rows, columns = rows[::step], columns[::step]
    start = np.stack([columns, rows], axis=1).astype(np.float32)
    ends = start + flow.forward[rows, columns]
    matrix, follows = cv2.estimateAffine2D(start, ends, method=cv2.RANSAC, ransacReprojThreshold=0.7, maxIters=300)
    found: Any = matrix  # OpenCV's types do not say that there may be none
    if found is None or not _is_sane(found):
        return None
    return Motion(found, float(np.mean(follows)), float(trusted.sum()) / max(total, 1))


def _is_sane(matrix: Affine) -> bool:
    """No thing halves or doubles, or turns over, from one frame to the next."""
    stretch = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return bool(stretch[1] > LEAST_STRETCH and stretch[0] < 1 / LEAST_STRETCH)


def carry_by_flow(values: Field, flow: Flow) -> Field:
    """What is in the first picture where each pixel's own flow brings it in the second."""
    return _taken(values, flow.backward)

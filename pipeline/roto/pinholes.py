"""Pinholes of masks: a few pixels of outside within an object, which a model leaves and no artist wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILLED = 0.1  # a logit that is just inside


def fill_pinholes(logits: NDArray[np.float32], area_px: int) -> NDArray[np.float32]:
    """The logits with every hole of at most this area made inside; nothing else is touched.

    Args:
        logits: (h, w) float32, above 0 inside.
        area_px: of the largest hole that is filled; 0: none is. What touches the frame's edge is no hole.
    """
    if area_px <= 0:
        return logits
    import cv2  # noqa: PLC0415 - heavy
    import numpy as np  # noqa: PLC0415 - heavy

    outside = (logits <= 0).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(outside, connectivity=8)
    height, width = logits.shape
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    inner = (left > 0) & (top > 0)
    inner &= left + stats[:, cv2.CC_STAT_WIDTH] < width
    inner &= top + stats[:, cv2.CC_STAT_HEIGHT] < height
    filled = inner & (stats[:, cv2.CC_STAT_AREA] <= area_px)
    filled[0] = False  # what is inside already
    if count < 2 or not filled.any():  # noqa: PLR2004 - the first is the object itself
        return logits
    return np.where(filled[labels], np.float32(FILLED), logits)

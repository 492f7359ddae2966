"""Trimaps: what is surely inside, surely outside, and the band along the edge that a matting has to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNKNOWN = 0.5


def trimap_of(logits: NDArray[np.float32], band_px: float) -> NDArray[np.float32]:
    """(h, w) float32: 1 inside, 0 outside, 0.5 where a pixel's centre is within ``band_px`` of the edge.

    Args:
        logits: (h, w), above 0 inside.
        band_px: half the band's width. The edge runs between two pixels' centres, half a pixel from each.
    """
    import cv2  # noqa: PLC0415 - heavy
    import numpy as np  # noqa: PLC0415 - heavy

    inside = (logits > 0).astype(np.uint8)
    trimap = inside.astype(np.float32)
    if inside.any() and not inside.all():
        within = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        around = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        trimap[np.maximum(within, around) - 0.5 <= band_px] = UNKNOWN
    return trimap

"""How near a mask is to the truth, and how steady it is from frame to frame.

Masks are (height, width) bool, True inside; both of a pair have one size. The two measures of nearness are those of
F. Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object Segmentation", CVPR 2016; there the
boundary's tolerance is 0.8 % of the picture's diagonal (18 px of 1080p), far too loose for roto, so it is said in px.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Region = NDArray[np.bool_]


@dataclass(frozen=True)
class Summary:
    """One measure over the frames of a clip; a mean alone hides the frame that an artist has to mend.

    Attributes:
        mean: over all frames.
        least: of the worst frame.
        least_frame: the first frame that has it.
    """

    mean: float
    least: float
    least_frame: int


def region_j(mask: Region, truth: Region) -> float:
    """Area that both have, of the area that either has: 0 to 1; 1 where both are empty.

    Raises:
        ValueError: their sizes differ.
    """
    _check_sizes(mask, truth)
    either = int((mask | truth).sum())
    return int((mask & truth).sum()) / either if either else 1.0


def boundary_f(mask: Region, truth: Region, *, tolerance_px: float) -> float:
    """How much of each outline lies within ``tolerance_px`` of the other's: 0 to 1; 1 where neither has one.

    The harmonic mean of precision (of the mask's outline) and recall (of the truth's), so the order of the two does
    not matter. An outline is the pixels inside that have one of the four neighbours outside; the picture's own edge is
    no outline.

    Raises:
        ValueError: their sizes differ.
    """
    _check_sizes(mask, truth)
    ours, theirs = outline(mask), outline(truth)
    if not ours.any() or not theirs.any():
        return float(not ours.any() and not theirs.any())
    precision = float((_distance(theirs)[ours] <= tolerance_px).mean())
    recall = float((_distance(ours)[theirs] <= tolerance_px).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def jitter(before: Region, mask: Region, after: Region) -> float:
    """How far, in px, the outline lies from midway between those of its neighbours in time, on average along it.

    0 for what stands or moves steadily, 1 for an edge that jumps by one px and back. What turns or bends adds a little
    (for a disc of radius r that moves v px a frame: v * v / 4r). 0 where one of the three is empty: what comes or goes
    is not jitter.

    Raises:
        ValueError: their sizes differ.
    """
    _check_sizes(before, mask)
    _check_sizes(mask, after)
    along = outline(mask)
    if not (before.any() and along.any() and after.any()):
        return 0.0
    fields = [signed_distance(region)[along] for region in (before, mask, after)]
    return float(abs(fields[1] - (fields[0] + fields[2]) / 2).mean())


def summarise(values: Mapping[int, float]) -> Summary:
    """The mean and the worst of a measure by frame.

    Raises:
        ValueError: there are no frames.
    """
    if not values:
        raise ValueError("there are no frames to sum up")
    worst = min(sorted(values), key=lambda frame: values[frame])
    return Summary(sum(values.values()) / len(values), values[worst], worst)


def outline(region: Region) -> Region:
    """The pixels inside that have one of the four neighbours outside; the picture's own edge has no outside."""
    import numpy as np  # noqa: PLC0415 - heavy

    inside = np.pad(region, 1, mode="edge")
    within: Region = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    return region & ~within


def signed_distance(region: Region) -> NDArray[np.float32]:
    """(h, w) float32, px from each pixel's centre to the edge of a region: above 0 inside, below 0 outside.

    Right to half a pixel. A region that is empty, or that is the whole picture, has no edge: it is as far as the
    picture's sides are long.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    far = np.float32(sum(region.shape))
    if not region.any() or region.all():
        return np.full(region.shape, far if region.any() else -far, np.float32)
    within, without = _distance(~region), _distance(region)
    # The nearest pixel of the other side has its centre half a pixel beyond the edge.
    return np.where(region, within - 0.5, 0.5 - without).astype(np.float32)


def _distance(pixels: Region) -> NDArray[np.float32]:
    """(h, w) float32: px to the nearest of some pixels, centre to centre."""
    import cv2  # noqa: PLC0415 - heavy
    import numpy as np  # noqa: PLC0415 - heavy

    away = cv2.distanceTransform((~pixels).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # Its last bit depends on the number of threads; a square of a distance between pixels is a whole number.
    return np.sqrt(np.rint(np.square(away))).astype(np.float32)


def _check_sizes(mask: Region, other: Region) -> None:
    if mask.shape != other.shape:
        raise ValueError(f"masks of {mask.shape[::-1]} and {other.shape[::-1]} pixels cannot be compared")

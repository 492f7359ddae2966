"""Every expected figure here was counted on squared paper."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from shotmill.pipeline.roto.metrics import boundary_f, jitter, outline, region_j, signed_distance, summarise

Region = NDArray[np.bool_]


def box(left: int, top: int, right: int, bottom: int) -> Region:
    made = np.zeros((12, 16), bool)
    made[top:bottom, left:right] = True
    return made


NOTHING = box(0, 0, 0, 0)
SQUARE = box(4, 4, 8, 8)


@pytest.mark.parametrize(
    ("mask", "truth", "value"),
    [
        pytest.param(SQUARE, SQUARE, 1.0, id="the same"),
        pytest.param(box(6, 4, 10, 8), SQUARE, 8 / 24, id="half beside"),
        pytest.param(box(4, 4, 6, 8), SQUARE, 0.5, id="half of it"),
        pytest.param(box(9, 4, 12, 8), SQUARE, 0.0, id="beside"),
        pytest.param(NOTHING, SQUARE, 0.0, id="nothing found"),
        pytest.param(SQUARE, NOTHING, 0.0, id="nothing there"),
        pytest.param(NOTHING, NOTHING, 1.0, id="rightly nothing"),
    ],
)
def test_region_j_is_what_both_have_of_what_either_has(mask: Region, truth: Region, value: float) -> None:
    assert region_j(mask, truth) == pytest.approx(value)


@pytest.mark.parametrize(
    ("mask", "truth", "tolerance_px", "value"),
    [
        pytest.param(SQUARE, SQUARE, 0.0, 1.0, id="the same"),
        # The square's outline is 12 pixels; moved by one, the upper and lower rows share 3 pixels each.
        pytest.param(box(5, 4, 9, 8), SQUARE, 0.0, 0.5, id="moved by 1, no tolerance"),
        pytest.param(box(5, 4, 9, 8), SQUARE, 1.0, 1.0, id="moved by 1, within 1"),
        # Moved by three, only one column of each is shared: 4 pixels; within 1, the rows' next pixels are added.
        pytest.param(box(7, 4, 11, 8), SQUARE, 0.0, 4 / 12, id="moved by 3, no tolerance"),
        pytest.param(box(7, 4, 11, 8), SQUARE, 1.0, 6 / 12, id="moved by 3, within 1"),
        # Two boxes where one is true: every true pixel is met, half of the mask's are false.
        pytest.param(SQUARE | box(11, 4, 15, 8), SQUARE, 0.0, 2 * 0.5 / 1.5, id="one too many"),
        pytest.param(NOTHING, SQUARE, 2.0, 0.0, id="nothing found"),
        pytest.param(NOTHING, NOTHING, 2.0, 1.0, id="rightly nothing"),
    ],
)
def test_boundary_f_weighs_what_is_wrong_and_what_is_missed(
    mask: Region, truth: Region, tolerance_px: float, value: float
) -> None:
    """What other tools got wrong: it is the same whichever of the two is called the truth."""
    assert boundary_f(mask, truth, tolerance_px=tolerance_px) == pytest.approx(value)
    assert boundary_f(truth, mask, tolerance_px=tolerance_px) == pytest.approx(value)


def test_the_edge_of_the_picture_is_no_outline() -> None:
    assert int(outline(box(0, 0, 4, 12)).sum()) == 12
    assert int(outline(SQUARE).sum()) == 12


@pytest.mark.parametrize(
    ("before", "mask", "after", "value"),
    [
        pytest.param(SQUARE, SQUARE, SQUARE, 0.0, id="stands"),
        pytest.param(box(3, 0, 9, 12), box(4, 0, 10, 12), box(5, 0, 11, 12), 0.0, id="moves steadily"),
        pytest.param(box(4, 0, 16, 12), box(5, 0, 16, 12), box(4, 0, 16, 12), 1.0, id="jumps by one and back"),
        pytest.param(box(4, 0, 16, 12), box(7, 0, 16, 12), box(6, 0, 16, 12), 2.0, id="jumps by three, two back"),
        pytest.param(NOTHING, SQUARE, SQUARE, 0.0, id="comes"),
        pytest.param(SQUARE, SQUARE, NOTHING, 0.0, id="goes"),
    ],
)
def test_jitter_is_how_far_an_edge_lies_from_midway_between_its_neighbours(
    before: Region, mask: Region, after: Region, value: float
) -> None:
    assert jitter(before, mask, after) == pytest.approx(value)


def test_a_distance_is_above_zero_inside_and_half_a_pixel_at_the_edge() -> None:
    assert list(signed_distance(box(4, 0, 16, 12))[5, :8]) == [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5]
    assert (signed_distance(NOTHING) < 0).all()
    assert (signed_distance(~NOTHING) > 0).all()


def test_a_summary_names_the_worst_frame() -> None:
    summary = summarise({1003: 0.5, 1002: 0.5, 1001: 0.8})
    assert summary.mean == pytest.approx(0.6)
    assert (summary.least, summary.least_frame) == (0.5, 1002)


def test_masks_of_two_sizes_are_not_compared() -> None:
    with pytest.raises(ValueError, match=r"\(16, 12\) and \(12, 16\)"):
        region_j(SQUARE, SQUARE.T)
    with pytest.raises(ValueError, match="no frames"):
        summarise({})

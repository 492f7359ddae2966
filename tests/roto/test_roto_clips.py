from __future__ import annotations

import numpy as np
import pytest
from roto_clips import Kind, SyntheticClip

from shotmill.schema.errors import InputMissingError

SMALL = {"width": 160, "height": 90, "count": 24}


@pytest.mark.parametrize("kind", list(Kind))
def test_a_clip_is_the_same_each_time_and_another_for_another_seed(kind: Kind) -> None:
    one, again, other = (SyntheticClip(kind, seed, **SMALL) for seed in (3, 3, 4))
    assert (one[1007] == again[1007]).all()
    assert (one[1007] != other[1007]).any()
    assert one[1007].shape == (90, 160, 3)
    assert one[1007].dtype == np.uint8


def test_a_thing_moves_and_grows() -> None:
    clip = SyntheticClip(Kind.PLAIN, 1, **SMALL)
    across = [np.flatnonzero(clip.truth(frame).any(axis=0)).mean() for frame in clip.numbers]
    # 5 px a frame at 360 lines are 1.25 at 90.
    assert abs(np.diff(across)).mean() == pytest.approx(1.25, abs=0.2)
    assert clip.truth(1024).sum() > clip.truth(1001).sum()


def test_a_thing_goes_behind_the_bar_and_comes_back() -> None:
    clip = SyntheticClip(Kind.OCCLUDED, 2, **SMALL)
    assert clip.shown(1001) == clip.shown(1024) == 1.0
    assert 2 <= len(clip.hidden) <= 6
    assert not clip.truth(clip.hidden[1]).any()


def test_a_clip_says_which_frame_it_does_not_have() -> None:
    with pytest.raises(InputMissingError, match="no frame 1025"):
        SyntheticClip(Kind.PLAIN, 1, **SMALL)[1025]

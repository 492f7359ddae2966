"""Finding things on one frame without weights; the clips' seeds are others than those it was tuned on (1 to 9)."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from roto_clips import Kind, SyntheticClip

from shotmill.pipeline.roto import find_backend, make_backend
from shotmill.pipeline.roto.backend import Choice, Hint, Segmenter
from shotmill.pipeline.roto.metrics import region_j
from shotmill.schema.errors import EmptyMaskError
from shotmill.schema.roto import PromptBox, PromptPoint, Stage

SIZE = (320, 180)
HELD_OUT = 31


def a_clip(kind: Kind, seed: int = HELD_OUT) -> SyntheticClip:
    return SyntheticClip(kind, seed, width=SIZE[0], height=SIZE[1], count=12)


def a_box(clip: SyntheticClip, frame: int = 1001) -> PromptBox:
    rows, columns = np.nonzero(clip.truth(frame))
    return PromptBox(left=columns.min() - 2, top=rows.min() - 2, right=columns.max() + 3, bottom=rows.max() + 3)


def a_click(clip: SyntheticClip, frame: int = 1001) -> PromptPoint:
    rows, columns = np.nonzero(clip.truth(frame))
    return PromptPoint(x=columns.mean() + 0.5, y=rows.mean() + 0.5)


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    made: Segmenter = make_backend("classical", Stage.SEGMENT, Choice())
    return made


@pytest.mark.parametrize("kind", list(Kind))
def test_a_box_is_enough_on_every_kind_of_clip(segmenter: Segmenter, kind: Kind) -> None:
    """Roto fact 3, where the reference's GrabCut collapsed: low contrast and noisy."""
    clip = a_clip(kind)
    mask = segmenter.segment(clip[1001], {"hero": Hint(box=a_box(clip))})["hero"]
    assert region_j(mask.logits > 0, clip.truth(1001)) > 0.85
    assert mask.confidence > 0.5


def test_one_click_is_enough_on_a_plain_clip(segmenter: Segmenter) -> None:
    clip = a_clip(Kind.PLAIN)
    mask = segmenter.segment(clip[1001], {"hero": Hint(points=[a_click(clip)])})["hero"]
    assert region_j(mask.logits > 0, clip.truth(1001)) > 0.9


def test_every_object_gets_its_own_mask_and_the_same_bytes_again(segmenter: Segmenter) -> None:
    clip = a_clip(Kind.ARTICULATED)
    hints = {"hero": Hint(box=a_box(clip)), "clicked": Hint(points=[a_click(clip)])}
    once, again = segmenter.segment(clip[1001], hints), segmenter.segment(clip[1001], hints)
    assert list(once) == ["hero", "clicked"]
    assert all(once[name].logits.tobytes() == again[name].logits.tobytes() for name in hints)


def test_logits_are_about_one_a_pixel_from_the_edge(segmenter: Segmenter) -> None:
    across = np.arange(320) + 0.5
    disc = np.hypot(across[np.newaxis] - 160, across[:180, np.newaxis] - 90) - 50
    mask = np.where(disc < 0, 5, -5).astype(np.float32)
    picture = np.zeros((180, 320, 3), np.uint8)
    logits = segmenter.segment(picture, {"disc": Hint(mask=mask)})["disc"].logits
    near = abs(disc) < 5
    assert logits.dtype == np.float32
    assert abs(logits + disc)[near].max() < 1.0


def test_clicks_hold_whatever_the_colours_say(segmenter: Segmenter) -> None:
    clip = a_clip(Kind.LOW_CONTRAST)
    middle = a_click(clip)
    beside = PromptPoint(x=middle.x + 45, y=middle.y, inside=True)
    not_it = PromptPoint(x=middle.x - 10, y=middle.y, inside=False)
    hint = Hint(mask=np.where(clip.truth(1001), 1, -1).astype(np.float32), points=[beside, not_it])
    logits = segmenter.segment(clip[1001], {"hero": hint})["hero"].logits
    assert logits[math.floor(beside.y), math.floor(beside.x)] > 0
    assert logits[math.floor(not_it.y), math.floor(not_it.x)] < 0


@pytest.mark.parametrize(
    "hint",
    [
        pytest.param(Hint(mask=np.full((180, 320), -1, np.float32)), id="an empty mask"),
        pytest.param(Hint(box=PromptBox(left=400, top=10, right=420, bottom=30)), id="a box beside the picture"),
        pytest.param(Hint(points=[PromptPoint(x=-5, y=10)]), id="a click beside the picture"),
        pytest.param(Hint(box=PromptBox(left=20, top=20, right=22, bottom=22)), id="a box of four pixels"),
        pytest.param(Hint(), id="nothing said"),
    ],
)
def test_nothing_found_is_an_error_that_names_the_object(segmenter: Segmenter, hint: Hint) -> None:
    """Roto fact 3: an empty or tiny first mask ends the work, and says whose."""
    with pytest.raises(EmptyMaskError, match="object 'hero': nothing is found"):
        segmenter.segment(a_clip(Kind.PLAIN)[1001], {"hero": hint})


def test_the_face_of_the_backend_loads_no_library_of_pictures() -> None:
    script = (
        "import sys, shotmill.pipeline.roto.classical as c; print(sorted({'cv2', 'numpy', 'torch'} & {*sys.modules}))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


def test_it_asks_for_no_graphics_card_and_no_weights() -> None:
    backend = find_backend("classical")
    assert backend.weights == ()
    assert {*backend.makers} == {Stage.SEGMENT, Stage.PROPAGATE}
    assert backend.needs == {}

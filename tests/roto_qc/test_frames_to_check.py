"""Which frames of a roto a person is asked to look at, and the figures behind that."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from roto_clips import Kind, SyntheticClip
from roto_mattes import (
    FIRST,
    Matte,
    ellipse_frames,
    emptied,
    grown,
    holed,
    ragged,
    shifted,
    shrunk,
    spoilt,
    with_speck,
)

from shotmill.pipeline.roto.qc import Checker, RotoFrame, Said, check_mattes
from shotmill.schema.errors import BadRequestError
from shotmill.schema.media import Rate
from shotmill.schema.roto_qc import CheckKind, RotoQc, RotoSpeed, Verdict

FILM = Rate(24)
CLIP = 70


def listed(document: RotoQc) -> set[int]:
    return {one.frame for one in document.to_check}


@pytest.mark.parametrize("start", [1002, 1031, 1066], ids=["at the beginning", "in the middle", "at the end"])
@pytest.mark.parametrize("spoil", [shifted, grown, shrunk, holed, with_speck, emptied, ragged])
def test_five_spoilt_frames_are_all_to_be_checked(spoil: Callable[[Matte], Matte], start: int) -> None:
    """roto fact 20: an injected 5-frame corruption is listed; the frames around it are not, but for one on a side."""
    wrong = range(start, start + 5)
    found = listed(check_mattes(spoilt(ellipse_frames(CLIP), wrong, spoil), ["ball"], rate=FILM))
    assert found >= set(wrong)
    assert found <= set(range(start - 1, start + 6))


@pytest.mark.parametrize("noise_px", [0.0, 0.5, 1.5], ids=["clean", "shimmering", "ragged"])
def test_an_untouched_clip_has_next_to_nothing_to_check(noise_px: float) -> None:
    """roto fact 20: under 5 % of its frames."""
    found = check_mattes(ellipse_frames(CLIP, noise_px=noise_px), ["ball"], rate=FILM)
    assert found.to_check_share < 0.05


@pytest.mark.parametrize("kind", [Kind.PLAIN, Kind.NOISY, Kind.ARTICULATED])
def test_the_truth_of_a_clip_has_next_to_nothing_to_check(kind: Kind) -> None:
    """roto fact 20: what swings limbs or moves fast is no fault by itself."""
    clip = SyntheticClip(kind, 71, width=240, height=136, count=48)
    picture = np.zeros((2, 2, 3), np.uint8)
    frames = (RotoFrame(frame, picture, {"thing": clip.truth(frame).astype(np.float32)}) for frame in clip.numbers)
    assert check_mattes(frames, ["thing"], rate=FILM).to_check_share < 0.05


def test_frames_between_two_to_check_are_checked_with_them() -> None:
    doubtful = {"ball": Said(0.1)}
    frames = [
        RotoFrame(one.number, one.picture, one.mattes, doubtful if one.number in {1003, 1006, 1010} else {})
        for one in ellipse_frames(12)
    ]
    assert listed(check_mattes(frames, ["ball"], rate=FILM)) == {1003, 1004, 1005, 1006, 1010}


def test_a_low_confidence_is_told_with_the_backends_reason() -> None:
    frames = [
        RotoFrame(one.number, one.picture, one.mattes, {"ball": Said(0.2, "lost behind something")})
        if one.number == 1005
        else one
        for one in ellipse_frames(8)
    ]
    found = check_mattes(frames, ["ball"], rate=FILM)
    assert [(one.frame, one.kinds, one.reasons) for one in found.to_check] == [
        (1005, (CheckKind.CONFIDENCE,), ("confidence 0.20: lost behind something",))
    ]
    assert (found.objects[0].min_confidence, found.objects[0].min_confidence_frame) == (0.2, 1005)


def test_what_has_not_begun_is_not_lost() -> None:
    frames = spoilt(ellipse_frames(20), range(FIRST, FIRST + 6), emptied)
    assert listed(check_mattes(frames, ["ball"], rate=FILM)) == set()


def test_a_jump_says_how_far_it_went() -> None:
    found = check_mattes(spoilt(ellipse_frames(CLIP), range(1031, 1036), shifted), ["ball"], rate=FILM)
    first = next(one for one in found.to_check if one.frame == 1031)
    assert "the centre jumps by 6.0 px" in [
        reason.replace("5.9", "6.0").replace("6.1", "6.0") for reason in first.reasons
    ]
    second = next(one for one in found.to_check if one.frame == 1033)
    assert (second.kinds, second.reasons) == ((CheckKind.BETWEEN,), ("between jumps on 1031 and 1036",))


def test_an_object_that_only_turns_and_grows_has_a_steady_edge() -> None:
    """Half a pixel of noise on the edge is seen as about that; 4 px of movement a frame are not."""
    clean, noisy = (
        check_mattes(ellipse_frames(30, noise_px=noise), ["ball"], rate=FILM).objects[0].stability
        for noise in (0.0, 0.5)
    )
    assert clean.mean_edge_change_px is not None
    assert noisy.mean_edge_change_px is not None
    assert clean.mean_edge_change_px < 0.2
    assert 0.3 < noisy.mean_edge_change_px < 0.9


def test_a_reference_tells_where_the_matte_is_worst() -> None:
    """By hand: 40x20 px and the same 2 px further right share 38 of 42 columns; the edges lie 2 px apart."""
    matte, moved = (np.zeros((60, 90), np.float32) for _ in range(2))
    matte[20:40, 20:60] = 1
    moved[20:40, 22:62] = 1
    picture = np.zeros((60, 90, 3), np.uint8)
    frames = [
        RotoFrame(number, picture, {"sign": moved if number == 3 else matte}, references={"sign": matte})
        for number in (1, 2, 3)
    ]
    found = check_mattes(frames, ["sign"], rate=FILM).objects[0].reference
    assert found is not None
    assert (found.frames, found.min_j_frame, found.min_f2) == (3, 3, 1.0)
    assert found.min_j == pytest.approx(38 / 42)
    assert found.mean_j == pytest.approx((2 + 38 / 42) / 3)
    assert 0.5 < found.min_f1 < 1.0


def test_memory_does_not_grow_with_the_clip() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        check_mattes(ellipse_frames(count), ["ball"], rate=FILM)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(5)
    matte_bytes = 240 * 136 * 4
    assert peak(120) - peak(40) < 4 * matte_bytes  # 80 mattes more; figures alone are kept


@pytest.mark.parametrize(
    ("is_gpu", "fps", "verdict"),
    [
        pytest.param(True, 14.0, Verdict.MET, id="a card that is quick enough"),
        pytest.param(True, 6.0, Verdict.MISSED, id="a card that is too slow"),
        pytest.param(False, 14.0, Verdict.NOT_MEASURED, id="no card"),
        pytest.param(True, None, Verdict.NOT_MEASURED, id="nobody measured"),
    ],
)
def test_targets_are_judged_on_graphics_cards_alone(is_gpu: bool, fps: float | None, verdict: Verdict) -> None:
    """roto fact 19: device, frames per second, first frame and export time are in qc.json, beside their targets."""
    speed = RotoSpeed(device="a device", is_gpu=is_gpu, first_frame_s=0.7, propagation_fps=fps, export_s=1.5)
    found = check_mattes(ellipse_frames(3), ["ball"], rate=FILM, speed=speed)
    assert found.speed == speed
    assert [(one.name, one.verdict) for one in found.targets if one.name == "propagation"] == [("propagation", verdict)]


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        pytest.param([], "there is no matte to check", id="none"),
        pytest.param([(1002, "ball", 4), (1001, "ball", 4)], "frame 1001 comes after 1002", id="backwards"),
        pytest.param([(1001, "sign", 4)], "no matte of 'ball' on frame 1001", id="another object"),
        pytest.param([(1001, "ball", 4), (1002, "ball", 6)], "is 6x4, those before are 4x4", id="another size"),
    ],
)
def test_frames_that_do_not_fit_together_are_refused(frames: list[tuple[int, str, int]], words: str) -> None:
    checker = Checker(["ball"])
    with pytest.raises(BadRequestError, match=words):
        for number, name, width in frames:
            checker.add(RotoFrame(number, np.zeros((4, width, 3), np.uint8), {name: np.zeros((4, width), np.float32)}))
        checker.document(rate=FILM)

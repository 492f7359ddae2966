"""The cutie backend with the real network, small and with random weights: the plumbing is looked at, not quality.

All tests look at what one program found that has torch, loaded the model once, and cannot reach the network.
"""

from __future__ import annotations

import re
import signal
from typing import Any

import pytest
from gpu_programs import run_program

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return run_program("cutie_program.py", tmp_path_factory.mktemp("cutie"))


def test_nothing_is_downloaded_and_neither_torchvision_nor_hydra_is_loaded(found: Any) -> None:
    """The program fails where anything asks for a connection; Cutie's encoders would, for ImageNet's weights."""
    assert found["loaded"] == []


def test_two_objects_have_masks_by_name_at_the_pictures_size(found: Any) -> None:
    several = found["several_objects"]
    assert several["shapes"] == [[80, 120]]
    assert several["dtypes"] == ["float32"]
    assert several["given mask comes back"]
    assert several["reasons"] == ["made with random weights, for tests"]


def test_an_object_may_begin_after_the_start_and_neither_changes_the_other(found: Any) -> None:
    several = found["several_objects"]
    assert several["names"] == [["disc"]] * 3 + [["disc", "ground"]] * 3
    assert several["the first object is as if alone"] == several["the second one is as if alone"] == 0.0


def test_all_objects_share_one_look_at_a_frame(found: Any) -> None:
    assert found["several_objects"]["encoded"] == 6


def test_a_walk_backwards_sees_what_a_walk_forwards_sees(found: Any) -> None:
    assert found["both_directions"]["apart"] == 0.0
    assert "frame 997 cannot go on to frame 998" in found["both_directions"]["turned"]


def test_masks_are_those_of_cuties_own_loop(found: Any) -> None:
    """Against ``InferenceCore`` as its examples call it, past the first frame that is remembered by itself."""
    assert found["own_loop"]["span"] > 1  # the logits are not all alike
    assert found["own_loop"]["apart"] == 0.0


def test_what_a_walk_remembers_stops_growing(found: Any) -> None:
    """Roto fact 6, for cutie: bytes of tensors behind each frame."""
    flat = found["flat_memory"]
    assert flat["recent"][0] < flat["recent"][4]
    assert set(flat["recent"][4:]) == {flat["recent"][4]}
    assert max(flat["long"][10:]) == max(flat["long"])
    assert flat["long"][10:12] * 5 == flat["long"][10:]
    assert flat["digest"] == 50


def test_of_many_prompted_frames_the_first_and_the_last_are_remembered(found: Any) -> None:
    many = found["prompts_without_end"]
    assert many["remembered"] == [11, 10, 9, 8, 7, 6, 5, 0]
    assert many["values"] == many["prompted"] == 8 * 15


def test_a_chunk_goes_on_from_a_snapshot_to_the_same_bytes(found: Any, record_property: Any) -> None:
    """Roto fact 7, for cutie; a mask alone does worse, and is reported beside it."""
    handed = found["hand_over"]
    record_property("largest difference of logits, mask handed over", handed["mask only"])
    assert handed["memory"] == 0.0
    assert handed["same bytes"]
    assert handed["same snapshot"]
    assert handed["mask only"] > 0.1
    assert found["flat_memory"]["long goes on"]


@pytest.mark.hostile
@pytest.mark.parametrize("what", ["cut short", "spoiled", "no snapshot"])
def test_a_snapshot_that_is_not_whole_is_refused(found: Any, what: str) -> None:
    assert "InputCorruptError: the snapshot of a cutie walk is none of ours" in found["hand_over"]["refused"][what]


@pytest.mark.parametrize("what", ["another size", "another model"])
def test_a_snapshot_of_another_walk_is_refused(found: Any, what: str) -> None:
    assert "of another walk" in found["hand_over"]["refused"][what]


@pytest.mark.kill
def test_a_chunk_killed_midway_goes_on_and_ends_with_the_same_bytes(found: Any) -> None:
    """Roto fact 8, for cutie: killed while it keeps its fourth frame, taken up by another one."""
    chunk = found["killed_chunk"]
    assert chunk["signal"] == signal.SIGKILL
    assert chunk["again"] == [3, 4, 5, 6, 7]
    assert chunk["whole"] == list(range(8))
    assert chunk["same"]


def test_a_jobs_chunks_are_its_whole_walk_and_what_is_kept_is_not_made_again(found: Any) -> None:
    assert found["job_chunks"] == {"same": True, "stepped": [3, 3, 0]}


def test_a_correction_mends_the_mask_that_arrives_and_what_comes_after(found: Any) -> None:
    mended = found["corrections"]
    assert mended["before"] == 0.0
    assert all(change > 0 for change in mended["there and after"])
    assert mended["clicks hold"] == [True, True]


def test_an_object_that_is_set_anew_goes_on_from_there(found: Any) -> None:
    assert found["corrections"]["set anew"]
    assert found["corrections"]["after it"] > 0


@pytest.mark.parametrize(
    ("what", "words"),
    [
        pytest.param("too early", "corrected on frame 1, before it has begun", id="corrected too early"),
        pytest.param("other size", "is 120x79, the walk's are 120x80", id="picture of another size"),
        pytest.param("no mask", "follows masks, and object 'disc' begins on frame 1 without one", id="no mask"),
        pytest.param("empty", "EmptyMaskError: there is nothing in the mask", id="empty mask"),
    ],
)
def test_a_step_that_cannot_be_gone_is_refused(found: Any, what: str, words: str) -> None:
    assert words in found["corrections"][what]


def test_the_confidence_is_the_overlap_to_be_expected_of_the_chances(found: Any) -> None:
    """32 by 32 small pixels inside of 64 by 96: 0.6 x 1024 of 1024 + 0.2 x 5120 are 30 %."""
    assert found["confidence"]["sure"] == [1.0, "", 1600]
    assert found["confidence"]["even"][:2] == [0.75, ""]
    assert found["confidence"]["unsure"] == [0.3, "the model expects 30% of it to be right", 1600]
    assert found["confidence"]["nowhere"] == [0.0, "the model does not see it here", 0]
    assert "TaskFailedError: cutie answered with numbers that are none" in found["confidence"]["no number"]


def test_pictures_prepared_by_another_thread_change_no_byte(found: Any) -> None:
    assert found["read_ahead"]["same"]


def test_half_precision_hands_on_what_it_remembers_and_gives_whole_logits(found: Any) -> None:
    assert found["half_precision"] == {"dtypes": ["float32"], "same": True}


def test_a_checkpoint_gives_what_its_model_gave(found: Any) -> None:
    """Its size is read from it, and what training alone looks at is left aside."""
    assert found["options_and_weights"]["file and seed"] == 0.0
    assert found["options_and_weights"]["identities"] == ["small", "random, seed 0, small"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        pytest.param("another", "WeightsError: .* of none of the models base, small", id="of something else"),
        pytest.param("lacks one", r"WeightsError: .* without pixel_encoder.conv1.weight \(1\)", id="lacks a tensor"),
        pytest.param("another size", "WeightsError: .* of another model: without pixel_encoder", id="another size"),
        pytest.param("code", "WeightsError: .* nothing of it was run", id="with code in it"),
        pytest.param("none", "WeightsError: .* does not download any", id="not named"),
        pytest.param("both", "ConfigError: .* give one of them", id="weights and dice"),
        pytest.param("option", "ConfigError: .* has no option 'kind'", id="unknown option"),
        pytest.param("value", "ConfigError: memory must be one of recent, long", id="unknown value"),
        pytest.param("others' option", "nothing was refused", id="an option of another backend"),
    ],
)
def test_weights_and_options_that_do_not_fit_are_refused(found: Any, what: str, words: str) -> None:
    """Roto fact 9, for cutie."""
    assert re.match(words, found["options_and_weights"][what])

"""The sam2 backend with the real predictor at a small size; random weights, so the plumbing is looked at, not quality.

All tests look at what one program found that has torch and loaded the model once.
"""

from __future__ import annotations

import signal
from typing import Any

import pytest
from gpu_programs import run_program

SCRIPT = "sam2_program.py"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return run_program(SCRIPT, tmp_path_factory.mktemp("sam2"))


def test_two_objects_have_masks_by_name_at_the_pictures_size(found: Any) -> None:
    """Roto fact 5."""
    several = found["several_objects"]
    assert several["shapes"] == [[80, 120]]
    assert several["dtypes"] == ["float32"]
    assert several["given mask comes back"]


def test_an_object_may_begin_after_the_start_and_changes_nothing_of_the_first(found: Any) -> None:
    """Roto fact 5."""
    several = found["several_objects"]
    assert several["names"] == [["disc"]] * 3 + [["disc", "ground"]] * 2
    assert several["the first object is as if alone"] == 0.0


def test_a_walk_backwards_sees_what_a_walk_forwards_sees(found: Any) -> None:
    """Roto fact 5: the same pictures in the same order, by falling frame numbers."""
    assert found["both_directions"]["apart"] == 0.0
    assert "frame 997 cannot go on to frame 998" in found["both_directions"]["turned"]


def test_frames_one_by_one_give_what_the_official_loop_gives_on_a_folder(found: Any) -> None:
    """Roto fact 6: against sam2's own reader of JPEGs and its own loop, forwards and backwards."""
    official = found["official_loop"]
    assert official["span"] > 0.1  # the logits are not all alike
    assert official["apart"] < 1e-5
    assert official["apart backward"] < 1e-5


def test_what_a_walk_remembers_stops_growing_after_sixteen_frames(found: Any) -> None:
    """Roto fact 6: remembered frames, bytes of tensors, pictures, and KiB of a snapshot."""
    grown = found["flat_memory"]["real"]
    assert all(each == grown[16] for each in grown[16:])
    assert grown[16][0] == 16  # the prompted frame and the last 15: what sam2 looks at


def test_memory_after_2000_frames_is_that_after_200(found: Any) -> None:
    """Roto fact 6: the walk is ours, the model only makes up its outputs."""
    made_up = found["flat_memory"]["made up"]
    assert made_up["2000"][:2] == made_up["200"][:2] == [16, 1]
    assert made_up["2000"][2] - made_up["200"][2] < 200  # longer frame numbers in the names of arrays


def test_of_many_prompted_frames_the_first_and_the_last_are_remembered(found: Any) -> None:
    assert found["prompts_without_end"]["remembered"] == [0, 5, 6, 7, 8, 9, 10, 11]


def test_a_chunk_goes_on_from_a_snapshot_to_the_same_bytes(found: Any, record_property: Any) -> None:
    """Roto fact 7: within 1e-2 of the unsplit logits is asked; a mask alone does worse, and is reported beside it."""
    handed = found["hand_over"]
    record_property("largest difference of logits, memory handed over", handed["memory"])
    record_property("largest difference of logits, mask handed over", handed["mask only"])
    assert handed["memory"] <= 1e-2
    assert handed["same bytes"]
    assert handed["same snapshot"]
    assert handed["mask only"] > handed["memory"]


def test_a_jobs_chunks_are_its_whole_walk_and_what_is_kept_is_not_made_again(found: Any) -> None:
    """Roto fact 8, as tasks walk: by the frame cache and the state that one chunk leaves for the next."""
    assert found["job_chunks"]["same"]
    assert found["job_chunks"]["stepped"] == [3, 3, 0]


@pytest.mark.hostile
@pytest.mark.parametrize("what", ["cut short", "spoiled", "no snapshot"])
def test_a_snapshot_that_is_not_whole_is_refused(found: Any, what: str) -> None:
    assert "InputCorruptError" in found["hand_over"]["refused"][what]
    assert "none of ours, or not whole" in found["hand_over"]["refused"][what]


@pytest.mark.parametrize("what", ["another size", "another model"])
def test_a_snapshot_of_another_walk_is_refused(found: Any, what: str) -> None:
    assert "of another walk" in found["hand_over"]["refused"][what]


def test_a_correction_mends_the_mask_that_arrives(found: Any) -> None:
    mended = found["corrections"]
    assert mended["before"] == 0.0
    assert all(change > 0 for change in mended["there and after"])
    assert mended["mended is not found anew"] > 0


def test_a_correction_before_the_beginning_is_refused(found: Any) -> None:
    assert "before it has begun" in found["corrections"]["too early"]


def test_a_picture_of_another_size_is_refused(found: Any) -> None:
    assert "is 120x79, the walk's are 120x80" in found["corrections"]["other size"]


def test_points_boxes_and_masks_each_say_something_else(found: Any) -> None:
    one = found["one_frame"]
    assert one["names"] == ["points", "box", "both", "mask", "mended"]
    assert one["shapes"] == [[80, 120]]
    assert one["all differ"] == 5


def test_a_frame_is_encoded_once_and_gives_the_same_bytes_each_time(found: Any) -> None:
    one = found["one_frame"]
    assert one["twice"]
    assert (one["encoded"], one["kept"]) == (10, 8)  # ten pictures were shown, one of them twice


def test_nothing_found_is_an_error_that_names_the_object(found: Any) -> None:
    """Roto fact 3, of this backend."""
    assert found["one_frame"]["empty"].startswith("EmptyMaskError: sam2 found nothing of object 'nobody'")
    assert "'late' on frame 3" in found["not_there"]["empty"]
    assert "'late'" in found["not_there"]["segment"]


def test_an_object_that_is_gone_has_no_confidence_and_a_reason(found: Any) -> None:
    gone = found["not_there"]
    assert gone["seen"] == [1.0, ""]
    assert 0 < gone["there"][0] < 1
    assert gone["lost"][0] < 0.01
    assert gone["lost"][1:] == ["the model does not see it here", False]


def test_pictures_prepared_by_another_thread_change_no_byte(found: Any) -> None:
    ahead = found["read_ahead"]
    assert ahead["same"]
    assert ahead["held"] == 4
    assert ahead["left"] <= 9  # the current frame, and as many as may be prepared


def test_logits_become_distances_from_the_edge(found: Any) -> None:
    """Against a disc whose distances are known; rings of pixels are right to a third."""
    distances = found["distances"]
    assert distances["near"] < 0.05
    assert distances["ring"] < 0.34
    assert distances["signs"]
    assert distances["far"] == [-15.5, 15.5]


def test_half_precision_hands_on_what_it_remembers_and_gives_whole_logits(found: Any) -> None:
    half = found["half_precision"]
    assert half["dtypes"] == ["float32"]
    assert half["same"]
    assert 0 < half["apart"] < 0.1


def test_a_compiler_is_given_the_image_encoder(found: Any) -> None:
    assert found["compiled"]["encoder"]


def test_random_weights_are_said_of_each_mask(found: Any) -> None:
    assert found["several_objects"]["reasons"] == ["made with random weights, for tests"]


def test_a_checkpoint_gives_what_its_model_gave(found: Any) -> None:
    assert found["options_and_weights"]["file and seed"] == 0.0
    assert found["options_and_weights"]["identities"] == ["tiny", "random, seed 0, tiny"]


@pytest.mark.hostile
def test_a_checkpoint_with_code_in_it_runs_none(found: Any) -> None:
    """Roto fact 9: its pickle would make a folder."""
    assert found["options_and_weights"]["hostile"].startswith("WeightsError")
    assert "nothing of it was run" in found["options_and_weights"]["hostile"]
    assert not found["options_and_weights"]["executed"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        pytest.param("cut short", "cut short", id="cut short"),
        pytest.param("empty", "cut short", id="empty"),
        pytest.param("text", "is none", id="text"),
        pytest.param("no tensors", "something else than tensors", id="no tensors"),
        pytest.param("another", "none of the models", id="of something else"),
        pytest.param("lacks one", "without maskmem_tpos_enc (1)", id="lacks a tensor"),
        pytest.param("wrong size", "of another model: without image_encoder", id="of another size"),
        pytest.param("spoiled safetensors", "no whole one", id="spoiled safetensors"),
        pytest.param("none", "does not download any", id="not named"),
    ],
)
def test_weights_that_do_not_fit_are_refused(found: Any, what: str, words: str) -> None:
    """Roto fact 9."""
    assert found["options_and_weights"][what].startswith("WeightsError")
    assert words in found["options_and_weights"][what]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        pytest.param("both", "give one of them", id="weights and dice"),
        pytest.param("option", "has no option 'kind'", id="unknown option"),
        pytest.param("value", "multiple of 32", id="size"),
        pytest.param("compiler", "no compiler 'wishes'", id="compiler"),
        pytest.param("device", "has 0 usable GPUs", id="GPU that is not there"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(found: Any, what: str, words: str) -> None:
    assert words in found["options_and_weights"][what]


def test_an_option_of_another_backend_is_none_of_its_business(found: Any) -> None:
    assert found["options_and_weights"]["others' option"] == "nothing was refused"


@pytest.mark.kill
def test_a_chunk_killed_midway_goes_on_and_ends_with_the_same_bytes(found: Any) -> None:
    """Roto fact 8: killed while it keeps its fourth frame, taken up by another one; beside it one that was let be."""
    chunk = found["killed_chunk"]
    assert chunk["signal"] == signal.SIGKILL
    assert chunk["again"] == [3, 4, 5, 6, 7]
    assert chunk["whole"] == list(range(8))
    assert chunk["same"]

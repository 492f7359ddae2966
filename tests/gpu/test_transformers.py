"""ViTMatte and Grounding DINO from a folder: tiny models with random weights, so the plumbing is looked at alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gpu_programs import run_program

from shotmill.pipeline.roto.trimaps import trimap_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return run_program("transformers_program.py", tmp_path_factory.mktemp("transformers"))


def test_a_matte_is_soft_in_the_band_and_the_mask_elsewhere(found: Any) -> None:
    matte = found["vitmatte"]
    assert (matte["shape"], matte["dtype"], matte["range"]) == ([70, 90], "float32", [0.0, 1.0])
    assert matte["between"] > 100
    assert matte["deep is the mask"]
    assert matte["nothing"] == 0.0


def test_the_band_is_what_the_models_own_preparation_gives(found: Any) -> None:
    """Against transformers' own image processor; its trimap has 8 bits, so half is 128 of 255."""
    assert found["vitmatte"]["span"] > 0.05  # it does depend on the picture
    assert found["vitmatte"]["apart"] < 0.002


def test_the_same_matte_comes_twice(found: Any) -> None:
    assert found["vitmatte"]["same"]


def test_boxes_are_those_of_the_models_own_processing(found: Any) -> None:
    """Against transformers' own image processor and its reading of the answer, in pixels."""
    boxes = found["groundingdino"]
    assert boxes["count"] == 20
    assert boxes["apart"] < 0.05
    assert boxes["inside"]


def test_boxes_come_the_surest_first_and_the_same_twice(found: Any) -> None:
    boxes = found["groundingdino"]
    assert boxes["scores"] == sorted(boxes["scores"], reverse=True)
    assert boxes["same"]


def test_nothing_sure_enough_is_no_box(found: Any) -> None:
    assert found["groundingdino"]["strict"] == 0


@pytest.mark.parametrize(
    ("backend", "what", "words"),
    [
        pytest.param("vitmatte", "cut short", "cannot be read", id="cut short"),
        pytest.param("vitmatte", "spoiled", "cannot be read", id="spoiled"),
        pytest.param("vitmatte", "pickle", "no file named model.safetensors", id="a pickle"),
        pytest.param("vitmatte", "another", "of another model: mismatched", id="another size"),
        pytest.param("vitmatte", "no folder", "no folder with a config.json", id="a file"),
        pytest.param("groundingdino", "vitmatte", "of a 'grounding-dino' model, not 'vitmatte'", id="another model"),
        pytest.param("groundingdino", "none", "does not download any", id="not named"),
    ],
)
def test_weights_that_do_not_fit_are_refused(found: Any, backend: str, what: str, words: str) -> None:
    """Roto fact 9, of these backends."""
    assert found[backend][what].startswith("WeightsError")
    assert words in found[backend][what]


@pytest.mark.parametrize(("what", "words"), [("empty", "names nothing"), ("long", "is 23 tokens long")])
def test_a_text_that_says_nothing_or_too_much_is_refused(found: Any, what: str, words: str) -> None:
    assert words in found["groundingdino"][what]


def test_an_option_that_there_is_not_is_refused(found: Any) -> None:
    assert "has no option 'size'; it has: precision" in found["vitmatte"]["option"]


def test_a_trimap_is_unknown_as_far_from_the_edge_as_asked() -> None:
    """By hand: an edge between the columns 4 and 5; the centres of columns 3 to 6 are within 1.5 pixels of it."""
    logits = np.full((6, 10), -1.0, dtype=np.float32)
    logits[:, 5:] = 1.0
    assert trimap_of(logits, 1.5).tolist() == [[0.0] * 3 + [0.5] * 4 + [1.0] * 3] * 6
    assert trimap_of(-np.abs(logits), 3.0).max() == 0.0
    assert trimap_of(np.abs(logits), 3.0).min() == 1.0

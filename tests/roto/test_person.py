"""The backend that finds people, on a real photograph with the real model."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from person_model import MODEL, PHOTOGRAPH, held_file

from shotmill.pipeline.roto import Choice, find_backend, make_backend
from shotmill.pipeline.roto.person.detection import SIDE, PersonDetector
from shotmill.schema.errors import BadRequestError, WeightsError
from shotmill.schema.roto import Stage

pytestmark = pytest.mark.slow
Photograph = NDArray[np.uint8]
FACE = (225, 110)  # x, y in the photograph of 512 x 512, read off by eye
CORNER = (500, 20)  # behind her: a flag and a model of the shuttle


@pytest.fixture(scope="module")
def photograph() -> Photograph:
    stored = cv2.imread(str(held_file(PHOTOGRAPH)))
    assert stored is not None
    return np.asarray(cv2.cvtColor(stored, cv2.COLOR_BGR2RGB), dtype=np.uint8)


@pytest.fixture(scope="module")
def detector() -> PersonDetector:
    choice = Choice(weights={"person": held_file(MODEL)})
    made = make_backend("person", Stage.DETECT, choice)
    assert isinstance(made, PersonDetector)
    return made


def test_a_face_is_a_person_and_a_corner_is_none(detector: PersonDetector, photograph: Photograph) -> None:
    """Roto fact 4."""
    covered = detector.coverage(photograph)
    face, corner = (covered[y * SIDE // 512, x * SIDE // 512] for x, y in (FACE, CORNER))
    assert face > 0.99
    assert corner < 0.01
    assert 0.4 < (covered > 0.5).mean() < 0.65  # she fills a little more than half of it


def test_the_same_photograph_gives_the_same_bytes(detector: PersonDetector, photograph: Photograph) -> None:
    """Roto fact 4."""
    again = PersonDetector(held_file(MODEL))
    assert detector.coverage(photograph).tobytes() == again.coverage(photograph).tobytes()


def test_one_box_holds_the_person_in_pixels_of_the_picture(detector: PersonDetector, photograph: Photograph) -> None:
    wide = np.repeat(photograph, 2, axis=1)
    found = detector.detect(wide, "a person")
    assert len(found) == 1
    assert found[0].box.left < 2 * FACE[0] < found[0].box.right
    assert found[0].box.top < FACE[1] < found[0].box.bottom
    assert found[0].box.right <= 1024
    assert found[0].score > 0.9


def test_what_is_no_person_is_not_looked_for(detector: PersonDetector, photograph: Photograph) -> None:
    with pytest.raises(BadRequestError, match="finds people alone, not 'shuttle'"):
        detector.detect(photograph, "shuttle")


def test_nobody_in_a_plain_picture(detector: PersonDetector) -> None:
    assert detector.detect(np.full((90, 160, 3), 90, np.uint8), "person") == []


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tflite"
    wrong.write_bytes(b"not a model" * 100)
    with pytest.raises(WeightsError, match=r"wrong\.tflite is no model that OpenCV reads"):
        PersonDetector(wrong)


def test_its_needs_are_those_of_a_processor() -> None:
    assert find_backend("person", Stage.DETECT).needs[Stage.DETECT].gpu == 0

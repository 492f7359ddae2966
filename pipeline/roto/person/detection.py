"""Boxes around people; importing this loads OpenCV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ....schema.errors import BadRequestError, WeightsError
from ....schema.roto import PromptBox
from ..backend import Found

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..backend import Choice, Picture

SIDE = 256  # of the square that the model sees, whatever the picture's shape
INSIDE = 0.5
LEAST_SHARE = 0.002  # of the picture: what is smaller is a speck
WORDS = frozenset({"human", "humans", "man", "men", "people", "person", "persons", "woman", "women"})


def make_detector(choice: Choice) -> PersonDetector:
    """What finds people; the same picture gives the same boxes.

    Raises:
        WeightsError: the file is no model that OpenCV reads.
    """
    return PersonDetector(choice.weights["person"])


class PersonDetector:
    """Finds people, each group of them that touches as one."""

    def __init__(self, path: Path) -> None:
        try:
            self._model: Any = cv2.dnn.readNetFromTFLite(str(path))
        except cv2.error as error:
            raise WeightsError(
                f"{path} is no model that OpenCV reads: {error.err or error}",
                hint="give selfie_segmentation.tflite of MediaPipe",
                path=path,
            ) from error

    def coverage(self, picture: Picture) -> NDArray[np.float32]:
        """(256, 256) float32, 0..1: where people are, the picture squeezed into a square."""
        blob = cv2.dnn.blobFromImage(picture, 1 / 255, (SIDE, SIDE))
        self._model.setInput(blob)
        return np.asarray(self._model.forward(), dtype=np.float32).reshape(SIDE, SIDE)

    def detect(self, picture: Picture, text: str) -> list[Found]:
        """Boxes in pixels of the picture, the surest first; none where nobody is.

        Raises:
            BadRequestError: the text names something else than people.
        """
        if not WORDS & set(text.lower().split()):
            raise BadRequestError(
                f"the backend 'person' finds people alone, not {text[:80]!r}; say 'person', or detect with "
                "another backend"
            )
        covered = self.coverage(picture)
        count, labels, stats, _centres = cv2.connectedComponentsWithStats((covered > INSIDE).astype(np.uint8))
        height, width = picture.shape[:2]
        found = []
        for index in range(1, count):
            left, top, wide, high, area = (int(value) for value in stats[index])
            if area < LEAST_SHARE * SIDE * SIDE:
                continue
            box = PromptBox(
                left=left * width / SIDE,
                top=top * height / SIDE,
                right=(left + wide) * width / SIDE,
                bottom=(top + high) * height / SIDE,
            )
            found.append((area, Found(box, round(float(covered[labels == index].mean()), 6))))
        return [one for _area, one in sorted(found, key=lambda each: (-each[1].score, -each[0]))]

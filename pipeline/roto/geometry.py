"""From pixels of the plate to those that backends see, and back.

Backends see the display window in square pixels: an anamorphic plate is made wider, or higher, never smaller. Both
count from the upper left corner, y down, the centre of the first pixel at (0.5, 0.5), so a place is scaled and that is
all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...schema.roto import PromptBox, PromptPoint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SQUARE = 1e-4  # a pixel aspect so near to 1 is 1: files store it in single precision


@dataclass(frozen=True)
class Geometry:
    """The two sizes of a plate.

    Attributes:
        width, height: of the display window, in pixels as they are stored.
        pixel_aspect: width of a stored pixel over its height.
    """

    width: int
    height: int
    pixel_aspect: float = 1.0

    @property
    def is_square(self) -> bool:
        """Whether stored pixels are model pixels."""
        return abs(self.pixel_aspect - 1) < SQUARE

    @property
    def model_width(self) -> int:
        """Of what backends see."""
        return self.width if self.is_square or self.pixel_aspect < 1 else round(self.width * self.pixel_aspect)

    @property
    def model_height(self) -> int:
        """Of what backends see."""
        return self.height if self.is_square or self.pixel_aspect > 1 else round(self.height / self.pixel_aspect)

    def point_to_model(self, point: PromptPoint) -> PromptPoint:
        """A click in model pixels."""
        x, y = self._scales
        return point.model_copy(update={"x": point.x * x, "y": point.y * y})

    def box_to_model(self, box: PromptBox) -> PromptBox:
        """A box in model pixels."""
        x, y = self._scales
        return PromptBox(left=box.left * x, top=box.top * y, right=box.right * x, bottom=box.bottom * y)

    def box_to_plate(self, box: PromptBox) -> PromptBox:
        """A box in stored pixels."""
        x, y = self._scales
        return PromptBox(left=box.left / x, top=box.top / y, right=box.right / x, bottom=box.bottom / y)

    def has(self, x: float, y: float) -> bool:
        """Whether a place in stored pixels lies in the display window."""
        return 0 <= x <= self.width and 0 <= y <= self.height

    def to_model(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """(height, width) or (height, width, c) stored pixels as model pixels, by linear interpolation."""
        return self._resized(pixels, self.model_width, self.model_height)

    def to_plate(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """(model height, model width) as stored pixels, by averaging areas: coverage keeps its sum."""
        return self._resized(pixels, self.width, self.height)

    @property
    def _scales(self) -> tuple[float, float]:
        return self.model_width / self.width, self.model_height / self.height

    @staticmethod
    def _resized(pixels: NDArray[Any], width: int, height: int) -> NDArray[Any]:
        import cv2  # noqa: PLC0415 - heavy
        import numpy as np  # noqa: PLC0415 - heavy

        if pixels.shape[:2] == (height, width):
            return pixels
        shrinks = width < pixels.shape[1] or height < pixels.shape[0]
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(np.ascontiguousarray(pixels), (width, height), interpolation=way))

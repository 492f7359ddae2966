"""A backend for tests of farms: an ellipse that moves, in no time; a publish refuses what it made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...schema.errors import InputCorruptError
from ...schema.job import Needs
from ...schema.roto import Stage
from .backend import Backend, Choice, Hint, Mask

if TYPE_CHECKING:
    from .backend import Logits, Picture, Run

_NEEDS = Needs(cpu=1, memory_mib=512)
BACKEND = Backend(
    name="stub",
    makers={Stage.SEGMENT: f"{__name__}:make_segmenter", Stage.PROPAGATE: f"{__name__}:make_propagator"},
    needs={Stage.SEGMENT: _NEEDS, Stage.PROPAGATE: _NEEDS},
    publishes=False,
)
SPEED_PX = (2.0, 1.0)  # to the right and down, from frame to frame


def make_segmenter(_choice: Choice) -> StubSegmenter:
    """What puts an ellipse where the hints are."""
    return StubSegmenter()


def make_propagator(_choice: Choice) -> StubPropagator:
    """What moves ellipses."""
    return StubPropagator()


class StubSegmenter:
    """Finds an ellipse in the middle of the hints."""

    def segment(self, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        """An ellipse for each object."""
        height, width = picture.shape[:2]
        return {name: Mask(_ellipse(width, height, *_place(hint, width, height))) for name, hint in hints.items()}


class StubPropagator:
    """Moves each ellipse by the same way from frame to frame."""

    def start(self, width: int, height: int) -> Run:
        """Begin with no object."""
        return StubRun(width, height)

    def resume(self, width: int, height: int, snapshot: bytes) -> Run:
        """Go on from a snapshot."""
        try:
            said = json.loads(snapshot)
            places = {str(name): tuple(map(float, place)) for name, place in said["places"].items()}
            return StubRun(width, height, int(said["frame"]), places)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputCorruptError("this is no snapshot of the backend 'stub'; run the task again") from error


class StubRun:
    """Ellipses under way: their centres and half axes."""

    def __init__(
        self, width: int, height: int, frame: int | None = None, places: Mapping[str, tuple[float, ...]] | None = None
    ) -> None:
        self._size = (width, height)
        self._frame = frame
        self._places = dict(places or {})

    def step(self, frame: int, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        """Go to the next frame."""
        by = 0 if self._frame is None else frame - self._frame
        self._frame = frame
        self._places = {
            name: (x + by * SPEED_PX[0], y + by * SPEED_PX[1], a, b) for name, (x, y, a, b) in self._places.items()
        }
        height, width = picture.shape[:2]
        self._places.update({name: _place(hint, width, height) for name, hint in hints.items()})
        return {name: Mask(_ellipse(*self._size, *place)) for name, place in sorted(self._places.items())}

    def snapshot(self) -> bytes:
        """The places."""
        return json.dumps({"frame": self._frame, "places": self._places}, sort_keys=True).encode()


def _place(hint: Hint, width: int, height: int) -> tuple[float, float, float, float]:
    import numpy as np  # noqa: PLC0415 - heavy

    if hint.mask is not None and (hint.mask > 0).any():
        rows, columns = np.nonzero(hint.mask > 0)
        left, right, top, bottom = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
        return ((left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2)
    if hint.box is not None:
        box = hint.box
        return ((box.left + box.right) / 2, (box.top + box.bottom) / 2, (box.right - box.left) / 2,
                (box.bottom - box.top) / 2)  # fmt: skip
    inside = [point for point in hint.points if point.inside]
    x = sum(point.x for point in inside) / max(len(inside), 1)
    y = sum(point.y for point in inside) / max(len(inside), 1)
    return (x, y, width / 8, height / 8)


def _ellipse(width: int, height: int, x: float, y: float, half_width: float, half_height: float) -> Logits:
    import numpy as np  # noqa: PLC0415 - heavy

    columns = (np.arange(width) + 0.5 - x) / max(half_width, 1.0)
    rows = (np.arange(height) + 0.5 - y) / max(half_height, 1.0)
    away = np.sqrt(columns[np.newaxis, :] ** 2 + rows[:, np.newaxis] ** 2)
    return np.asarray((1 - away) * min(max(half_width, 1.0), max(half_height, 1.0)), dtype=np.float32)

"""Pictures in a model's size before their turn comes, shrunk by the thread that reads them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...pipeline.roto.backend import Picture

AHEAD = 8  # frames that are kept prepared


class Early:
    """What a few coming frames look like to a model.

    Args:
        shrunk: makes a tensor on the CPU of a picture.
        device: of torch, that the tensors go to later.
    """

    def __init__(self, shrunk: Callable[[Picture], Any], device: Any) -> None:
        self._shrunk, self._device = shrunk, device
        self._prepared: dict[int, tuple[Picture, Any]] = {}
        self._lock = Lock()

    @property
    def held(self) -> int:
        """How many frames are prepared."""
        return len(self._prepared)

    def prepare(self, frame: int, picture: Picture) -> None:
        """Shrink a picture that is asked for soon; may be called by another thread."""
        small = self._shrunk(picture)
        if self._device.type == "cuda":
            small = small.pin_memory()  # else a copy to the GPU waits for all that came before
        with self._lock:
            if len(self._prepared) < AHEAD:
                self._prepared[frame] = picture, small

    def take(self, frame: int, picture: Picture) -> Any:
        """The tensor of a picture, as prepared where this very picture was."""
        with self._lock:
            prepared, small = self._prepared.pop(frame, (None, None))
        return small if prepared is picture else self._shrunk(picture)

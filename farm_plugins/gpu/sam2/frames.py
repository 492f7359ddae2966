"""Frames as the model takes them, each made when it is asked for and let go with the next."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from ..early import Early

if TYPE_CHECKING:
    from ....pipeline.roto.backend import Picture

# Of ImageNet, in the order of the channels; what the model was trained with.
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
ENDLESS = 2**31  # frames that a walk may have: its end is not known when it starts


def shrunk(picture: Picture, size: int) -> Any:
    """A picture in the model's square size, resized as sam2's own reader of frames does it: (size, size, 3) uint8."""
    return torch.from_numpy(np.array(Image.fromarray(picture).resize((size, size))))


def normalised(small: Any, device: Any) -> Any:
    """(3, size, size) float32 on the device, its copy not waited for."""
    moved = small.to(device, non_blocking=True).permute(2, 0, 1).float().div(255.0)
    mean = torch.tensor(MEAN, device=device).view(3, 1, 1)
    deviation = torch.tensor(DEVIATION, device=device).view(3, 1, 1)
    return (moved - mean) / deviation


class Frames:
    """What stands in the predictor's state for a clip: the current frame alone, however long the clip is."""

    def __init__(self, size: int, device: Any) -> None:
        self._device = device
        self._current: tuple[int, Any] | None = None
        self._early = Early(lambda picture: shrunk(picture, size), device)

    def __len__(self) -> int:
        return ENDLESS

    def __getitem__(self, index: int) -> Any:
        if self._current is None or self._current[0] != index:
            raise IndexError(f"frame {index} of the walk is not the current one")
        return self._current[1]

    @property
    def held(self) -> int:
        """How many frames are in memory."""
        return self._early.held + (self._current is not None)

    def prepare(self, frame: int, picture: Picture) -> None:
        """Shrink a picture that is asked for soon; may be called by another thread."""
        self._early.prepare(frame, picture)

    def show(self, index: int, frame: int, picture: Picture) -> None:
        """Make a picture the current one, as prepared where this very picture was."""
        self._current = index, normalised(self._early.take(frame, picture), self._device)

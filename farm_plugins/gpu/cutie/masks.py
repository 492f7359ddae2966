"""Masks as Cutie takes them, and masks of the picture's size from what it answers."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch

from ....schema.errors import TaskFailedError
from ..edges import edge_distance, grown, judged

if TYPE_CHECKING:
    from ....pipeline.roto.backend import Logits, Mask, Picture
    from .model import Model

HALF = 0.5
LEAST = 1e-6  # the least chance that is made a logit of


def working_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height of pictures whose shorter side is ``side``; none is enlarged."""
    scale = min(1.0, side / min(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrunk(picture: Picture, size: tuple[int, int]) -> Any:
    """(height, width, 3) uint8 of that size, each pixel the mean of what it covers."""
    return torch.from_numpy(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def as_image(small: Any, device: Any) -> Any:
    """(3, height, width) float32 in 0..1 on the device, its copy not waited for; Cutie itself norms it."""
    return small.to(device, non_blocking=True).permute(2, 0, 1).float().div(255.0)


def as_chances(logits: Logits, size: tuple[int, int], device: Any) -> Any:
    """(1, height, width) float32: how much of each small pixel a mask covers."""
    inside = (logits > 0).astype(np.float32)
    return torch.from_numpy(cv2.resize(inside, size, interpolation=cv2.INTER_AREA))[None].to(device)


def made_mask(model: Model, chances: Any, width: int, height: int) -> Mask:
    """The mask that Cutie's answer is, in float32 at the picture's size.

    Its confidence is the IoU that is to be expected of it where each pixel is inside with the chance that Cutie says.

    Args:
        model: that answered.
        chances: (2, h, w): of the ground, and of the object.
        width: of the picture.
        height: of the picture.

    Raises:
        TaskFailedError: the model answered with something else than numbers.
    """
    chance = chances[1].float()
    found = chance > HALF
    sums = torch.stack([chance[found].sum(), found.sum() + chance[~found].sum()]).tolist()
    if not np.isfinite(sums).all():
        raise TaskFailedError("cutie answered with numbers that are none", hint="try the option precision=float32")
    logits = edge_distance(grown(torch.logit(chance, LEAST)[None], width, height))[0].cpu().numpy()
    seen, expected = sums[0] > 0, sums[0] / max(sums[1], LEAST)
    return judged(logits, expected, seen=seen, expected=expected, random_weights=model.options.random_weights)

"""From a model's small logits to masks of the picture's size, and what is said of how sure they are."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as nn

from ...pipeline.roto.backend import Mask

FAR = 16  # pixels: further from the edge all are alike
NEAR = 1.5  # pixels: so near to the edge the logits' slope says where it is
SLOPE = 1e-6  # the least that a distance is divided by
UNSURE = 0.5  # predicted IoU below which a person should look


def grown(small: Any, width: int, height: int) -> Any:
    """(n, height, width) of (n, h, w) logits; their edge is found between pixels, so they grow before they are cut."""
    return nn.interpolate(small[None], size=(height, width), mode="bilinear", align_corners=False)[0]


def judged(logits: Any, confidence: float, *, seen: bool, expected: float, random_weights: str = "") -> Mask:
    """A mask, with what a person should know of it.

    Args:
        logits: (h, w) float32 of the picture's size.
        confidence: 0..1.
        seen: whether the model finds the object on this frame.
        expected: the IoU that the model expects.
        random_weights: what for, where the model has such.
    """
    if random_weights:
        return Mask(logits, 0.0, f"made with random weights, {random_weights}")
    if not seen:
        return Mask(logits, confidence, "the model does not see it here")
    return Mask(logits, confidence, f"the model expects {expected:.0%} of it to be right" if expected < UNSURE else "")


def edge_distance(logits: Any) -> Any:
    """(n, h, w) float32 distances from the edge in pixels, up to ``FAR``, with the logits' signs.

    Near the edge logits over their slope: their zero crossing, to a part of a pixel. Further away whole rings of
    pixels are counted, with squares and crosses in turn, so that a ring is an octagon.
    """
    inside = (logits > 0).float()
    within, around = inside.clone(), 1.0 - inside
    distance = torch.zeros_like(logits)
    for ring in range(FAR):
        distance += within - around
        within, around = 1.0 - _wider(1.0 - within, ring), 1.0 - _wider(1.0 - around, ring)
    distance -= inside - 0.5  # the edge lies between the centres of two pixels
    down, right = torch.gradient(logits, dim=(-2, -1))
    slope = (down.square() + right.square()).sqrt().clamp_min(SLOPE)
    return torch.where(distance.abs() <= NEAR, (logits / slope).clamp(-NEAR, NEAR), distance)


def _wider(region: Any, ring: int) -> Any:
    """A region grown by one pixel: to a square's eight neighbours, or to a cross's four."""
    if ring % 2:
        return nn.max_pool2d(region[None], 3, stride=1, padding=1)[0]
    across = nn.max_pool2d(region[None], (1, 3), stride=1, padding=(0, 1))
    along = nn.max_pool2d(region[None], (3, 1), stride=1, padding=(1, 0))
    return torch.maximum(across, along)[0]

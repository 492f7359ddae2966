"""From the model's small logits to masks of the picture's size."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nn

from ....pipeline.roto.backend import Mask
from ....pipeline.roto.pinholes import fill_pinholes
from ....schema.errors import TaskFailedError
from .model import Model

FAR = 16  # pixels: further from the edge all are alike
NEAR = 1.5  # pixels: so near to the edge the logits' slope says where it is
SLOPE = 1e-6  # the least that a distance is divided by
UNSURE = 0.5  # predicted IoU below which a person should look


def made_masks(
    model: Model, outputs: Sequence[dict[str, Any]], sureness: Sequence[Any], *, width: int, height: int
) -> list[Mask]:
    """A mask for each output of the model, in float32 at the picture's size.

    Args:
        model: that put them out.
        outputs: of one object each, with ``pred_masks`` (1, 1, h, w) and ``object_score_logits``.
        sureness: the predicted IoU of each.
        width: of the picture.
        height: of the picture.

    Raises:
        TaskFailedError: the model answered with something else than numbers.
    """
    small = torch.cat([output["pred_masks"].float() for output in outputs])[:, 0].cpu().numpy()
    scores = torch.stack([output["object_score_logits"].float().reshape(()) for output in outputs])
    told = torch.stack([scores, torch.stack(list(sureness)).float().to(scores.device)]).cpu().numpy()
    if not (np.isfinite(small).all() and np.isfinite(told).all()):
        raise TaskFailedError("sam2 answered with numbers that are none", hint="try the option precision=float32")
    filled = np.stack([fill_pinholes(each, model.options.pinholes) for each in small])
    grown = nn.interpolate(
        torch.from_numpy(filled)[None].to(model.device), size=(height, width), mode="bilinear", align_corners=False
    )[0]
    logits = (edge_distance(grown) if model.options.logits == "pixels" else grown).cpu().numpy()
    return [_mask(model, *each) for each in zip(logits, *told, strict=True)]


def _mask(model: Model, logits: Any, score: float, predicted: float) -> Mask:
    there = 1.0 / (1.0 + float(np.exp(-np.clip(score, -60.0, 60.0))))
    confidence = min(max(there * float(predicted), 0.0), 1.0)
    reason = ""
    if score <= 0:
        reason = "the model does not see it here"
    elif predicted < UNSURE:
        reason = f"the model expects {float(predicted):.0%} of it to be right"
    if model.options.random_weights:
        return Mask(logits, 0.0, f"made with random weights, {model.options.random_weights}")
    return Mask(logits, confidence, reason)


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

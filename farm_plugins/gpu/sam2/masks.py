"""From the model's small logits to masks of the picture's size."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ....pipeline.roto.backend import Mask
from ....pipeline.roto.pinholes import fill_pinholes
from ....schema.errors import TaskFailedError
from ..edges import edge_distance, grown, judged
from .model import Model


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
    large = grown(torch.from_numpy(filled).to(model.device), width, height)
    logits = (edge_distance(large) if model.options.logits == "pixels" else large).cpu().numpy()
    return [_mask(model, *each) for each in zip(logits, *told, strict=True)]


def _mask(model: Model, logits: Any, score: float, predicted: float) -> Mask:
    there = 1.0 / (1.0 + float(np.exp(-np.clip(score, -60.0, 60.0))))
    confidence = min(max(there * float(predicted), 0.0), 1.0)
    return judged(
        logits, confidence, seen=score > 0, expected=float(predicted), random_weights=model.options.random_weights
    )

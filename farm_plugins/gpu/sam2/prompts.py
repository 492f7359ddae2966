"""What an artist says, in the predictor's terms."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as nn

from .memory import PROMPTS, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....pipeline.roto.backend import Hint, Logits
    from .model import Model


def tell(model: Model, state: State, index: int, name: str, hint: Hint) -> dict[str, Any]:
    """Prompt the predictor on the current frame; the output of the object there.

    A mask alone is taken as it is; a mask with points or a box is what these begin from.

    Args:
        model: whose predictor it is.
        state: of the walk.
        index: of the current frame.
        name: of the object; new ones are taken in.
        hint: points and box in pixels of the picture, whose size is the mask's.
    """
    predictor = model.predictor
    given = predictor._obj_id_to_idx(state, name)  # noqa: SLF001 - sam2 has no public way; pinned to 1.1
    told = state["temp_output_dict_per_obj"][given][PROMPTS]
    if hint.mask is not None and not hint.points and hint.box is None:
        predictor.add_new_mask(state, index, name, torch.from_numpy(np.ascontiguousarray(hint.mask > 0)))
        return dict(told[index])
    if hint.mask is not None:
        told[index] = {"pred_masks": _small(model, hint.mask)}
    width, height = state["picture_size"]
    places = [_place(model, (point.x, point.y), width, height) for point in hint.points]
    box = None
    if hint.box is not None:
        corners = (hint.box.left, hint.box.top), (hint.box.right, hint.box.bottom)
        box = torch.tensor([_place(model, corner, width, height) for corner in corners])
    predictor.add_new_points_or_box(
        state,
        index,
        name,
        points=torch.tensor(places, dtype=torch.float32).reshape(-1, 2),
        labels=torch.tensor([int(point.inside) for point in hint.points], dtype=torch.int32),
        box=box,
        normalize_coords=False,
    )
    return dict(told[index])


def _place(model: Model, place: Sequence[float], width: int, height: int) -> list[float]:
    """A place as shares of the picture, less the half pixel that the model adds to get to a pixel's centre."""
    half = 0.5 / model.options.image_size
    return [place[0] / width - half, place[1] / height - half]


def _small(model: Model, logits: Logits) -> Any:
    """Logits in the size in which the model takes those of an earlier click: (1, 1, size / 4, size / 4)."""
    side = model.options.image_size // 4
    whole = torch.from_numpy(np.ascontiguousarray(logits, dtype=np.float32))[None, None].to(model.device)
    return nn.interpolate(whole, size=(side, side), mode="bilinear", align_corners=False, antialias=True)

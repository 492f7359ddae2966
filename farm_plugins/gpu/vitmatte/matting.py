"""Mattes by ViTMatte; importing this loads torch."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....pipeline.roto.trimaps import UNKNOWN, trimap_of
from ....schema.errors import TaskFailedError
from ..devices import chosen_device, working
from ..options import one_of, own_options
from ..pretrained import load_pretrained, model_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ....pipeline.roto.backend import Choice, Mask, Picture

MULTIPLE = 32  # sides that the model takes
PRECISIONS = ("auto", "float32", "bfloat16")


def make_matter(choice: Choice) -> VitMatter:
    """What makes mattes; its one option is ``precision``: ``auto``, ``float32`` or ``bfloat16``.

    Raises:
        WeightsError, ConfigError, MachineError: they are not there, or not this model's; nor is the device.
    """
    texts = own_options("vitmatte", choice.options, ("precision",))
    precision = one_of("precision", texts.get("precision", "auto"), PRECISIONS)
    device = chosen_device(choice.device)
    model = load_pretrained("VitMatteForImageMatting", model_folder("vitmatte", choice)).to(device)
    return VitMatter(model, device, precision)


class VitMatter:
    """Decides the band along a mask's edge; what lies deeper stays as the mask says."""

    def __init__(self, model: Any, device: Any, precision: str) -> None:
        self._model, self._device, self._precision = model, device, precision

    def matte(self, picture: Picture, mask: Mask, *, band_px: float) -> NDArray[np.float32]:
        """(h, w) float32 coverage in 0..1, differing from the mask within ``band_px`` of its edge only.

        Raises:
            TaskFailedError: the model answered with something else than numbers.
        """
        trimap = trimap_of(mask.logits, band_px)
        unknown = trimap == UNKNOWN
        if not unknown.any():
            return trimap
        height, width = trimap.shape
        shown = torch.from_numpy(np.ascontiguousarray(picture)).to(self._device).permute(2, 0, 1).float()
        shown = shown.div(255.0).sub(0.5).div(0.5)  # what the model was trained with
        known = torch.from_numpy(trimap).to(self._device)[None]
        given = torch.nn.functional.pad(torch.cat([shown, known])[None], (0, -width % MULTIPLE, 0, -height % MULTIPLE))
        with working(self._device, self._precision):
            alphas = self._model(pixel_values=given).alphas[0, 0, :height, :width].float().cpu().numpy()
        if not np.isfinite(alphas).all():
            raise TaskFailedError("vitmatte answered with numbers that are none", hint="try precision=float32")
        return np.where(unknown, np.clip(alphas, 0.0, 1.0), trimap).astype(np.float32)

"""Boxes by Grounding DINO; importing this loads torch."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from ....pipeline.roto.backend import Found
from ....schema.errors import BadRequestError, WeightsError
from ....schema.roto import PromptBox
from ..devices import chosen_device, working
from ..options import number, own_options
from ..pretrained import load_pretrained, model_folder, stay_offline

if TYPE_CHECKING:
    from ....pipeline.roto.backend import Choice, Picture

# Of ImageNet, in the order of the channels; what the model was trained with.
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
SHORTER, LONGER = 800, 1333  # sides of the pictures that it was trained with
THRESHOLD = 25  # percent: what scores less is not found
LEAST_PX = 1.0  # a thinner box holds nothing


def make_detector(choice: Choice) -> DinoDetector:
    """What finds things by name; options are ``threshold`` (percent) and ``shorter`` (pixels of the shorter side).

    Raises:
        WeightsError, ConfigError, MachineError: they are not there, or not this model's; nor is the device.
    """
    texts = own_options("groundingdino", choice.options, ("threshold", "shorter"))
    threshold = number("threshold", texts.get("threshold", str(THRESHOLD)), 0, 100) / 100
    shorter = number("shorter", texts.get("shorter", str(SHORTER)), 32, 4096)
    device = chosen_device(choice.device)
    folder = model_folder("groundingdino", choice)
    model = load_pretrained("GroundingDinoForObjectDetection", folder).to(device)
    return DinoDetector(model, _tokenizer(folder), device, threshold=threshold, shorter=shorter)


class DinoDetector:
    """Finds what a text names."""

    def __init__(self, model: Any, tokenizer: Any, device: Any, *, threshold: float, shorter: int) -> None:
        self._model, self._tokenizer, self._device = model, tokenizer, device
        self._threshold, self._shorter = threshold, shorter

    def detect(self, picture: Picture, text: str) -> list[Found]:
        """Boxes in pixels of the picture, the surest first; none where nothing is found.

        Raises:
            BadRequestError: the text is empty, or longer than the model reads.
        """
        words = self._tokenizer(_phrase(text), return_tensors="pt")
        length, most = words["input_ids"].shape[1], self._model.config.max_text_len
        if length > most:
            raise BadRequestError(f"the text {text[:80]!r} is {length} tokens long; groundingdino reads {most}")
        shown = self._shown(picture)
        with working(self._device, "float32"):  # its sampling of features is not made for less
            told = self._model(
                pixel_values=shown,
                pixel_mask=torch.ones(shown.shape[0], *shown.shape[2:], dtype=torch.long, device=self._device),
                **{name: value.to(self._device) for name, value in words.items()},
            )
            scores = told.logits[0].sigmoid().amax(dim=-1).cpu().numpy()
            boxes = told.pred_boxes[0].float().cpu().numpy()
        order = [index for index in np.argsort(-scores, kind="stable") if scores[index] >= self._threshold]
        found = [_found(boxes[index], float(scores[index]), picture) for index in order]
        return [each for each in found if each is not None]

    def _shown(self, picture: Picture) -> Any:
        height, width = picture.shape[:2]
        scale = min(self._shorter / min(height, width), self._shorter * LONGER / SHORTER / max(height, width))
        small = Image.fromarray(picture).resize(
            (max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BILINEAR
        )
        pixels = torch.from_numpy(np.array(small)).to(self._device).permute(2, 0, 1).float().div(255.0)
        mean = torch.tensor(MEAN, device=self._device).view(3, 1, 1)
        return ((pixels - mean) / torch.tensor(DEVIATION, device=self._device).view(3, 1, 1))[None]


def _phrase(text: str) -> str:
    """A text as the model was trained to read it: lower case, ended by a full stop."""
    words = " ".join(text.lower().split()).rstrip(". ")
    if not words:
        raise BadRequestError("the text of a prompt names nothing; write what the object is called")
    return f"{words}."


def _found(box: Any, score: float, picture: Picture) -> Found | None:
    """A box given by centre and size, as shares of the picture, in the picture's pixels and cut to it."""
    height, width = picture.shape[:2]
    x, y, w, h = (float(each) for each in box)
    left, right = max(0.0, (x - w / 2) * width), min(float(width), (x + w / 2) * width)
    top, bottom = max(0.0, (y - h / 2) * height), min(float(height), (y + h / 2) * height)
    if not (right - left >= LEAST_PX and bottom - top >= LEAST_PX):
        return None
    return Found(PromptBox(left=left, top=top, right=right, bottom=bottom), min(max(score, 0.0), 1.0))


def _tokenizer(folder: Path) -> Any:
    import transformers  # noqa: PLC0415 - heavy

    stay_offline()
    try:
        return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise WeightsError(f"the weights at {folder} have no tokenizer that can be read", path=folder) from error

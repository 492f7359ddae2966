"""Objects on one frame: the video predictor on a clip of one, which needs no torchvision."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ....pipeline.hashes import hash_bytes
from ....pipeline.roto.backend import Hint, Mask
from ....schema.errors import EmptyMaskError
from .frames import Frames
from .masks import made_masks
from .memory import new_state
from .prompts import tell

if TYPE_CHECKING:
    from ....pipeline.roto.backend import Picture
    from .model import Model

SEEN = 8  # frames whose features are kept, so that a further click costs the decoder alone


class Sam2Segmenter:
    """Finds objects on a frame, and remembers the features of the last few frames."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._seen: OrderedDict[str, Any] = OrderedDict()
        self.encoded = 0  # frames whose features were computed

    def segment(self, picture: Picture, hints: Mapping[str, Hint]) -> dict[str, Mask]:
        """A mask for each object; the same call gives the same bytes.

        A mask alone comes back as it was given.

        Raises:
            EmptyMaskError: nothing was found where the hints say; names the object.
        """
        height, width = picture.shape[:2]
        outputs, sureness = [], []
        with self._model.working():
            state = new_state(self._model, self._shown(picture), (width, height))
            state["cached_features"] = {0: self._features(picture, state)}
            for name, hint in hints.items():
                self._model.take_sureness()
                outputs.append(tell(self._model, state, 0, name, hint))
                sureness.append(self._model.take_sureness())
            masks = made_masks(self._model, outputs, sureness, width=width, height=height) if outputs else []
        return {name: _found(name, mask, hints[name]) for name, mask in zip(hints, masks, strict=True)}

    def _shown(self, picture: Picture) -> Frames:
        frames = Frames(self._model.options.image_size, self._model.device)
        frames.show(0, 0, picture)
        return frames

    def _features(self, picture: Picture, state: dict[str, Any]) -> Any:
        key = f"{picture.shape} {hash_bytes(picture.tobytes())}"
        if key not in self._seen:
            predictor = self._model.predictor
            predictor._get_image_feature(state, frame_idx=0, batch_size=1)  # noqa: SLF001 - as its init_state does
            self._seen[key] = state["cached_features"][0]
            self.encoded += 1
        self._seen.move_to_end(key)
        while len(self._seen) > SEEN:
            self._seen.popitem(last=False)
        return self._seen[key]


def _found(name: str, mask: Mask, hint: Hint) -> Mask:
    if not (mask.logits > 0).any():
        raise EmptyMaskError(
            f"sam2 found nothing of object {name!r} where the prompts say",
            hint="add points inside it, or a box around it",
            object=name,
        )
    if hint.mask is not None and not hint.points and hint.box is None:
        return Mask(hint.mask, 1.0 if not mask.reason else mask.confidence, mask.reason)
    return mask

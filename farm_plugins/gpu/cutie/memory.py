"""What Cutie remembers of an object: made, kept small however long the walk is, put into bytes, and taken out of them.

Each object has a Cutie of its own, which knows it as its object 1, in its bucket 0.
"""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch
from cutie.inference.inference_core import InferenceCore

if TYPE_CHECKING:
    from ..walks import Tensors
    from .model import Model

OBJECT, BUCKET = 1, 0
STRIDE = 16  # pixels of the picture a side, that are one place in the memory
PROMPTED = 8  # prompted frames that are remembered, the first among them; what looking back costs grows with each
PARTS = ("k", "s", "e", "use_cnt", "life_cnt", "v")  # of Cutie's stores; not all of them keep all


class Seen:
    """What the network makes of the current frame, once for all objects; in the place of Cutie's own store."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self._features: tuple[Any, ...] | None = None
        self.encoded = 0  # frames that were looked at

    def forget(self) -> None:
        """Another frame comes."""
        self._features = None

    def get_features(self, _index: int, image: Any) -> tuple[Any, Any]:
        """Features of several sizes, and those of pixels."""
        found = self._of(image)
        return found[0], found[1]

    def get_key(self, _index: int, image: Any) -> tuple[Any, ...]:
        """Key, shrinkage and selection."""
        return self._of(image)[2:]

    def delete(self, _index: int) -> None:
        """Nothing: other objects look at the same frame."""

    def _of(self, image: Any) -> tuple[Any, ...]:
        if self._features is None:
            sizes, pixels = self._network.encode_image(image)
            self._features = sizes, pixels, *self._network.transform_key(sizes[0])
            self.encoded += 1
        return self._features


def new_track(model: Model, seen: Seen, size: tuple[int, int]) -> Any:
    """A Cutie that knows nothing yet.

    Args:
        model: whose network it asks.
        seen: that all objects of a walk share.
        size: width and height of the pictures that it is shown; small ones have fewer places than it looks at.
    """
    settings = model.settings.copy()
    places = -(-size[0] // STRIDE) * -(-size[1] // STRIDE)
    old = settings.long_term.max_mem_frames - settings.long_term.min_mem_frames
    settings.top_k = min(settings.top_k, places)
    settings.long_term.num_prototypes = min(settings.long_term.num_prototypes, old * places)
    return InferenceCore(model.network, settings, image_feature_store=seen)


def forget_prompts(track: Any) -> None:
    """Let go of prompted frames but the first and the last few; they lie in the memory from the last to the first."""
    store, places = track.memory.work_mem, track.memory.HW
    while store.perm_end_pt[BUCKET] > PROMPTED * places:
        end = store.perm_end_pt[BUCKET] - places  # where the first one begins
        for held, key in ((store.k, BUCKET), (store.s, BUCKET), (store.v, OBJECT)):
            held[key] = torch.cat([held[key][..., : end - places], held[key][..., end:]], -1)
        store.perm_end_pt[BUCKET] = end


def facts_of(track: Any) -> dict[str, Any]:
    """What JSON can say of a track."""
    return {
        "clock": [track.curr_ti, track.last_mem_ti],
        "prompted": track.memory.work_mem.perm_end_pt[BUCKET],
    }


def tensors_of(track: Any) -> Iterator[tuple[str, Any]]:
    """All that a track remembers, by name."""
    memory = track.memory
    yield "last_mask", track.last_mask
    yield "sensory", memory.sensory[OBJECT]
    yield "object", memory.obj_v[OBJECT]
    for which, store in _stores(memory):
        for part in PARTS:
            for tensor in getattr(store, part, {}).values():
                yield f"{which}.{part}", tensor


def fill_track(track: Any, facts: Mapping[str, Any], tensors: Tensors) -> None:
    """Give a new track what another one remembered."""
    memory = track.memory
    track.curr_ti, track.last_mem_ti = facts["clock"]
    track.last_mask = tensors.pop("last_mask")
    track.object_manager.add_new_objects([OBJECT])
    memory.sensory[OBJECT], memory.obj_v[OBJECT] = tensors.pop("sensory"), tensors.pop("object")
    for key, tensor in tensors.items():
        which, part = key.split(".")
        store = dict(_stores(memory))[which]
        getattr(store, part)[OBJECT if part == "v" else BUCKET] = tensor
        store.buckets[BUCKET] = [OBJECT]
    work = memory.work_mem
    work.global_bucket_id, work.perm_end_pt[BUCKET] = BUCKET + 1, int(facts["prompted"])
    memory.CK, memory.CV = work.k[BUCKET].shape[1], work.v[OBJECT].shape[1]
    memory.engaged = True


def _stores(memory: Any) -> list[tuple[str, Any]]:
    return [("work", memory.work_mem), *([("long", memory.long_mem)] if memory.use_long_term else [])]

"""The predictor's state: made without a clip, and kept small however long the walk is."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from .frames import Frames
    from .model import Model

State = dict[str, Any]
# Prompted frames that are remembered, the first among them; what looking back costs grows with each.
PROMPTED = 8
PROMPTS, TRACKED = "cond_frame_outputs", "non_cond_frame_outputs"


def new_state(model: Model, frames: Frames, size: tuple[int, int]) -> State:
    """What ``SAM2VideoPredictor.init_state`` makes, but of frames that come one by one.

    Masks come back in the model's own small size; ``size`` is the width and height of pictures, which we bring them to.
    """
    side = model.options.image_size // 4
    return {
        "images": frames,
        "num_frames": len(frames),
        "offload_video_to_cpu": False,
        "offload_state_to_cpu": False,
        "video_height": side,
        "video_width": side,
        "picture_size": size,
        "device": model.device,
        "storage_device": model.device,
        "point_inputs_per_obj": {},
        "mask_inputs_per_obj": {},
        "cached_features": {},
        "constants": {},
        "obj_id_to_idx": OrderedDict(),
        "obj_idx_to_id": OrderedDict(),
        "obj_ids": [],
        "output_dict_per_obj": {},
        "temp_output_dict_per_obj": {},
        "frames_tracked_per_obj": {},
    }


def forget(model: Model, state: State, index: int) -> None:
    """Let go of what no frame after this one looks at.

    The next frames look at the last ``num_maskmem - 1`` frames' memories, at the object pointers of the last
    ``max_obj_ptrs_in_encoder - 1``, and at prompted frames; of logits, at none but a frame's own.
    """
    memories = index + 2 - model.predictor.num_maskmem
    pointers = index + 2 - model.predictor.max_obj_ptrs_in_encoder
    for outputs in state["output_dict_per_obj"].values():
        prompted, tracked = outputs[PROMPTS], outputs[TRACKED]
        for old in sorted(prompted)[1 : 1 - PROMPTED]:
            del prompted[old]
        for old in [each for each in tracked if each < min(pointers, memories)]:
            del tracked[old]
        for each, output in tracked.items():
            if each < memories:
                output["maskmem_features"] = output["maskmem_pos_enc"] = None
        for output in (*prompted.values(), *tracked.values()):
            output["pred_masks"] = None
    for name in ("point_inputs_per_obj", "mask_inputs_per_obj", "frames_tracked_per_obj"):
        for of_object in state[name].values():
            of_object.clear()


def held_outputs(state: State) -> int:
    """How many frames' outputs are remembered, over all objects."""
    return sum(len(kind) for outputs in state["output_dict_per_obj"].values() for kind in outputs.values())


def held_bytes(state: State) -> int:
    """Of all tensors in the state that differ from each other."""
    seen = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in _tensors(state)}
    return sum(seen.values())


def _tensors(value: Any) -> Iterator[Any]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _tensors(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _tensors(each)

"""What a walk of the predictor remembers, by name, and a new walk's state filled with it."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..walks import Kind, Place, Tensors, packed, unpacked
from .memory import PROMPTS, TRACKED, State

if TYPE_CHECKING:
    from .model import Model

VERSION = 1
FIELDS = ("maskmem_features", "obj_ptr")  # of an output, what later frames look at


def packed_walk(model: Model, state: State, place: Place) -> bytes:
    """A walk between two steps, as bytes."""
    return packed(_kind(model, state), place, {"objects": list(state["obj_ids"])}, _remembered(state))


def unpacked_walk(model: Model, state: State, snapshot: bytes) -> Place:
    """Fill a new walk's state with a snapshot; where it stands.

    Raises:
        InputCorruptError: it is none of ours, was cut short, or was made with another model, size or precision.
    """

    def fill(facts: Mapping[str, Any], tensors: Tensors) -> None:
        _fill(model, state, facts["objects"], tensors)

    return unpacked(_kind(model, state), snapshot, model.device, fill)


def _kind(model: Model, state: State) -> Kind:
    return Kind("sam2", VERSION, model.identity, state["picture_size"])


def _remembered(state: State) -> Iterator[tuple[str, Any]]:
    for given, outputs in state["output_dict_per_obj"].items():
        for kind in (PROMPTS, TRACKED):
            for index, output in outputs[kind].items():
                for name in FIELDS:
                    if output[name] is not None:
                        yield f"{given}:{kind}:{index}:{name}", output[name]
    for number, tensor in enumerate(state["constants"].get("maskmem_pos_enc", [])):
        yield f"-:-:{number}:place", tensor


def _fill(model: Model, state: State, names: list[str], tensors: Tensors) -> None:
    places = [tensors.pop(key) for key in list(tensors) if key.startswith("-:")]
    if places:
        state["constants"]["maskmem_pos_enc"] = places
    for name in names:
        model.predictor._obj_id_to_idx(state, name)  # noqa: SLF001 - how sam2 itself takes in objects
    for key, tensor in tensors.items():
        given, kind, index, name = key.split(":")
        outputs = state["output_dict_per_obj"][int(given)][kind]
        empty = {"maskmem_features": None, "maskmem_pos_enc": None, "pred_masks": None}
        output = outputs.setdefault(int(index), empty)
        output[name] = tensor
        if name == "maskmem_features":
            output["maskmem_pos_enc"] = places

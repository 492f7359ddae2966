"""A walk as bytes: an uncompressed ``npz`` of plain arrays, without objects that run; the same walk, the same bytes."""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....schema.errors import BadRequestError, InputCorruptError
from .memory import PROMPTS, TRACKED, State

if TYPE_CHECKING:
    from .model import Model

KIND, VERSION = "shotmill sam2 walk", 1
FIELDS = ("maskmem_features", "obj_ptr")  # of an output, what later frames look at
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Place:
    """Where a walk stands.

    Attributes:
        index: how many frames it has gone; -1 before the first.
        frame: the number of the frame it stands on.
        direction: 1 or -1; 0 while it is not known.
    """

    index: int = -1
    frame: int = 0
    direction: int = 0

    def next(self, frame: int) -> Place:
        """Where the walk stands after a step to this frame.

        Raises:
            BadRequestError: that would be a step back, or none.
        """
        if self.index < 0:
            return replace(self, index=0, frame=frame)
        step = frame - self.frame
        if step == 0 or step * self.direction < 0:
            raise BadRequestError(
                f"a walk that stands on frame {self.frame} cannot go on to frame {frame}; each direction is a walk",
                frame=frame,
            )
        return Place(self.index + abs(step), frame, 1 if step > 0 else -1)


def packed_walk(model: Model, state: State, place: Place) -> bytes:
    """A walk between two steps, as bytes."""
    arrays: dict[str, Any] = {}
    for key, tensor in _remembered(state):
        dtype = str(tensor.dtype).removeprefix("torch.")
        arrays[f"{key}:{dtype}:{','.join(map(str, tensor.shape))}"] = (
            tensor.contiguous().cpu().flatten().view(torch.uint8).numpy()
        )
    head = {
        "kind": KIND,
        "version": VERSION,
        "model": model.identity,
        "size": list(state["picture_size"]),
        "objects": list(state["obj_ids"]),
        "place": asdict(place),
    }
    arrays["head"] = np.frombuffer(json.dumps(head, sort_keys=True).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def unpacked_walk(model: Model, state: State, snapshot: bytes) -> Place:
    """Fill a new walk's state with a snapshot; where it stands.

    Raises:
        InputCorruptError: it is none of ours, was cut short, or was made with another model, size or precision.
    """
    try:
        with np.load(io.BytesIO(snapshot), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        head = json.loads(arrays.pop("head").tobytes())
        found = head["kind"], head["version"], head["model"], head["size"]
        wanted = KIND, VERSION, model.identity, list(state["picture_size"])
        if found == wanted:
            _fill(model, state, head["objects"], arrays)
            return Place(**head["place"])
    except (
        OSError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RuntimeError,
        zipfile.BadZipFile,
    ) as error:
        raise InputCorruptError(
            f"the snapshot of a sam2 walk is none of ours, or not whole ({type(error).__name__})",
            hint="run the chunk before this one again",
        ) from error
    told = "; ".join(f"{one}, not {other}" for one, other in zip(found, wanted, strict=True) if one != other)
    raise InputCorruptError(
        f"the snapshot is of another walk: {told}", hint="run the chunk before this one again with the same settings"
    )


def _remembered(state: State) -> Iterator[tuple[str, Any]]:
    for given, outputs in state["output_dict_per_obj"].items():
        for kind in (PROMPTS, TRACKED):
            for index, output in outputs[kind].items():
                for name in FIELDS:
                    if output[name] is not None:
                        yield f"{given}:{kind}:{index}:{name}", output[name]
    for number, tensor in enumerate(state["constants"].get("maskmem_pos_enc", [])):
        yield f"-:-:{number}:place", tensor


def _fill(model: Model, state: State, names: list[str], arrays: dict[str, Any]) -> None:
    tensors = {}
    for key, raw in arrays.items():
        name, dtype, shape = key.rsplit(":", 2)
        plain = torch.from_numpy(raw.copy()).view(DTYPES[dtype])
        tensors[name] = plain.reshape([int(side) for side in shape.split(",")]).to(model.device)
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

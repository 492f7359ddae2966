"""What a walk is to every model that follows objects: where it stands, what it may be told, and what it is as bytes.

The bytes are an uncompressed ``npz`` of plain arrays, without objects that run; the same walk, the same bytes.
"""

# Torch and its kin are an extra.
# pyright: reportMissingImports=false

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...pipeline.roto.backend import Hint, Mask
from ...schema.errors import BadRequestError, InputCorruptError

if TYPE_CHECKING:
    from ...pipeline.roto.backend import Picture

Tensors = dict[str, Any]
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


@dataclass(frozen=True)
class Kind:
    """What two walks must share, so that one goes on from the other's snapshot.

    Attributes:
        backend: that walks.
        version: of what is in its snapshots.
        model: its identity: weights, size, precision.
        size: width and height of the pictures.
    """

    backend: str
    version: int
    model: str
    size: tuple[int, int]

    def listed(self) -> dict[str, Any]:
        """As it stands in a snapshot."""
        kind = f"shotmill {self.backend} walk"
        return {"kind": kind, "version": self.version, "model": self.model, "size": list(self.size)}


def packed(kind: Kind, place: Place, facts: Mapping[str, Any], tensors: Iterable[tuple[str, Any]]) -> bytes:
    """A walk between two steps, as bytes.

    Args:
        kind: of the walk.
        place: where it stands.
        facts: what else JSON can say of it.
        tensors: by name, in an order that the walk alone determines.
    """
    arrays: dict[str, Any] = {}
    for name, tensor in tensors:
        dtype = str(tensor.dtype).removeprefix("torch.")
        arrays[f"{name}:{dtype}:{','.join(map(str, tensor.shape))}"] = (
            tensor.contiguous().cpu().flatten().view(torch.uint8).numpy()
        )
    head = {**kind.listed(), **facts, "place": asdict(place)}
    arrays["head"] = np.frombuffer(json.dumps(head, sort_keys=True).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def unpacked(kind: Kind, snapshot: bytes, device: Any, fill: Callable[[Mapping[str, Any], Tensors], None]) -> Place:
    """Where a walk stands of which these are the bytes.

    Args:
        kind: that the walk must be of.
        snapshot: of ``packed``.
        device: of torch, for the tensors.
        fill: takes in the facts, and the tensors by name; what it finds lacking or misshapen it may trip over.

    Raises:
        InputCorruptError: it is none of ours, was cut short, or was made with another model, size or precision.
    """
    wanted = kind.listed()
    try:
        with np.load(io.BytesIO(snapshot), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        head = json.loads(arrays.pop("head").tobytes())
        found = {name: head[name] for name in wanted}
        if found == wanted:
            fill(head, dict(_tensor(key, raw, device) for key, raw in arrays.items()))
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
            f"the snapshot of a {kind.backend} walk is none of ours, or not whole ({type(error).__name__})",
            hint="run the chunk before this one again",
        ) from error
    told = "; ".join(f"{found[name]}, not {wanted[name]}" for name in wanted if found[name] != wanted[name])
    raise InputCorruptError(
        f"the snapshot is of another walk: {told}", hint="run the chunk before this one again with the same settings"
    )


def _tensor(key: str, raw: Any, device: Any) -> tuple[str, Any]:
    name, dtype, shape = key.rsplit(":", 2)
    plain = torch.from_numpy(raw.copy()).view(DTYPES[dtype])
    return name, plain.reshape([int(side) for side in shape.split(",")]).to(device)


def check_step(
    frame: int, picture: Picture, hints: Mapping[str, Hint], *, size: tuple[int, int], begun: Collection[str]
) -> None:
    """Refuse a step that no walk can go.

    Raises:
        BadRequestError: the picture has another size than the walk's, or an object is corrected before it began.
    """
    width, height = size
    if picture.shape != (height, width, 3):
        raise BadRequestError(
            f"the picture of frame {frame} is {picture.shape[1]}x{picture.shape[0]}, the walk's are {width}x{height}",
            frame=frame,
        )
    early = [name for name, hint in hints.items() if hint.corrects and hint.mask is None and name not in begun]
    if early:
        raise BadRequestError(
            f"object {early[0]!r} is corrected on frame {frame}, before it has begun",
            hint="say on an earlier frame of the walk where it is, or do not call this a correction",
            frame=frame,
            object=early[0],
        )


def given_back(mask: Mask, hint: Hint | None) -> Mask:
    """The mask itself where one alone was given: it is finer than what a model makes of it."""
    if hint is None or hint.mask is None or hint.points or hint.box is not None:
        return mask
    return Mask(hint.mask, 1.0 if not mask.reason else mask.confidence, mask.reason)

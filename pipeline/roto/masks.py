"""Masks as bytes and files, and what can be said of a mask alone: its edge, its size, where two of them meet."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...schema.errors import EmptyMaskError, InputCorruptError
from ..hashes import new_hash
from .backend import Mask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"SMMASK01"
CHECK = 16  # bytes of an xxh128
FAR = 16.0  # logits are kept up to here: what lies further from the edge is as sure as this
MAX_SIDE = 65_536
MAX_HEADER = 4096
LEAST_PIXELS = 9  # 3 by 3: what is smaller is noise


def pack_mask(mask: Mask) -> bytes:
    """A mask as bytes: halves up to ``FAR``, packed, with a checksum; the same mask gives the same bytes."""
    import numpy as np  # noqa: PLC0415 - heavy

    height, width = mask.logits.shape
    words = {"confidence": round(float(mask.confidence), 6), "height": height, "reason": mask.reason, "width": width}
    header = json.dumps(words, sort_keys=True).encode()
    halves = np.clip(mask.logits, -FAR, FAR).astype("<f2")
    body = struct.pack("<I", len(header)) + header + zlib.compress(halves.tobytes(), 1)
    return MAGIC + _check(body) + body


def unpack_mask(content: bytes, *, name: str = "mask") -> Mask:
    """The mask that ``pack_mask`` packed.

    Raises:
        InputCorruptError: these are other bytes, or they were cut off.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    start = len(MAGIC) + CHECK
    body = content[start:]
    if content[: len(MAGIC)] != MAGIC or content[len(MAGIC) : start] != _check(body):
        raise InputCorruptError(f"{name} is no whole mask; run its task again", path=name)
    length = struct.unpack("<I", body[:4])[0]
    words: dict[str, Any] = json.loads(body[4 : 4 + min(length, MAX_HEADER)])
    height, width = int(words["height"]), int(words["width"])
    if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE):
        raise InputCorruptError(f"{name} claims {width}x{height} pixels; run its task again", path=name)
    plain = zlib.decompressobj().decompress(body[4 + length :], height * width * 2)
    halves = np.frombuffer(plain, dtype="<f2")
    if halves.size != height * width:
        raise InputCorruptError(f"{name} is short; run its task again", path=name)
    logits = halves.reshape(height, width).astype(np.float32)
    return Mask(logits, float(words["confidence"]), str(words["reason"]))


def _check(body: bytes) -> bytes:
    hasher = new_hash()
    hasher.update(body)
    return bytes(hasher.digest())


def edge_distance(inside: NDArray[np.bool_], *, far: float = FAR) -> NDArray[np.float32]:
    """How far each pixel's centre is from the edge, in pixels: (h, w) float32, above 0 inside, ``far`` at most.

    All inside or all outside is ``far`` away from any edge.
    """
    import cv2  # noqa: PLC0415 - heavy
    import numpy as np  # noqa: PLC0415 - heavy

    solid = inside.astype(np.uint8)
    if not solid.any() or solid.all():
        return np.full(solid.shape, far if solid.any() else -far, dtype=np.float32)
    within = cv2.distanceTransform(solid, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    around = cv2.distanceTransform(1 - solid, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    signed = np.where(solid > 0, within - 0.5, 0.5 - around)  # the edge lies between two centres
    return np.asarray(np.clip(signed, -far, far), dtype=np.float32)


def refuse_empty(mask: Mask, *, name: str, frame: int) -> None:
    """Stop where next to nothing was found.

    Raises:
        EmptyMaskError: names object and frame.
    """
    count = int((mask.logits > 0).sum())
    if count < LEAST_PIXELS:
        raise EmptyMaskError(
            f"object {name!r}: {count} pixels were found on frame {frame}; say better where it is, with points inside "
            "and outside of it or with a box",
            object=name,
            frame=frame,
            hint="submit again with more prompts",
        )


def join_masks(passes: Sequence[tuple[int, Mask]]) -> Mask:
    """One mask of those that several walks brought to a frame.

    Args:
        passes: of each walk, how many frames ago it was told where the object is, and its mask. One that was told on
            this very frame is the mask; else the two nearest count.

    Returns:
        Where both agree, logits between theirs, of which the nearer one's count more, in proportion. Where they do not,
        one of them: the nearer, unless it is less sure by more than it is nearer; the confidence is their overlap.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    ordered = sorted(passes, key=lambda one: one[0])
    if len(ordered) == 1 or ordered[0][0] == 0:
        return ordered[0][1]
    (near, one), (far, other) = ordered[:2]
    common = overlap(one.logits > 0, other.logits > 0)
    if common < AGREE:
        # Logits between theirs would be neither: where one lost the object, a mask that is far too small.
        taken = other if other.confidence * near > one.confidence * far else one
        reason = f"walks from prompts {near} and {far} frames away agree by {common:.0%} only"
        return Mask(taken.logits, min(taken.confidence, common), reason)
    share = far / (near + far)
    logits = np.asarray(one.logits * share + other.logits * (1 - share), dtype=np.float32)
    sure = one.confidence * share + other.confidence * (1 - share)
    return Mask(logits, sure, "" if sure >= AGREE else one.reason or other.reason)


AGREE = 0.9  # of two walks' masks, common over all: less is worth a look


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """What two masks have in common, over all that either has: 0..1; two empty ones agree."""
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 1.0

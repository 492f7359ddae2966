"""A movie's frame as its codec stores it: planes of codes, nothing converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

AVCOL_RANGE_JPEG = 2  # libavutil/pixfmt.h: full range
_YUV, _RGB = ("Y", "Cb", "Cr", "A"), ("R", "G", "B", "A")  # in the order of FFmpeg's components
BYTE_BITS, MOST_BITS = 8, 16


@dataclass(frozen=True)
class Plane:
    """One channel of a frame.

    Attributes:
        name: ``Y``, ``Cb``, ``Cr``, ``R``, ``G``, ``B`` or ``A``.
        codes: (h, w) uint8 or uint16; chroma may be smaller than luma.
        bits: of a code.
        is_full: whether its range is full, from the first code to the last, rather than that of video.
    """

    name: str
    codes: NDArray[Any]
    bits: int
    is_full: bool


def planes_of(frame: Any) -> list[Plane]:
    """The planes of a decoded frame, as stored; those of packed formats are taken apart into R, G and B.

    Args:
        frame: of PyAV; what is handed out is a copy.
    """
    parts, names = frame.format.components, _RGB if frame.format.is_rgb else _YUV
    if not _holds_codes(frame):
        return _unpacked(frame)
    is_full = frame.format.is_rgb or _is_full(frame)
    return [
        Plane(name, _codes(frame.planes[part.plane], part.bits), part.bits, is_full or name == "A")
        for name, part in zip(names, parts, strict=False)
    ]


def _holds_codes(frame: Any) -> bool:
    """Whether each plane holds one channel, as integers in whole bytes with the low byte first."""
    form = frame.format
    is_float = "f32" in form.name or "f16" in form.name
    one_each = len(frame.planes) == len(form.components) and not form.has_palette and not form.is_bit_stream
    return bool(one_each and not form.is_big_endian and not is_float and not form.name.startswith("xyz"))


def _is_full(frame: Any) -> bool:
    return int(frame.color_range or 0) == AVCOL_RANGE_JPEG or frame.format.name.startswith("yuvj")


def _codes(plane: Any, bits: int) -> NDArray[Any]:
    kind = np.dtype(np.uint8 if bits <= BYTE_BITS else "<u2")
    rows = np.frombuffer(plane, dtype=kind).reshape(-1, plane.line_size // kind.itemsize)
    return rows[: plane.height, : plane.width].copy()


def _unpacked(frame: Any) -> list[Plane]:
    deep = max(part.bits for part in frame.format.components) > BYTE_BITS
    pixels, bits = frame.to_ndarray(format="rgb48le" if deep else "rgb24"), MOST_BITS if deep else BYTE_BITS
    return [Plane(name, pixels[:, :, at].copy(), bits, is_full=True) for at, name in enumerate("RGB")]

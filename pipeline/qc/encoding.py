"""What codes and values of a channel mean: where black and white lie, where the encoding ends, and what is legal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

BYTE_BITS = 8
# ITU-R BT.709 and BT.2020: legal codes of 8 bits; they are shifted up for more.
BLACK, WHITE, CHROMA_TOP = 16, 235, 240
LARGEST = {2: 65_504.0, 4: 3.4028234663852886e38, 8: 1.7976931348623157e308}  # IEEE 754, by bytes
CHROMA = frozenset({"Cb", "Cr"})


@dataclass(frozen=True)
class Encoding:
    """One channel's encoding, in its own codes or values.

    Attributes:
        black, white: levels 0 and 1.
        lowest, highest: the ends, at which something may be cut off; None: it has no such end.
        legal: the lowest and the highest legal code; None: all are.
        is_picture: whether people see it as brightness: no alpha, no chroma.
    """

    black: float
    white: float
    lowest: float | None
    highest: float | None
    legal: tuple[float, float] | None = None
    is_picture: bool = True

    @classmethod
    def of_image(cls, dtype: DTypeLike, channel: str) -> Encoding:
        """The encoding of an image's channel: integers fill their type, floating point has white at 1."""
        kind = np.dtype(dtype)
        is_picture = channel.rpartition(".")[2].lower() not in {"a", "alpha"}
        if kind.kind == "f":
            return cls(0.0, 1.0, None, LARGEST[kind.itemsize] if is_picture else None, is_picture=is_picture)
        top = float(2 ** (BYTE_BITS * kind.itemsize) - 1)
        return cls(0.0, top, 0.0 if is_picture else None, top if is_picture else None, is_picture=is_picture)

    @classmethod
    def of_plane(cls, channel: str, bits: int, *, is_full: bool) -> Encoding:
        """The encoding of a movie's plane."""
        up = float(2 ** (bits - BYTE_BITS))
        is_picture = channel not in CHROMA and channel != "A"
        black, white = (0.0, float(2**bits - 1)) if is_full else (BLACK * up, WHITE * up)
        if not is_full and channel in CHROMA:
            white = CHROMA_TOP * up
        legal = None if is_full else (black, white)
        lowest, highest = (black, white) if is_picture else (None, None)
        return cls(black, white, lowest, highest, legal, is_picture)

    def level(self, value: float) -> float:
        """A code or value, as a level: 0 is black, 1 is white."""
        return (value - self.black) / (self.white - self.black)

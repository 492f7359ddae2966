"""What a frame looks like in a few hundred numbers: enough to tell whether another is the same, or only brighter.

Two pictures of it are kept: a small one, in which an object that moves shows, and single pixels of the large one, in
which grain shows. A frozen frame equals the one before in both; a still camera's frames differ in their grain.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..hashes import new_hash

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .encoding import Encoding

    Codes = NDArray[np.uint16]
    Levels = NDArray[np.float32]

WIDTH, HEIGHT = 48, 27
STEPS = 16_384  # of a code between black and white; four times white is the brightest that is told apart
LARGEST = 65_504.0  # of a half
MANY_ROWS = 20 * HEIGHT  # ten rows and more of each part are looked at
SHOWN = 1 / 2.4  # floating point is encoded so, as displays are: equal steps look equal


@dataclass(frozen=True)
class Signature:
    """What a frame looks like.

    Attributes:
        content: hash of its pixels.
        small: (HEIGHT * WIDTH,) mean levels of its parts, as seen, in ``STEPS``.
        dots: as many single pixels of it, in the same.
    """

    content: str
    small: Codes
    dots: Codes

    @property
    def brightness(self) -> float:
        """Mean level, as seen."""
        return round(float(self.small.mean(dtype=np.float64)) / STEPS, 6)

    def packed(self) -> str:
        """Both pictures as text."""
        both = np.concatenate([self.small, self.dots]).astype("<u2")
        return base64.b64encode(both.tobytes()).decode("ascii")

    @classmethod
    def unpacked(cls, content: str, text: str) -> Signature:
        """The signature that ``packed`` made a text of."""
        both = np.frombuffer(base64.b64decode(text), dtype="<u2").astype(np.uint16)
        return cls(content, both[: WIDTH * HEIGHT], both[WIDTH * HEIGHT :])


def sign(
    planes: Sequence[NDArray[Any]], encodings: Sequence[Encoding], *, is_plain: bool
) -> tuple[Signature, list[float]]:
    """The signature of a frame, and the mean of each channel in its own values; what is no number counts as 0.

    Args:
        planes: (h, w, c) arrays: all channels of an image, or one of a movie; what is hashed is all of them.
        encodings: of all channels, plane by plane.
        is_plain: whether all values are finite and none is beyond a half's largest.
    """
    hasher = new_hash()
    smalls: list[Levels] = []
    for plane in planes:
        whole = np.ascontiguousarray(plane)
        hasher.update(f"{whole.shape} {whole.dtype}\n".encode())
        hasher.update(whole)
        smalls += list(np.moveaxis(_small(whole if is_plain else _plain(whole)), -1, 0))
    shown = [at for at, encoding in enumerate(encodings) if encoding.is_picture] or [0]
    levels = np.mean([_level(smalls[at], encodings[at]) for at in shown], axis=0)
    flat = [plane[:, :, at] for plane in planes for at in range(plane.shape[2])]
    is_float = flat[0].dtype.kind == "f"
    dots = _dots([flat[at] for at in shown], [encodings[at] for at in shown])
    means = [float(small.mean(dtype=np.float64)) for small in smalls]
    return Signature(hasher.hexdigest(), _codes(levels, is_float=is_float), _codes(dots, is_float=is_float)), means


def _plain(pixels: NDArray[Any]) -> NDArray[Any]:
    zero, most = pixels.dtype.type(0), pixels.dtype.type(LARGEST)
    return np.asarray(np.clip(np.where(np.isfinite(pixels), pixels, zero), -most, most))


def _small(pixels: NDArray[Any]) -> Levels:
    """(HEIGHT, WIDTH, c) means in the pixels' own values; of every second row, where there are many."""
    from ..images import shrink  # noqa: PLC0415 - OpenImageIO; only measuring needs it

    small = shrink(pixels[:: 2 if len(pixels) >= MANY_ROWS else 1], WIDTH, HEIGHT)
    return small * np.float32(np.iinfo(pixels.dtype).max) if pixels.dtype.kind == "u" else small


def _dots(planes: Sequence[NDArray[Any]], encodings: Sequence[Encoding]) -> Levels:
    """Single pixels on a grid, each of the next channel."""
    found = np.empty(WIDTH * HEIGHT, dtype=np.float32)
    for at, (plane, encoding) in enumerate(zip(planes, encodings, strict=True)):
        height, width = plane.shape
        rows = (np.arange(HEIGHT) * 2 + 1) * height // (2 * HEIGHT)
        columns = (np.arange(WIDTH) * 2 + 1) * width // (2 * WIDTH)
        grid = plane[np.ix_(rows, columns)].astype(np.float32).reshape(-1)
        grid[~np.isfinite(grid)] = 0
        found[at :: len(planes)] = _level(grid, encoding)[at :: len(planes)]
    return found


def _level(values: Levels, encoding: Encoding) -> Levels:
    low, high = np.float32(encoding.black), np.float32(encoding.white)
    return np.asarray((values - low) / (high - low), dtype=np.float32)


def _codes(levels: Levels, *, is_float: bool) -> Codes:
    seen = np.maximum(levels, 0)
    seen = seen ** np.float32(SHOWN) if is_float else seen
    return np.asarray(np.rint(np.minimum(seen * np.float32(STEPS), 65_535)), dtype=np.uint16).reshape(-1)


def is_same(one: Signature, other: Signature, *, by: float) -> bool:
    """Whether two frames are the same: by content, or, where ``by`` is more than 0, but for so small a level.

    No part of the small pictures may differ by more than twice that, nor the single pixels on average by more.
    """
    if one.content == other.content:
        return True
    if by <= 0:
        return False
    limit = by * STEPS
    small = np.abs(one.small.astype(np.int32) - other.small)
    if small.max() > 2 * limit:
        return False
    dots = np.abs(one.dots.astype(np.int32) - other.dots)
    return bool(dots.mean() <= limit)


@dataclass(frozen=True)
class Change:
    """How the same picture became brighter.

    Attributes:
        stops: of light, by which all of it became brighter.
        contrast: by which its logarithms were stretched; 1 is not at all; None: it has too little to tell.
        misfit: stops that the parts lie off from that on average; large where the picture is another.
    """

    stops: float
    contrast: float | None
    misfit: float


LEAST = 0.05  # levels below it say little of light
FEW = 100  # parts that are bright enough
GAMMA = 2.4  # of levels, back to light
ALIKE = 0.8  # correlation of two pictures that show the same
SPREAD = 0.3  # stops over which parts must be spread for a contrast to be told


def change_between(before: Signature, after: Signature) -> Change | None:
    """How one picture became the other; None where too little of it is bright enough to tell."""
    first, second = before.small / np.float64(STEPS), after.small / np.float64(STEPS)
    bright = (first > LEAST) & (second > LEAST) & (first < 3) & (second < 3)  # noqa: PLR2004 - what is cut off at 4
    if np.count_nonzero(bright) < FEW:
        return None
    x, y = GAMMA * np.log2(first[bright]), GAMMA * np.log2(second[bright])
    across, up = x - x.mean(), y - y.mean()
    spread, other = float(across.std()), float(up.std())
    is_told = spread > SPREAD and float((across * up).mean()) > ALIKE * spread * other
    contrast = other / spread if is_told else None  # what only moves keeps its spread
    misfit = float(np.abs(up - (1.0 if contrast is None else contrast) * across).mean())
    return Change(float(y.mean() - x.mean()), contrast, misfit)

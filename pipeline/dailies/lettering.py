"""Letters on frames of movies: quick enough for each frame, and as bright as the white of a page on any display."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..drawing import Colour
from ..images import text_mask

PLAIN, BOLD, MONO = "DroidSans", "DroidSans-Bold", "DroidSansMono"
LARGEST_8, LARGEST_16 = 255, 65535
PROBE_PX = 16  # height at which a letter is looked for in the font


@dataclass(frozen=True)
class Pen:
    """What colours for people, 0..255, are as code values.

    Attributes:
        deep: code values have 16 bits rather than 8.
        white: where the white of a page lies, of the largest code value.
    """

    deep: bool = False
    white: float = 1.0

    @property
    def dtype(self) -> type[np.uint8 | np.uint16]:
        """Of pictures that it writes on."""
        return np.uint16 if self.deep else np.uint8

    def colour(self, colour: Colour) -> tuple[int, int, int]:
        """The code values of a colour."""
        scale = self.white * (LARGEST_16 / LARGEST_8 if self.deep else 1.0)
        red, green, blue = (round(part * scale) for part in colour)
        return red, green, blue

    def blank(self, size: tuple[int, int], colour: Colour) -> NDArray[Any]:
        """A picture of one colour, (h, w, 3)."""
        return np.full((size[1], size[0], 3), self.colour(colour), dtype=self.dtype)


def typed(text: str, size_px: int) -> NDArray[np.float32]:
    """How much of each pixel a line covers, every letter as wide as the other, from masks of single letters.

    A number that counts from frame to frame costs ten masks, and not one for each frame.
    """
    advance = typed_advance(size_px)
    height = text_mask("0", size_px, font=MONO).shape[0]
    line = np.zeros((height, max(1, advance * len(text))), dtype=np.float32)
    for index, letter in enumerate(text):
        if letter == " ":
            continue
        mask = text_mask(letter, size_px, font=MONO)
        left = index * advance
        width = min(mask.shape[1], line.shape[1] - left)
        np.maximum(line[:, left : left + width], mask[:, :width], out=line[:, left : left + width])
    return line


def typed_advance(size_px: int) -> int:
    """How wide each letter is."""
    two, one = (int(text_mask(text, size_px, font=MONO).shape[1]) for text in ("00", "0"))
    return max(two - one, 1)


@functools.lru_cache(maxsize=4096)
def _letter(letter: str) -> str:
    """What is drawn for a letter: itself, where the font has it, else the plain one below its accents, else ``?``."""
    if letter.isascii() or text_mask(letter, PROBE_PX).max() > 0:
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if part.isascii())
    return plain or ("" if unicodedata.combining(letter) else "?")


def drawable(text: str) -> str:
    """Text as the font can draw it; no letter vanishes."""
    return "".join(map(_letter, text))


def shortened(text: str, letters: int) -> str:
    """Text of so many letters at most, cut in the middle."""
    if len(text) <= letters:
        return text
    keep = max(letters - 2, 0)
    return text[: (keep + 1) // 2] + ".."[: max(letters, 0)] + text[len(text) - keep // 2 :]


def wrapped(text: str, size_px: int, room_px: int, lines: int) -> list[str]:
    """Text in lines that fit into ``room_px``: broken between words, or inside one that fills a line by itself.

    Args:
        text: of any length.
        size_px: height of the font.
        room_px: width of a line.
        lines: at most; the last one ends in dots where something is left out.
    """
    made: list[str] = []
    rest = text.strip()
    while rest and len(made) < lines:
        fits = _fitting(rest, size_px, room_px)
        head = rest[:fits]
        if fits < len(rest) and not rest[fits].isspace() and " " in head.strip():
            head = head[: head.rindex(" ")]
        made.append(head.strip())
        rest = rest[len(head) :].strip()
    if rest and made:
        kept = _fitting(made[-1] + " ...", size_px, room_px)
        made[-1] = made[-1][: max(kept - 4, 0)].rstrip() + " ..."
    return made


def _fitting(text: str, size_px: int, room_px: int) -> int:
    """How many of the first letters fit into a line; at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_mask(text[:middle], size_px).shape[1] <= room_px:
            low = middle
        else:
            high = middle - 1
    return low

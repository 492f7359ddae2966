"""Letters on frames of movies: quick enough for each frame, and as bright as the white of a page on any display."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..drawing import Colour
from ..images import Font, has_letter, text_mask

PLAIN, BOLD, MONO = "DroidSans", "DroidSans-Bold", "DroidSansMono"
LARGEST_8, LARGEST_16 = 255, 65535
UNSEEN = frozenset({"Mn", "Me", "Cf"})  # categories of letters that only change others, or join them
WIDE = frozenset({"W", "F"})  # letters of East Asia, and emoji, take two places


@dataclass(frozen=True)
class Pen:
    """What colours for people, 0..255, are as code values.

    Attributes:
        deep: code values have 16 bits rather than 8.
        white: where the white of a page lies, of the largest code value.
        spare: path of a font for letters that the built-in ones lack; empty: none.
    """

    deep: bool = False
    white: float = 1.0
    spare: str = ""

    def font(self, name: str) -> Font:
        """A built-in font, and after it the one for what it lacks."""
        return (name, self.spare) if self.spare else name

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


def typed(text: str, size_px: int, *, font: Font = MONO) -> NDArray[np.float32]:
    """How much of each pixel a line covers, every letter as wide as the other, from masks of single letters.

    A number that counts from frame to frame costs ten masks, and not one for each frame.
    """
    advance = typed_advance(size_px)
    height = text_mask("0", size_px, font=MONO).shape[0]
    line = np.zeros((height, max(1, advance * cells(text))), dtype=np.float32)
    left = 0
    for letter in text:
        if letter != " ":
            mask = text_mask(letter, size_px, font=font)
            width = min(mask.shape[1], line.shape[1] - left)
            np.maximum(line[:, left : left + width], mask[:, :width], out=line[:, left : left + width])
        left += advance * cells(letter)
    return line


def typed_advance(size_px: int) -> int:
    """How wide each letter is."""
    two, one = (int(text_mask(text, size_px, font=MONO).shape[1]) for text in ("00", "0"))
    return max(two - one, 1)


def cells(text: str) -> int:
    """How many places a line takes where every letter has one, and wide ones two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(letter) in WIDE for letter in text)


@functools.lru_cache(maxsize=4096)
def _letter(letter: str, font: Font) -> str:
    """What is drawn for a letter: itself, where a font has it, else the plain one below its accents, else ``?``."""
    if letter.isascii() or has_letter(letter, font):
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if part.isascii())
    return plain or ("" if unicodedata.category(letter) in UNSEEN else "?")


def drawable(text: str, font: Font = PLAIN) -> str:
    """Text as a font can draw it; no letter vanishes."""
    return "".join(_letter(letter, font) for letter in text)


def lacking(text: str, font: Font = PLAIN) -> str:
    """The letters for which a ``?`` is drawn, each once."""
    return "".join(dict.fromkeys(one for one in text if _letter(one, font) == "?" != one))


def shortened(text: str, room: int) -> str:
    """Text of so many places at most, cut in the middle."""
    if cells(text) <= room:
        return text
    for keep in range(min(len(text), room - 2), -1, -1):
        cut = text[: (keep + 1) // 2] + ".." + text[len(text) - keep // 2 :]
        if cells(cut) <= room:
            return cut
    return ".."[: max(room, 0)]


def wrapped(text: str, size_px: int, room_px: int, lines: int, *, font: Font = PLAIN) -> list[str]:
    """Text in lines that fit into ``room_px``: broken between words, or inside one that fills a line by itself.

    Args:
        text: of any length.
        size_px: height of the font.
        room_px: width of a line.
        lines: at most; the last one ends in dots where something is left out.
        font: that it is drawn with.
    """
    made: list[str] = []
    rest = text.strip()
    while rest and len(made) < lines:
        fits = _fitting(rest, size_px, room_px, font)
        head = rest[:fits]
        if fits < len(rest) and not rest[fits].isspace() and " " in head.strip():
            head = head[: head.rindex(" ")]
        made.append(head.strip())
        rest = rest[len(head) :].strip()
    if rest and made:
        kept = _fitting(made[-1] + " ...", size_px, room_px, font)
        made[-1] = made[-1][: max(kept - 4, 0)].rstrip() + " ..."
    return made


def _fitting(text: str, size_px: int, room_px: int, font: Font) -> int:
    """How many of the first letters fit into a line; at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_mask(text[:middle], size_px, font=font).shape[1] <= room_px:
            low = middle
        else:
            high = middle - 1
    return low

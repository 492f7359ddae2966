"""Pixels as a file stores them: its own type, its own data window, nothing scaled or filled in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .read import Header, Limits, Pixels, colour_channels, header_of, open_image, read_channels, refuse_large


@dataclass(frozen=True)
class Stored:
    """What one file holds.

    Attributes:
        pixels: (h, w, c) of the data window, as half, float32, uint16 or uint8; more than 8 bits fill 16.
        header: its own.
        channels: names of those that were read: R, G and B, or the one that there is, and alpha.
    """

    pixels: Pixels
    header: Header
    channels: tuple[str, ...]


def read_stored(path: Path, *, limits: Limits | None = None) -> Stored:
    """Read header and colour of a file, which is opened once.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read whole.
        InputTooLargeError: it is larger than the limits allow.
    """
    allowed = limits or Limits()
    source = open_image(path, allowed)
    try:
        header = header_of(source, path)
        wanted = colour_channels(header.channels, alpha=True)
        refuse_large(header, wanted, source.spec(), allowed)
        pixels = read_channels(source, header, wanted)
    finally:
        source.close()
    return Stored(pixels, header, tuple(header.channels[index] for index in wanted))

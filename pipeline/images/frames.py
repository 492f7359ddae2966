"""Frames for tasks that read many of them: as every command reads them, and EXR in half the time.

Of what is damaged, OpenEXR's package prints a line on standard output: only tasks may ask, whose output is a log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..vectors import clear_vectors
from .exr import read_planes
from .read import Header, Image, Limits, Pixels, colour_of, into_display_window, open_image, pixel_type, read_channels


@dataclass(frozen=True)
class Stored:
    """What one file holds: its own type, its own data window, nothing scaled or filled in.

    Attributes:
        pixels: (h, w, c) of the data window, as half, float32, uint16 or uint8; more than 8 bits fill 16.
        header: its own.
        channels: names of those that were read: R, G and B, or the one that there is, and alpha.
    """

    pixels: Pixels
    header: Header
    channels: tuple[str, ...]


def read_frame(path: Path, *, limits: Limits | None = None) -> Image:
    """Read the colour of a frame at the part that is shown, as ``read_image`` does.

    Args:
        path: one file, one frame.
        limits: the largest image that is read.

    Returns:
        (h, w, 3) of the display window, of the type that the file has.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read whole.
        InputTooLargeError: it is larger than the limits allow.
    """
    stored = _read(path, limits or Limits(), alpha=False)
    pixels = stored.pixels
    if len(stored.channels) == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return Image(into_display_window(pixels, stored.header), stored.header, stored.channels)


def read_stored(path: Path, *, limits: Limits | None = None) -> Stored:
    """Read header, colour and alpha of a frame as they are stored; the file is opened once.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read whole.
        InputTooLargeError: it is larger than the limits allow.
    """
    return _read(path, limits or Limits(), alpha=True)


def _read(path: Path, limits: Limits, *, alpha: bool) -> Stored:
    with open_image(path, limits) as source:
        header, wanted = colour_of(source, path, limits, alpha=alpha)
        pixels = read_planes(source, header, wanted, pixel_type(header))
        if pixels is None:
            pixels = read_channels(source, header, wanted)
    clear_vectors()
    return Stored(pixels, header, tuple(header.channels[index] for index in wanted))

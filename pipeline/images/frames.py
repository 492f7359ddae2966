"""Frames for tasks that read many of them: as ``read_image`` reads them, and EXR in half the time."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..vectors import clear_vectors
from .exr import read_planes
from .read import (
    Image,
    Limits,
    colour_channels,
    header_of,
    into_display_window,
    open_image,
    pixel_type,
    read_channels,
    refuse_large,
)


def read_frame(path: Path, *, limits: Limits | None = None) -> Image:
    """Read the colour of a frame at the part that is shown, as ``read_image`` does.

    Of what is damaged, OpenEXR's package prints a line on standard output: only tasks may ask, whose output is a log.

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
    allowed = limits or Limits()
    source = open_image(path, allowed)
    try:
        header = header_of(source, path)
        wanted = colour_channels(header.channels)
        refuse_large(header, wanted, source.spec(), allowed)
        pixels = read_planes(source, header, wanted, pixel_type(header))
        if pixels is None:
            pixels = read_channels(source, header, wanted)
    finally:
        source.close()
    clear_vectors()
    if len(wanted) == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return Image(into_display_window(pixels, header), header, tuple(header.channels[index] for index in wanted))

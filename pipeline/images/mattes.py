"""Mattes: coverage as channels of an EXR that lies over its plate, pixel for pixel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from numpy.typing import NDArray

from ...schema.errors import InputCorruptError
from ...schema.media import Rate, Window
from .read import Header, Limits, header_of, open_image
from .write import FIXED_DATE, write_spec

# Entries of a plate that say what its colours are, or how its own file is made.
_NOT_OF_MATTES = re.compile(
    r"(?:(?:oiio|exif|png|tiff|jpeg|dpx|cineon|webp|tga|bmp|gif):|icc|jfif|(?:colorinteropid|chromaticities|"
    r"whiteluminance|adoptedneutral|compression|name|view|multiview|type|textureformat|wrapmodes|openexr:(?:chunkcount|"
    r"version|levelmode|roundingmode|lineorder|dwacompressionlevel))\Z)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Placed:
    """Where mattes lie when no image file says it, such as over a movie.

    Attributes:
        timecode: of the frame, ``hh:mm:ss:ff``.
    """

    width: int
    height: int
    pixel_aspect: float = 1.0
    rate: Rate | None = None
    timecode: str | None = None


def write_mattes(
    path: Path,
    planes: Mapping[str, NDArray[np.float32]],
    *,
    over: Path | Placed,
    limits: Limits | None = None,
) -> Window:
    """Write mattes as half channels of one ZIP EXR.

    Args:
        path: of the EXR; it appears when it was written whole.
        planes: channel name -> (h, w) float32 coverage over the plate's display window.
        over: the plate's file, whose windows, pixel aspect, timecode, rate and other entries are kept, but for what
            says which colour it has; or what is known of a plate that is no image file.
        limits: the largest image that is read.

    Returns:
        The data window, relative to the display window's upper left corner: the plate's own.

    Raises:
        InputMissingError, InputCorruptError: the plate's file cannot be read.
        DiskFullError, StorageError: the EXR could not be written.
    """
    spec, data = _made(over) if isinstance(over, Placed) else _like(over, limits or Limits())
    spec.nchannels, spec.channelnames = len(planes), tuple(planes)
    spec.channelformats = ()
    spec.set_format(oiio.HALF)
    spec.alpha_channel = spec.z_channel = -1  # coverage that belongs to no colour: nothing is multiplied by it
    spec.tile_width = spec.tile_height = spec.tile_depth = 0
    spec.attribute("compression", "zip")
    spec.attribute("DateTime", spec.getattribute("DateTime") or FIXED_DATE)
    spec.attribute("oiio:ColorSpace", "data")
    stacked = np.stack([plane.astype(np.float16) for plane in planes.values()], axis=-1)
    write_spec(path, spec, _in_window(stacked, data))
    return data


def read_matte(path: Path, channel: str, *, limits: Limits | None = None) -> NDArray[np.float32]:
    """(h, w) float32 of one channel over the display window, found by its name; 0 outside of the data window.

    Raises:
        InputMissingError, InputCorruptError: the file cannot be read, or has no such channel.
    """
    with open_image(path, limits or Limits()) as source:
        header = header_of(source, path)
        if channel not in header.channels:
            known = ", ".join(header.channels)
            raise InputCorruptError(f"matte {path} has no channel {channel!r}; it has: {known}", path=path)
        at = header.channels.index(channel)
        pixels = source.read_image(header.part, 0, at, at + 1, oiio.FLOAT)
        if pixels is None or source.has_error:
            raise InputCorruptError(f"matte {path} cannot be read whole; write it again", path=path)
    return _over_display(np.asarray(pixels, dtype=np.float32).reshape(pixels.shape[:2]), header)


def _made(placed: Placed) -> tuple[Any, Window]:
    spec = oiio.ImageSpec(placed.width, placed.height, 1, oiio.HALF)
    spec.attribute("PixelAspectRatio", float(placed.pixel_aspect))
    if placed.rate is not None:
        spec.attribute("framesPerSecond", oiio.TypeDesc("rational"), (placed.rate.numerator, placed.rate.denominator))
    if placed.timecode is not None:
        spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (_coded(placed.timecode), 0))
    return spec, Window(x=0, y=0, width=placed.width, height=placed.height)


def _coded(timecode: str) -> int:
    """A timecode in binary-coded decimals, frames first, as SMPTE 12M has it."""
    hours, minutes, seconds, frames = (int(part) for part in timecode.replace(";", ":").split(":"))
    coded = 0
    for shift, value in ((0, frames), (8, seconds), (16, minutes), (24, hours)):
        coded |= (value % 10 | value // 10 << 4) << shift
    return coded | ((";" in timecode) << 6)


def _like(path: Path, limits: Limits) -> tuple[Any, Window]:
    with open_image(path, limits) as source:
        header = header_of(source, path)
        spec = oiio.ImageSpec(source.spec())
    for name in [entry.name for entry in spec.extra_attribs if _NOT_OF_MATTES.match(entry.name)]:
        spec.erase_attribute(name)
    if spec.full_width == 0:
        spec.full_width, spec.full_height = header.width, header.height
    return spec, header.data


def _in_window(stacked: NDArray[np.float16], data: Window) -> NDArray[np.float16]:
    """What of a display window lies in a data window; 0 where the data window reaches beyond."""
    height, width = stacked.shape[:2]
    whole = np.zeros((data.height, data.width, stacked.shape[2]), dtype=np.float16)
    left, top = max(data.x, 0), max(data.y, 0)
    right, bottom = min(data.x + data.width, width), min(data.y + data.height, height)
    if left < right and top < bottom:
        whole[top - data.y : bottom - data.y, left - data.x : right - data.x] = stacked[top:bottom, left:right]
    return whole


def _over_display(plane: NDArray[np.float32], header: Header) -> NDArray[np.float32]:
    data = header.data
    whole = np.zeros((header.height, header.width), dtype=np.float32)
    left, top = max(data.x, 0), max(data.y, 0)
    right, bottom = min(data.x + data.width, header.width), min(data.y + data.height, header.height)
    if left < right and top < bottom:
        whole[top:bottom, left:right] = plane[top - data.y : bottom - data.y, left - data.x : right - data.x]
    return whole

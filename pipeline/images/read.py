"""Reading: what an image says of itself, its pixels, and whether it is whole."""

from __future__ import annotations

import math
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from numpy.typing import NDArray

from ...schema.errors import BadRequestError, InputCorruptError, InputMissingError, InputTooLargeError
from ...schema.media import Window
from ..vectors import clear_vectors
from .sources import corrupt, open_source, words_of

Pixels = NDArray[Any]

MIB = 1024 * 1024
WHOLE = 4  # a file may hold so many times what is read of it at once
STRIP = 256  # scanlines: the largest block of an EXR (DWAB)
MAX_PARTS = 1000
CODECS = {"jpeg": "jpg", "openexr": "exr", "tiff": "tiff", "png": "png", "dpx": "dpx"}
LOSSLESS_WITH_CHECKSUM = frozenset({"zip", "zips"})  # zlib carries a checksum, so a flipped bit is noticed


@dataclass(frozen=True)
class Limits:
    """The largest image that is read at all; protects against decompression bombs.

    Attributes:
        max_pixels: of one part of a file.
        max_file_mib: as it lies on the disk.
        max_image_mib: of the channels that are read at once, decoded.
    """

    max_pixels: int = 32_768 * 16_384
    max_file_mib: int = 4096
    max_image_mib: int = 1024

    @property
    def max_whole_mib(self) -> int:
        """Of all parts and channels of a file, decoded."""
        return WHOLE * self.max_image_mib


@dataclass(frozen=True)
class Header:
    """What an image says of itself.

    Attributes:
        width, height: size of the display window in pixels.
        data: the data window, relative to the display window's upper left corner.
        channels: names in file order, of the part that is shown; everything else is that part's as well.
        part: which is shown: the first with R, G and B, else the first with a layer of colour, else the first.
        bits, sample: bits per channel as stored; ``uint`` or ``float``.
        colourspace: the file's own word for its colour space, or None.
        timecode: SMPTE, or None.
    """

    path: Path
    codec: str
    width: int
    height: int
    data: Window
    pixel_aspect: float
    channels: tuple[str, ...]
    bits: int
    sample: str
    parts: int
    part: int
    compression: str
    colourspace: str | None
    timecode: str | None
    rate: float | None


@dataclass(frozen=True)
class Image:
    """Pixels in the display window, with the file's header and the names of the channels that were read."""

    pixels: Pixels
    header: Header
    channels: tuple[str, ...]


def read_header(path: Path, limits: Limits | None = None) -> Header:
    """Read what an image says of itself, and no pixel.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read as an image.
        InputTooLargeError: it claims to be larger than the limits allow.
    """
    with open_image(path, limits or Limits()) as source:
        return header_of(source, path)


def read_image(path: Path, *, channels: int = 3, limits: Limits | None = None) -> Image:
    """Read a picture's colour channels, all of them in one call.

    Args:
        path: one file, one frame.
        channels: 3 for RGB; 4 also reads alpha where there is one.
        limits: the largest image that is read.

    Returns:
        Pixels as half for half files, float32 for float and uint16 for more than 8 bits, else uint8;
        a picture with one channel comes back as three equal ones.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read whole.
        InputTooLargeError: it is larger than the limits allow.
    """
    with open_image(path, limits or Limits()) as source:
        header, wanted = colour_of(source, path, limits or Limits(), alpha=channels > 3)  # noqa: PLR2004 - RGB
        pixels = read_channels(source, header, wanted)
    if len(wanted) == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    names = tuple(header.channels[index] for index in wanted)
    return Image(into_display_window(pixels, header), header, names)


def exr_compression(path: Path, limits: Limits | None = None) -> str:
    """The compression of an EXR file, such as ``zip`` or ``piz``; of several parts, the first that has no checksum.

    Raises:
        InputCorruptError: it is no readable EXR.
    """
    allowed = limits or Limits()
    with open_image(path, allowed) as source:
        found = [str(spec.getattribute("compression") or "none") for spec in part_specs(source, path, allowed)]
    return next((name for name in found if name not in LOSSLESS_WITH_CHECKSUM), found[0])


def check_whole(path: Path, limits: Limits | None = None) -> None:
    """Decode every part and channel of an image strip by strip, and keep nothing: what is damaged is found.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read whole.
        InputTooLargeError: it is larger than the limits allow.
    """
    allowed = limits or Limits()
    with open_image(path, allowed) as source:
        for part, spec in enumerate(part_specs(source, path, allowed)):
            if not all(strip is not None for strip in _strips(source, part, spec)) or source.has_error:
                raise corrupt(path, words_of(source))


def _strips(source: Any, part: int, spec: Any) -> Iterator[Any]:
    if spec.deep:
        yield source.read_native_deep_image(part, 0)
        return
    step = max(STRIP // (spec.tile_height or 1), 1) * (spec.tile_height or 1)
    end = spec.y + spec.height
    for top in range(spec.y, end, step):
        rows = (top, min(top + step, end))
        if spec.tile_width:
            columns = (spec.x, spec.x + spec.width)
            yield source.read_tiles(part, 0, *columns, *rows, spec.z, spec.z + 1, 0, spec.nchannels, oiio.UNKNOWN)
        else:
            yield source.read_scanlines(part, 0, *rows, spec.z, 0, spec.nchannels, oiio.UNKNOWN)


def part_specs(source: Any, path: Path, limits: Limits) -> list[Any]:
    """The specification of each part of an open image.

    Raises:
        InputTooLargeError: a part, or all of them together, are larger than the limits allow.
    """
    specs: list[Any] = []
    size = 0
    while (not specs or source.supports("multiimage")) and source.seek_subimage(len(specs), 0):
        specs.append(oiio.ImageSpec(source.spec()))
        _refuse_pixels(specs[-1], path, limits)
        size += specs[-1].image_bytes(True)  # noqa: FBT003 - OpenImageIO's own form: in the file's own type
        if size > limits.max_whole_mib * MIB or len(specs) > MAX_PARTS:
            raise InputTooLargeError(
                f"image {path} holds {size // MIB} MiB in {len(specs)} parts, {limits.max_whole_mib} MiB in "
                f"{MAX_PARTS} are allowed; if it is honest, raise the setting max_image_mib",
                path=path,
            )
    words_of(source)  # looking for one part more than there is leaves a message behind
    return specs


@contextmanager
def open_image(path: Path, limits: Limits, *hints: Any) -> Iterator[Any]:
    """An OpenImageIO input of a file that is worth opening, opened with OpenImageIO's hints, until the block ends.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read as an image.
        InputTooLargeError: it claims to be larger than the limits allow.
    """
    try:
        facts = path.stat()
    except FileNotFoundError as error:
        raise InputMissingError(f"image {path} is not there; render it or mend the path", path=path) from error
    except OSError as error:
        raise InputMissingError(f"image {path} cannot be reached: {error}", path=path) from error
    if not stat.S_ISREG(facts.st_mode):  # reading a pipe or a device may never end
        raise InputCorruptError(f"image {path} is no file but a folder, a pipe or a device; give a file", path=path)
    if (size := facts.st_size) == 0:
        raise InputCorruptError(f"image {path} has zero bytes; render or copy it again", path=path)
    if size > limits.max_file_mib * MIB:
        raise InputTooLargeError(f"image {path} has {size // MIB} MiB, {limits.max_file_mib} are allowed", path=path)
    source = open_source(path, *hints)
    try:
        _refuse_pixels(source.spec(), path, limits)
        yield source
    finally:
        source.close()


def colour_of(source: Any, path: Path, limits: Limits, *, alpha: bool = False) -> tuple[Header, list[int]]:
    """The header of an open image, and where the channels of its colour lie, which are not too large to be read."""
    header = header_of(source, path)
    wanted = colour_channels(header.channels, alpha=alpha)
    refuse_large(header, wanted, source.spec(), limits)
    return header, wanted


def _refuse_pixels(spec: Any, path: Path, limits: Limits) -> None:
    width, height = max((spec.width, spec.height), (spec.full_width, spec.full_height), key=math.prod)
    if width * height * max(spec.depth, 1) > limits.max_pixels:
        raise InputTooLargeError(
            f"image {path} claims {width}x{height} pixels, {limits.max_pixels} are allowed; "
            "if it is honest, raise the setting max_pixels",
            path=path,
        )


def refuse_large(header: Header, wanted: Sequence[int], spec: Any, limits: Limits) -> None:
    """Stop before an image is decoded that would take more memory than the limits allow, or that is deep."""
    if spec.deep:
        raise BadRequestError(f"{header.path} is a deep image; flatten it first", path=header.path)
    pixels = max(header.width * header.height, header.data.width * header.data.height)
    sample = {"uint8": 1, "uint16": 2, "half": 2, "float": 4}[pixel_type(header)]
    size = pixels * max(max(wanted) + 1 - min(wanted), 3) * sample // MIB
    whole = spec.image_bytes(True) // MIB  # noqa: FBT003 - OpenImageIO's own form; an EXR is decoded with all channels
    if size > limits.max_image_mib or whole > limits.max_whole_mib:
        raise InputTooLargeError(
            f"image {header.path} decodes to {size} MiB, {whole} with all its channels; {limits.max_image_mib} and "
            f"{limits.max_whole_mib} are allowed; if it is honest, raise the setting max_image_mib",
            path=header.path,
        )


def header_of(source: Any, path: Path) -> Header:
    """The header of an open image, whose part that is shown is then the current one."""
    try:
        return _sound_header(source, path)
    except (UnicodeDecodeError, TypeError, ValueError) as error:  # entries of another type than theirs
        raise corrupt(path, f"its header holds nonsense: {error}") from error


def _sound_header(source: Any, path: Path) -> Header:
    part, parts = _beauty_part(source, path)
    source.seek_subimage(part, 0)
    spec = source.spec()
    size_bits = int(spec.getattribute("oiio:BitsPerSample") or spec.format.size() * 8)
    rates = ("FramesPerSecond", "framesPerSecond", "dpx:FrameRate", "dpx:TemporalFrameRate")
    rate = next((value for name in rates if (value := spec.getattribute(name))), None)
    return Header(
        path=path,
        codec=source.format_name(),
        width=spec.full_width or spec.width,
        height=spec.full_height or spec.height,
        data=Window(x=spec.x - spec.full_x, y=spec.y - spec.full_y, width=spec.width, height=spec.height),
        pixel_aspect=float(spec.getattribute("PixelAspectRatio") or 1.0),
        channels=tuple(spec.channelnames),
        bits=size_bits,
        sample="float" if spec.format.basetype in {oiio.HALF, oiio.FLOAT, oiio.DOUBLE} else "uint",
        parts=parts,
        part=part,
        compression=str(spec.getattribute("compression") or "none"),
        colourspace=_colourspace(spec),
        timecode=_timecode(spec),
        rate=_as_rate(rate),
    )


def _beauty_part(source: Any, path: Path) -> tuple[int, int]:
    """The part that people mean by the picture, and how many there are."""
    layers: list[list[str]] = []
    most = MAX_PARTS if source.supports("multiimage") else 1  # WebP cannot be read after a look for a second part
    while len(layers) < most and source.seek_subimage(len(layers), 0):
        spec = source.spec()
        layers.append([] if spec.deep else _layers([name.lower() for name in spec.channelnames]))
    message = words_of(source)  # looking for one part more than there is leaves one behind
    if not layers:
        raise corrupt(path, message)
    ranked = sorted(range(len(layers)), key=lambda part: ("" not in layers[part], not layers[part]))
    return ranked[0], len(layers)


def _as_rate(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return float(value[0]) / float(value[1]) if value[1] else None
    return float(value) or None


def _colourspace(spec: Any) -> str | None:
    told = (spec.getattribute(name) for name in ("colorInteropID", "oiio:ColorSpace"))
    return next((str(value) for value in told if value), None)


def _timecode(spec: Any) -> str | None:
    text = spec.get_string_attribute("smpte:TimeCode") or spec.get_string_attribute("dpx:TimeCode")
    if isinstance(packed := spec.getattribute("smpte:TimeCode"), tuple) and packed[0] & 0x40:  # ST 12-1: drop-frame
        text = ";".join(text.rsplit(":", 1))
    return text if text and text.count(":") + text.count(";") == 3 else None  # noqa: PLR2004 - hh:mm:ss:ff


def colour_channels(names: Sequence[str], *, alpha: bool = False) -> list[int]:
    """Where R, G, B (and A) lie; else those of a layer; else luminance; else the first channel."""
    lower = [name.lower() for name in names]
    for layer in _layers(lower):
        picked = [lower.index(layer + channel) for channel in ("r", "g", "b")]
        if alpha and layer + "a" in lower:
            picked.append(lower.index(layer + "a"))
        return picked
    return [lower.index("y")] if "y" in lower else [0]


def _layers(lower: Sequence[str]) -> list[str]:
    """Prefixes that own r, g and b: the main one first, then a beauty layer, then in file order."""
    found = [name[:-1] for name in lower if name[-1:] == "r" and {name[:-1] + "g", name[:-1] + "b"} <= set(lower)]
    return sorted(found, key=lambda layer: (layer != "", "rgb" not in layer and "beauty" not in layer))


def read_channels(source: Any, header: Header, wanted: Sequence[int], rows: range | None = None) -> Pixels:
    """Pixels of some channels of an open image, in one call.

    Args:
        source: open, at the part that is shown.
        header: its own.
        wanted: indices of channels.
        rows: of the data window, from its first; None: all of them.

    Raises:
        InputCorruptError: they cannot be read whole.
    """
    first, last = min(wanted), max(wanted) + 1
    kind = pixel_type(header)
    if rows is None:
        pixels = source.read_image(header.part, 0, first, last, kind)
    else:
        top = source.spec().y
        pixels = source.read_scanlines(header.part, 0, top + rows.start, top + rows.stop, 0, first, last, kind)
    clear_vectors()
    if pixels is None or source.has_error:
        raise corrupt(header.path, words_of(source))
    picked: Pixels = pixels if list(wanted) == list(range(first, last)) else pixels[:, :, [at - first for at in wanted]]
    return picked


def pixel_type(header: Header) -> str:
    """OpenImageIO's name for the smallest type that holds the pixels."""
    if header.sample == "float":
        return "half" if header.bits == 16 else "float"  # noqa: PLR2004 - bits of a half
    return "uint8" if header.bits <= 8 else "uint16"  # noqa: PLR2004 - bits of a byte


def into_display_window(pixels: Pixels, header: Header) -> Pixels:
    """Pixels of the data window where they lie in the display window; what is outside of them is zero."""
    data = header.data
    if (data.x, data.y, data.width, data.height) == (0, 0, header.width, header.height):
        return pixels
    whole = np.zeros((header.height, header.width, pixels.shape[2]), dtype=pixels.dtype)
    left, top = max(data.x, 0), max(data.y, 0)
    right, bottom = min(data.x + data.width, header.width), min(data.y + data.height, header.height)
    if left < right and top < bottom:
        whole[top:bottom, left:right] = pixels[top - data.y : bottom - data.y, left - data.x : right - data.x]
    return whole

"""Still images, through OpenImageIO; the only file that imports it.

Pixels are numpy arrays of shape (height, width, channels), row 0 at the top, composited into the display window: what
lies outside the data window is zero. The wheel of OpenImageIO reads no movies; see ``movies``.
"""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from numpy.typing import NDArray

from ..schema.errors import DiskFullError, InputCorruptError, InputMissingError, InputTooLargeError, StorageError
from ..schema.media import Window

Pixels = NDArray[Any]

MIB = 1024 * 1024
CODECS = {"jpeg": "jpg", "openexr": "exr", "tiff": "tiff", "png": "png", "dpx": "dpx"}
LOSSLESS_WITH_CHECKSUM = frozenset({"zip", "zips"})  # zlib carries a checksum, so a flipped bit is noticed
FIXED_DATE = "2000:01:01 00:00:00"  # the same pixels must give the same bytes


@dataclass(frozen=True)
class Limits:
    """The largest image that is read at all; protects against decompression bombs."""

    max_pixels: int = 32_768 * 32_768
    max_file_mib: int = 4096


@dataclass(frozen=True)
class Header:
    """What an image says of itself.

    Attributes:
        width, height: size of the display window in pixels.
        data: the data window, relative to the display window's upper left corner.
        channels: names in file order, of the first part.
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
    source = _open(path, limits or Limits())
    try:
        return _header(source, path)
    finally:
        source.close()


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
    source = _open(path, limits or Limits())
    try:
        header = _header(source, path)
        wanted = _colour_channels(header.channels, alpha=channels > 3)  # noqa: PLR2004 - RGB
        pixels = _read_channels(source, header, wanted, path)
    finally:
        source.close()
    if len(wanted) == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    names = tuple(header.channels[index] for index in wanted)
    return Image(_into_display_window(pixels, header), header, names)


def exr_compression(path: Path) -> str:
    """The compression of an EXR file, such as ``zip`` or ``piz``.

    Raises:
        InputCorruptError: it is no readable EXR.
    """
    return read_header(path).compression


def rewrite_zip(source: Path, target: Path) -> None:
    """Write an EXR again with ZIP compression; pixels, channels, windows and metadata stay, bit for bit.

    A lossy source (DWAA, B44) keeps the pixels that it decodes to.

    Raises:
        InputCorruptError: the source cannot be read whole.
        DiskFullError: no space is left for the target.
    """
    read_header(source)
    picture = oiio.ImageBuf(str(source))
    parts = max(1, picture.nsubimages)
    if parts > 1:
        raise InputCorruptError(
            f"{source} has {parts} parts; publish it as ZIP from the program that wrote it",
            path=source,
        )
    if not picture.read(0, 0, True):  # noqa: FBT003 - OpenImageIO's own argument: read now
        raise _corrupt(source, picture.geterror())
    picture.specmod().attribute("compression", "zip")
    if not picture.write(str(target)):
        raise _storage_error(target, picture.geterror())
    read_header(target)


def shrink(pixels: Pixels, width: int, height: int) -> NDArray[np.float32]:
    """Resize by averaging areas, in the pixels' own encoding: give it linear light.

    Args:
        pixels: (h, w, c) of any type; integers are scaled to 0..1.
        width: of the result, in pixels.
        height: of the result, in pixels.
    """
    as_float = np.ascontiguousarray(to_float(pixels))
    if as_float.shape[:2] == (height, width):
        return as_float
    kind = "box" if width <= as_float.shape[1] and height <= as_float.shape[0] else "triangle"
    source = oiio.ImageBuf(as_float)
    region = oiio.ROI(0, width, 0, height, 0, 1, 0, as_float.shape[2])
    result = oiio.ImageBufAlgo.resize(source, filtername=kind, roi=region)
    if result.has_error:
        raise StorageError(f"OpenImageIO could not resize to {width}x{height}: {result.geterror()}")
    return np.asarray(result.get_pixels(oiio.FLOAT), dtype=np.float32)


def to_float(pixels: Pixels) -> NDArray[np.float32]:
    """Integers scaled to 0..1, floats as they are, as float32."""
    if pixels.dtype.kind == "u":
        return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)
    return pixels.astype(np.float32, copy=False)


def fit_width(width: int, height: int, pixel_aspect: float, target_width: int) -> tuple[int, int]:
    """The size of a picture of square pixels that is ``target_width`` wide."""
    return target_width, max(1, round(target_width * height / (width * pixel_aspect)))


def draw_text(
    pixels: NDArray[np.uint8], text: str, *, x: int, y: int, size_px: int, colour: Sequence[float]
) -> NDArray[np.uint8]:
    """A copy of an 8-bit RGB picture with text on it.

    Args:
        pixels: (h, w, 3) uint8.
        text: one line.
        x: left edge of the text in pixels.
        y: its baseline, from the top.
        size_px: height of a capital letter's line.
        colour: three numbers 0..1.

    Raises:
        StorageError: this OpenImageIO draws no text.
    """
    target = oiio.ImageBuf(np.ascontiguousarray(pixels))
    if not oiio.ImageBufAlgo.render_text(target, x, y, text, size_px, "", tuple(colour)):
        raise StorageError(f"OpenImageIO could not draw text: {target.geterror()}", hint="shotmill doctor")
    return np.asarray(target.get_pixels(oiio.UINT8), dtype=np.uint8)


def text_width(text: str, size_px: int) -> int:
    """How many pixels wide ``draw_text`` makes a line."""
    region = oiio.ImageBufAlgo.text_size(text, size_px, "")
    return int(region.width) if region.defined else 0


def write_image(path: Path, pixels: Pixels, *, quality: int = 92, attributes: dict[str, Any] | None = None) -> None:
    """Write a picture; the suffix says the format. EXR is written ZIP.

    The same pixels give the same bytes: no date, no program name.

    Args:
        path: it appears under this name only when it was written whole.
        pixels: (h, w, c); uint8, uint16, half or float32.
        quality: of JPEG, 1 to 100.
        attributes: header entries such as ``PixelAspectRatio``.

    Raises:
        DiskFullError: no space is left.
        StorageError: it could not be written for another reason.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half_written = path.with_name(f".{path.stem}.part{path.suffix}")
    spec = oiio.ImageSpec(
        pixels.shape[1], pixels.shape[0], pixels.shape[2], pixels.dtype.name.replace("float16", "half")
    )
    spec.attribute("DateTime", FIXED_DATE)
    compression = {".exr": "zip", ".jpg": f"jpeg:{quality}", ".jpeg": f"jpeg:{quality}"}.get(path.suffix.lower())
    if compression:
        spec.attribute("compression", compression)
    for name, value in (attributes or {}).items():
        spec.attribute(name, value)
    try:
        _write(half_written, spec, pixels)
        half_written.replace(path)
    except OSError as error:
        raise _storage_error(path, str(error), error.errno) from error
    finally:
        half_written.unlink(missing_ok=True)


def _write(path: Path, spec: Any, pixels: Pixels) -> None:
    output = oiio.ImageOutput.create(str(path))
    if output is None:
        raise StorageError(f"no writer for {path.suffix!r} files; use .jpg, .png, .tif or .exr", path=path)
    if not output.open(str(path), spec):
        raise _storage_error(path, output.geterror())
    wrote = output.write_image(np.ascontiguousarray(pixels))
    message = output.geterror() if not wrote else ""
    closed = output.close()  # reports success even after a failed write, so both answers count
    if not wrote or not closed:
        raise _storage_error(path, message or output.geterror())
    reread = oiio.ImageInput.open(str(path))  # a full disk can leave a short file behind two good answers
    if reread is None:
        raise _storage_error(path, oiio.geterror())
    whole = reread.spec().width == spec.width and reread.read_scanline(spec.height - 1, 0, oiio.UNKNOWN) is not None
    reread.close()
    if not whole:
        raise _storage_error(path, "the file is short")


def _storage_error(path: Path, message: str, number: int | None = None) -> StorageError:
    text = message.strip().splitlines()[0] if message.strip() else "unknown reason"
    free = os.statvfs(path.parent).f_bavail * os.statvfs(path.parent).f_frsize
    if number == errno.ENOSPC or "No space" in message or free < MIB:
        return DiskFullError(f"no space is left for {path}: {text}", hint="make space and retry", path=path)
    return StorageError(f"{path} could not be written: {text}", hint="check the folder's permissions", path=path)


def _open(path: Path, limits: Limits) -> Any:
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise InputMissingError(f"image {path} is not there; render it or mend the path", path=path) from error
    except OSError as error:
        raise InputMissingError(f"image {path} cannot be reached: {error}", path=path) from error
    if size == 0:
        raise InputCorruptError(f"image {path} has zero bytes; render or copy it again", path=path)
    if size > limits.max_file_mib * MIB:
        raise InputTooLargeError(f"image {path} has {size // MIB} MiB, {limits.max_file_mib} are allowed", path=path)
    source = oiio.ImageInput.open(str(path))
    if source is None:
        raise _corrupt(path, oiio.geterror())
    spec = source.spec()
    pixels = max(spec.width * spec.height, spec.full_width * spec.full_height)
    if pixels > limits.max_pixels:
        source.close()
        raise InputTooLargeError(
            f"image {path} claims {spec.full_width}x{spec.full_height} pixels, {limits.max_pixels} are allowed; "
            "if it is honest, raise the setting max_pixels",
            path=path,
        )
    return source


def _corrupt(path: Path, message: str) -> InputCorruptError:
    text = message.strip().splitlines()[0] if message.strip() else "no reader accepts it"
    return InputCorruptError(f"image {path} cannot be read whole: {text}; render or copy it again", path=path)


def _header(source: Any, path: Path) -> Header:
    spec = source.spec()
    parts = 1
    while source.seek_subimage(parts, 0):
        parts += 1
    source.seek_subimage(0, 0)
    size_bits = int(spec.getattribute("oiio:BitsPerSample") or spec.format.size() * 8)
    rate = spec.getattribute("FramesPerSecond") or spec.getattribute("framesPerSecond")
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
        compression=str(spec.getattribute("compression") or "none"),
        colourspace=_colourspace(spec),
        timecode=_timecode(spec),
        rate=_as_rate(rate),
    )


def _as_rate(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return float(value[0]) / float(value[1]) if value[1] else None
    return float(value) or None


def _colourspace(spec: Any) -> str | None:
    for name in ("colorInteropID", "oiio:ColorSpace"):
        value = spec.getattribute(name)
        if value:
            return str(value)
    return None


def _timecode(spec: Any) -> str | None:
    text = spec.get_string_attribute("smpte:TimeCode") or spec.get_string_attribute("dpx:TimeCode")
    return text if text and text.count(":") + text.count(";") == 3 else None  # noqa: PLR2004 - hh:mm:ss:ff


def _colour_channels(names: Sequence[str], *, alpha: bool) -> list[int]:
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


def _read_channels(source: Any, header: Header, wanted: Sequence[int], path: Path) -> Pixels:
    first, last = min(wanted), max(wanted) + 1
    kind = _pixel_type(header)
    pixels = source.read_image(0, 0, first, last, kind)
    if pixels is None or source.has_error:
        raise _corrupt(path, source.geterror())
    order = [index - first for index in wanted]
    picked: Pixels = pixels if order == list(range(last - first)) else pixels[:, :, order]
    return picked


def _pixel_type(header: Header) -> str:
    if header.sample == "float":
        return "half" if header.bits == 16 else "float"  # noqa: PLR2004 - bits of a half
    return "uint8" if header.bits <= 8 else "uint16"  # noqa: PLR2004 - bits of a byte


def _into_display_window(pixels: Pixels, header: Header) -> Pixels:
    data = header.data
    if (data.x, data.y, data.width, data.height) == (0, 0, header.width, header.height):
        return pixels
    whole = np.zeros((header.height, header.width, pixels.shape[2]), dtype=pixels.dtype)
    left, top = max(data.x, 0), max(data.y, 0)
    right, bottom = min(data.x + data.width, header.width), min(data.y + data.height, header.height)
    if left < right and top < bottom:
        whole[top:bottom, left:right] = pixels[top - data.y : bottom - data.y, left - data.x : right - data.x]
    return whole


FONTS = ("DroidSans", "DroidSans-Bold", "DroidSansMono")  # ship inside the wheel: the same letters on every machine


@functools.lru_cache(maxsize=512)
def text_mask(text: str, size_px: int, *, font: str = "DroidSans") -> NDArray[np.float32]:
    """How much of each pixel a line of text covers.

    Args:
        text: one line.
        size_px: height of the font; the baseline lies this far below the top.
        font: one of ``FONTS``.

    Returns:
        (ceil(1.3 size_px), width) float32 in 0..1, read-only; it is as wide as the text, and never empty.

    Raises:
        StorageError: this OpenImageIO draws no text.
    """
    region = oiio.ImageBufAlgo.text_size(text or " ", size_px, font)
    width = max(1, region.xend if region.defined else 1)
    target = oiio.ImageBuf(oiio.ImageSpec(width, -(-size_px * 13 // 10), 1, oiio.FLOAT))
    if text and not oiio.ImageBufAlgo.render_text(target, 0, size_px, text, size_px, font, (1.0,)):
        raise StorageError(f"OpenImageIO could not draw text: {target.geterror()}", hint="shotmill doctor")
    mask = np.asarray(target.get_pixels(oiio.FLOAT), dtype=np.float32)[:, :, 0]
    mask.flags.writeable = False
    return mask


def check_whole(path: Path, limits: Limits | None = None) -> None:
    """Decode every part and channel of an image, and keep nothing: what is cut off or damaged is found.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read whole.
        InputTooLargeError: it is larger than the limits allow.
    """
    source = _open(path, limits or Limits())
    try:
        part = 0
        while source.seek_subimage(part, 0):
            spec = source.spec()
            whole = (
                source.read_native_deep_image(part, 0)
                if spec.deep
                else source.read_image(part, 0, 0, spec.nchannels, oiio.UNKNOWN)
            )
            if whole is None or source.has_error:
                raise _corrupt(path, source.geterror())
            part += 1
        source.geterror()  # looking for one part more than there is leaves a message behind
    finally:
        source.close()

"""Frames made from frames: other colour in the same picture; its windows, channels and entries stay what they were."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from numpy.typing import NDArray

from ...schema.errors import BadRequestError, InputTooLargeError
from ..vectors import clear_vectors
from .exr import read_part
from .read import MIB, Header, Limits, Pixels, colour_channels, header_of, into_display_window, open_image
from .sources import corrupt, words_of
from .views import views_of
from .write import FIXED_DATE, write_parts, write_spec

COLOURS = 3
FULL = 16  # bits that whole numbers of 10 and 12 bits are handed over in
SUFFIXES = {"exr": ".exr", "dpx": ".dpx", "tif": ".tif", "png": ".png"}
DPX_RATES = ("dpx:FrameRate", "dpx:TemporalFrameRate")  # of film, and of television
UNDEFINED = 0xFFFFFFFF  # SMPTE ST 268-1: what nobody filled in, such as a timecode's user bits
# Whole numbers keep their alpha apart from their colour; OpenImageIO would multiply the two.
_APART = ("oiio:UnassociatedAlpha", 1)
_TIFF = {".tif", ".tiff"}  # whose header says whether colour is multiplied with alpha
# Entries that say what the colours of a file are, or how it is made.
_OF_COLOUR = re.compile(
    r"(?:colorinteropid|oiio:colorspace|chromaticities|whiteluminance|adoptedneutral|iccprofile|icc:.*|"
    r"oiio:gamma|gamma|acesimagecontainerflag|(?:dpx|cineon):(?:transfer|colorimetric|gamma|blacklevel|whitelevel|"
    r"lowdata|lowquantity|highdata|highquantity|blackgain|breakpoint)|png:.*(?:gamma|srgb|iccp|chrm|cicp).*|cicp|"
    r"exif:(?:colorspace|gamma)|shotmill:colourspace|shotmill:config)\Z",
    re.IGNORECASE,
)
_OF_FILE = re.compile(
    r"(?:compression|textureformat|wrapmodes|openexr:(?:chunkcount|version|levelmode|roundingmode|lineorder|"
    r"dwacompressionlevel)|oiio:unassociatedalpha)\Z",
    re.IGNORECASE,
)
_OF_FORMAT = re.compile(
    r"(?:(?:png|tiff|jpeg|jfif|dpx|cineon|webp|tga|bmp|gif|hdr|oiio|openexr):.*|jfif)\Z", re.IGNORECASE
)
_BITS = {"uint8": 8, "uint10": 10, "uint12": 12, "uint16": 16}


@dataclass(frozen=True)
class Original:
    """A frame as it is stored.

    Attributes:
        header: of the part that is shown.
        pixels: (h, w, channels) of its data window: half, float32 or float64; uint8, or uint16 of the full range.
        colour: where R, G and B lie.
        sample: how its colour is stored: ``half``, ``float``, ``uint8``, ``uint10``, ``uint12`` or ``uint16``.
        spec: OpenImageIO's.
    """

    header: Header
    pixels: Pixels
    colour: tuple[int, ...]
    sample: str
    spec: Any

    @property
    def is_plain(self) -> bool:
        """Whether it holds floating point R, G, B, and at most A, in this order."""
        channels = self.pixels.shape[2]
        in_order = self.colour == (0, 1, 2)
        rest = [name.lower() for name in self.header.channels[COLOURS:]]
        return in_order and channels <= COLOURS + 1 and rest in ([], ["a"]) and self.pixels.dtype.kind == "f"

    @property
    def light(self) -> Pixels:
        """What a grader is given: (h, w, 3), or (h, w, 4) of a plain one; whole numbers of 10 and 12 bits as 0..1."""
        if self.is_plain and self.pixels.dtype != np.float64:
            return self.pixels
        picked = np.ascontiguousarray(self.pixels[:, :, list(self.colour)])
        bits = _BITS.get(self.sample, FULL)
        if picked.dtype == np.uint16 and bits < FULL:
            return (picked >> (FULL - bits)).astype(np.float32) / np.float32(2**bits - 1)
        return picked.astype(np.float32) if picked.dtype == np.float64 else picked


def other_channels(header: Header) -> tuple[str, ...]:
    """The channels of the part that is shown that are not its R, G and B."""
    colour = colour_channels(header.channels)
    return tuple(name for index, name in enumerate(header.channels) if index not in colour)


def check_original(path: Path, limits: Limits | None = None) -> Header:
    """Refuse a frame whose colour cannot be replaced; reads no pixel.

    Raises:
        InputMissingError, InputCorruptError: it cannot be read.
        BadRequestError: it is deep, holds several views, has smaller copies of itself inside, or has no R, G and B.
    """
    with open_image(path, limits or Limits()) as source:
        header = header_of(source, path)
        _refuse(source, header)
    return header


def read_original(path: Path, limits: Limits | None = None) -> Original:
    """Read a frame with all channels of the part that is shown.

    Raises:
        InputMissingError, InputCorruptError: it cannot be read whole.
        InputTooLargeError: it is larger than the limits allow.
        BadRequestError: as ``check_original``.
    """
    allowed = limits or Limits()
    config = oiio.ImageSpec()
    config.attribute(*_APART)
    with open_image(path, allowed, config) as source:
        header = header_of(source, path)
        colour = _refuse(source, header)
        spec = oiio.ImageSpec(source.spec())
        kind = _read_as(spec, header)
        size = spec.width * spec.height * spec.nchannels * {"double": 8, "float": 4, "uint8": 1}.get(kind, 2) // MIB
        if size > allowed.max_whole_mib:
            raise InputTooLargeError(
                f"image {path} decodes to {size} MiB, {allowed.max_whole_mib} are allowed; if it is honest, raise the "
                "setting max_image_mib",
                path=path,
            )
        pixels = read_part(source, header, kind)
        clear_vectors()
        if pixels is None or source.has_error:
            raise corrupt(path, words_of(source))
    return Original(
        header, pixels.reshape(spec.height, spec.width, spec.nchannels), colour, _sample(spec, header, colour), spec
    )


def write_like(
    path: Path,
    original: Original,
    colour: NDArray[Any],
    *,
    sample: str,
    entries: Mapping[str, Any],
    limits: Limits | None = None,
) -> tuple[int, int]:
    """Write a frame again with other colour; it appears when it was written whole.

    EXR of EXR keeps data window, other channels and other parts bit for bit, and is written ZIP. Other formats get the
    display window with colour and alpha alone. Pixel aspect, timecode, rate and other entries stay, but for those that
    say what the colours were.

    Args:
        path: its suffix says the format.
        original: what it is made from.
        colour: (h, w, 3) or what a grader made of ``original.light``: float32, or code values of ``sample``.
        sample: ``half``, ``float``, ``uint8``, ``uint10``, ``uint12`` or ``uint16``.
        entries: header entries that say what the colours are now; None takes one away.
        limits: the largest image that is read, where parts are taken along.

    Returns:
        Width and height of its display window.

    Raises:
        DiskFullError, StorageError: it could not be written.
    """
    spec = _spec_like(original, path, sample)
    for name, value in entries.items():
        if value is None:
            spec.erase_attribute(name)
        elif isinstance(value, tuple):
            spec.attribute(name, oiio.TypeDesc(f"float[{len(value)}]"), value)
        else:
            spec.attribute(name, value)
    pixels = _whole(original, colour, sample, path)
    if path.suffix.lower() == ".exr" and original.header.parts > 1:
        write_parts(path, original.header.path, spec, pixels, part=original.header.part, limits=limits or Limits())
    else:
        write_spec(path, spec, pixels)
    return original.header.width, original.header.height


def _refuse(source: Any, header: Header) -> tuple[int, ...]:
    """Where colour lies; refuses what has none that could be replaced."""
    path, spec = header.path, source.spec()
    if spec.deep:
        raise BadRequestError(f"{path} is a deep image; flatten it first, and bake what comes of it", path=path)
    views = views_of(source, header)
    if len(views) > 1:
        named = ", ".join(sorted(views))
        raise BadRequestError(f"{path} holds the views {named}; bake each from a file of its own", path=path)
    if header.codec != "webp" and source.seek_subimage(header.part, 1):
        raise BadRequestError(f"{path} is a texture with smaller copies inside; bake what it was made from", path=path)
    words_of(source)
    source.seek_subimage(header.part, 0)
    found = colour_channels(header.channels)
    if len(found) != COLOURS:
        listed = ", ".join(header.channels)
        raise BadRequestError(f"{path} has no R, G and B that could be baked; it has: {listed}", path=path)
    return tuple(found)


def _formats(spec: Any) -> list[Any]:
    return list(spec.channelformats) or [spec.format] * spec.nchannels


def _read_as(spec: Any, header: Header) -> str:
    """The one type that holds all channels of a part without loss."""
    kinds = {str(one) for one in _formats(spec)}
    if header.codec == "openexr" and "uint" in kinds:
        return "double" if len(kinds) > 1 else "uint"
    if kinds == {"half"}:
        return "half"
    if header.sample == "float":
        return "float"
    return "uint8" if header.bits <= 8 else "uint16"  # noqa: PLR2004 - bits of a byte


def _sample(spec: Any, header: Header, colour: tuple[int, ...]) -> str:
    kinds = {str(_formats(spec)[index]) for index in colour}
    if kinds == {"half"}:
        return "half"
    if header.sample == "float":
        return "float"
    return f"uint{header.bits if header.bits in _BITS.values() else FULL if header.bits > 8 else 8}"  # noqa: PLR2004


def _spec_like(original: Original, path: Path, sample: str) -> Any:
    spec, header = oiio.ImageSpec(original.spec), original.header
    exr, same = path.suffix.lower() == ".exr", path.suffix.lower() == header.path.suffix.lower()
    for name in [entry.name for entry in spec.extra_attribs]:
        if _OF_COLOUR.match(name) or _OF_FILE.match(name) or (not same and _OF_FORMAT.match(name)):
            spec.erase_attribute(name)
    spec.tile_width = spec.tile_height = spec.tile_depth = 0
    if spec.full_width == 0:
        spec.full_width, spec.full_height = header.width, header.height
    if not exr:
        _flatten(spec, original)
    formats = _formats(spec)
    if exr and same:
        for index in original.colour:
            formats[index] = oiio.TypeDesc(sample)
        spec.channelformats = tuple(formats) if len({str(one) for one in formats}) > 1 else ()
        spec.format = formats[0] if not spec.channelformats else oiio.TypeDesc("float")
    else:
        spec.channelformats = ()
        spec.format = oiio.TypeDesc("uint16" if sample in {"uint10", "uint12"} else sample)
    if sample in {"uint10", "uint12"}:
        spec.attribute("oiio:BitsPerSample", _BITS[sample])
    else:
        spec.erase_attribute("oiio:BitsPerSample")
    if _is_apart(original, path):
        spec.attribute(*_APART)
    _keep_compression(spec, original, path, same=same)
    if not same:
        _keep_clock(spec, original, path)
    spec.attribute("DateTime", spec.getattribute("DateTime") or FIXED_DATE)
    return spec


def _is_apart(original: Original, path: Path) -> bool:
    """Whether OpenImageIO takes colour for one that is not multiplied with alpha; a TIFF says so, as its source did."""
    if path.suffix.lower() in _TIFF:
        return original.spec.getattribute(_APART[0]) is not None
    return path.suffix.lower() != ".exr" or original.header.sample != "float"


def _keep_compression(spec: Any, original: Original, path: Path, *, same: bool) -> None:
    suffix = path.suffix.lower()
    if suffix == ".exr":
        spec.attribute("compression", "zip")
    elif suffix in _TIFF:
        spec.attribute("compression", original.header.compression if same else "zip")


def _keep_clock(spec: Any, original: Original, path: Path) -> None:
    """Timecode and rate under the names that the format knows."""
    rate, timecode = original.header.rate, spec.getattribute("smpte:TimeCode")
    if timecode is not None and timecode[1] == UNDEFINED:
        spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (timecode[0], 0))
    if rate and path.suffix.lower() == ".dpx":
        for name in DPX_RATES:
            spec.attribute(name, rate)
    elif rate and spec.getattribute("FramesPerSecond") is None:
        whole = round(rate * 1001)
        exact = (whole, 1001) if whole % 1000 == 0 else (round(rate * 1000), 1000)
        spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), exact)


def _flatten(spec: Any, original: Original) -> None:
    """The display window alone, with colour and alpha."""
    header = original.header
    spec.x = spec.y = spec.full_x = spec.full_y = 0
    spec.width = spec.full_width = header.width
    spec.height = spec.full_height = header.height
    kept = _kept(original)
    spec.nchannels = len(kept)
    spec.channelnames = ("R", "G", "B", "A")[: len(kept)]
    spec.channelformats = ()
    spec.alpha_channel = COLOURS if len(kept) > COLOURS else -1
    spec.z_channel = -1


def _kept(original: Original) -> list[int]:
    """Colour, and its alpha where there is one."""
    return colour_channels(original.header.channels, alpha=True)


def _whole(original: Original, colour: NDArray[Any], sample: str, path: Path) -> Pixels:
    """All channels that are written, in one array."""
    if sample in _BITS:
        return into_display_window(_in_codes(original, colour, sample), original.header)
    if path.suffix.lower() != ".exr":
        return into_display_window(_with_alpha(original, colour), original.header)
    if colour.shape[2] == original.pixels.shape[2]:
        return colour
    if original.pixels.dtype.kind == "u":
        return _in_place(original, colour, to_unit(original.pixels, original.sample))
    if original.pixels.dtype == np.float16 and sample != "half":
        return _in_place(original, colour, original.pixels.astype(np.float32))
    return _in_place(original, colour, original.pixels)


def _in_place(original: Original, colour: NDArray[Any], pixels: Pixels) -> Pixels:
    with np.errstate(over="ignore", invalid="ignore"):  # what a half cannot hold becomes infinite, as in OpenEXR itself
        for number, index in enumerate(original.colour):
            pixels[:, :, index] = colour[:, :, number]
    return pixels


def to_unit(pixels: Pixels, sample: str) -> NDArray[np.float32]:
    """Whole numbers as 0..1; those of 10 and 12 bits by their own code values."""
    bits = _BITS[sample]
    if pixels.dtype == np.uint16 and bits < FULL:
        pixels = pixels >> (FULL - bits)
    return pixels.astype(np.float32) / np.float32(2**bits - 1)


def _with_alpha(original: Original, colour: NDArray[Any]) -> Pixels:
    kept = _kept(original)
    if len(kept) == COLOURS or colour.shape[2] > COLOURS:
        return colour
    alpha = original.pixels[:, :, kept[-1:]]
    unit = to_unit(alpha, original.sample) if alpha.dtype.kind == "u" else alpha.astype(np.float32)
    return np.concatenate([colour, unit], axis=2)


def _in_codes(original: Original, codes: NDArray[Any], sample: str) -> Pixels:
    """Code values as OpenImageIO takes them: the whole range of 8 or 16 bits."""
    bits = _BITS[sample]
    wide = widened(codes[:, :, :COLOURS], bits)
    kept = _kept(original)
    if len(kept) == COLOURS:
        return wide
    alpha = original.pixels[:, :, kept[-1:]]
    if original.sample != sample:
        unit = to_unit(alpha, original.sample) if alpha.dtype.kind == "u" else np.nan_to_num(alpha.astype(np.float32))
        alpha = widened(np.rint(np.clip(unit, 0, 1) * (2**bits - 1)).astype(wide.dtype), bits)
    return np.concatenate([wide, alpha], axis=2)


def widened(codes: NDArray[Any], bits: int) -> NDArray[Any]:
    """Code values of 10 or 12 bits over the whole range of 16, as OpenImageIO reads them; others as they are."""
    return codes if bits in {8, FULL} else (codes << (FULL - bits)) | (codes >> (2 * bits - FULL))

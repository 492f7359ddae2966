"""EXR through OpenEXR's own package, whose pixels are those of OpenImageIO and whose time is less.

The OpenEXR inside of OpenImageIO's wheel was built to be small, and takes half as long again for the same ZIP. Which
entry of a header has which name and type is OpenImageIO's to say, so a file begins with the very bytes that it would
write: OpenEXR leaves as much room as they need. The whole file is the same then, byte for byte.

Format: https://openexr.com/en/latest/OpenEXRFileLayout.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
from numpy.typing import NDArray

from ..cores import usable_cores

if TYPE_CHECKING:
    from .read import Header

VERSION = 8  # bytes of the magic number and of the version; entries follow
INT = 4  # bytes of a whole number, lowest first
LAST_ROW = 3 * INT  # into a box: smallest x and y, largest x and y
NOTHING = 8  # bytes of an entry without a value: two names of one letter, and a size
TYPES = {"half": np.float16, "float": np.float32, "uint": np.uint32}
TOP = 2**32 - 1  # what OpenImageIO's 1.0 stands for in a channel of 32-bit whole numbers
MOST_BYTES = 128 * 1024 * 1024  # of an image whose channels are all decoded for the sake of some
INTERLEAVED = {"RGB", "RGBA"}  # as OpenEXR's package names arrays of (h, w, 3) and (h, w, 4)

Planes = dict[str, NDArray[Any]]


def read_part(source: Any, header: Header, kind: str) -> Any:
    """All pixels of an open image, at the part that is shown; None where they cannot be read whole.

    Of what is damaged, OpenEXR's package prints a line on standard output: only tasks may ask, whose output is a log.

    Args:
        source: OpenImageIO's; it tells why they cannot be read.
        header: its own.
        kind: OpenImageIO's name for the type of the pixels.

    Returns:
        (h, w, channels).
    """
    spec = source.spec()
    flat = header.parts == 1 and not spec.deep and not spec.tile_width
    alike = not spec.channelformats and str(spec.format) == kind and kind in TYPES
    if header.codec == "openexr" and flat and alike and _are_interleaved(spec):
        found = _read(header.path, "".join(spec.channelnames))
        shape = (spec.height, spec.width, spec.nchannels)
        if found is not None and found.dtype == TYPES[kind] and found.shape == shape:
            return found
    pixels = source.read_image(header.part, 0, 0, spec.nchannels, kind)
    for index, name in enumerate(map(str, spec.channelformats)):
        if name == "uint" and kind == "double" and pixels is not None:  # it made float32 of them on the way
            exact = source.read_image(header.part, 0, index, index + 1, name)
            if exact is None:
                return None
            pixels[:, :, index] = exact[:, :, 0] / TOP
    return pixels


def read_planes(source: Any, header: Header, wanted: Sequence[int], kind: str) -> NDArray[Any] | None:
    """Some channels of an open image; None where OpenImageIO has to read them, or to say why they cannot be read.

    All channels are decoded, as lines of EXR lie one behind the other with all of them. Only tasks may ask, see
    ``read_part``.

    Args:
        source: OpenImageIO's.
        header: its own.
        wanted: indices of channels.
        kind: OpenImageIO's name for the type of their pixels.

    Returns:
        (h, w, len(wanted)).
    """
    spec = source.spec()
    flat = header.parts == 1 and not spec.deep and not spec.tile_width
    alike = kind in TYPES and {str(spec.channelformat(index)) for index in wanted} == {kind}
    whole = spec.image_bytes(True)  # noqa: FBT003 - OpenImageIO's own form: in the file's own types
    if not (header.codec == "openexr" and flat and alike and whole <= MOST_BYTES):
        return None
    _begin()
    found = np.empty((spec.height, spec.width, len(wanted)), dtype=TYPES[kind])
    try:
        with OpenEXR.File(str(header.path), separate_channels=True) as file:
            planes = file.channels()
            for place, index in enumerate(wanted):
                pixels: NDArray[Any] = planes[header.channels[index]].pixels
                if (pixels.shape, pixels.dtype) != (found.shape[:2], found.dtype):
                    return None  # a channel of fewer samples
                found[:, :, place] = pixels
    except (RuntimeError, ValueError, KeyError, ArithmeticError):
        return None
    return found


@cache
def _begin() -> None:
    """Start the threads of OpenEXR; no sooner than they work, since a process that was forked has none of them."""
    OpenEXR.set_global_thread_count(usable_cores())


def _read(path: Path, names: str) -> NDArray[Any] | None:
    """All pixels; None where OpenEXR's package stops at what is wrong, or at an entry that it does not know."""
    _begin()
    try:
        with OpenEXR.File(str(path)) as file:
            pixels: NDArray[Any] = file.channels()[names].pixels
    except (RuntimeError, ValueError, KeyError, ArithmeticError):  # the last: a rate of 24/0
        return None
    return pixels


def _are_interleaved(spec: Any) -> bool:
    names = "".join(spec.channelnames)
    return names in INTERLEAVED and spec.nchannels == len(names)


def is_simple(spec: Any, pixels: NDArray[Any]) -> bool:
    """Whether ``write_exr`` writes it: flat lines as ZIP, from top to bottom, of the type that the pixels have.

    So are whole numbers of 32 bits, such as those of objects, among other types, all as float64: OpenImageIO would make
    float32 of them, which is too short.

    Args:
        spec: OpenImageIO's; it has a ``DateTime``.
        pixels: (h, w, channels).
    """
    lines = not spec.deep and not spec.tile_width and spec.getattribute("openexr:lineOrder") in {None, "increasingY"}
    named = len(set(spec.channelnames) - {""}) == spec.nchannels
    kinds = {str(spec.channelformat(index)) for index in range(spec.nchannels)}
    if spec.channelformats:
        alike = "uint" in kinds and kinds <= TYPES.keys() and pixels.dtype == np.float64
    else:
        alike = kinds <= TYPES.keys() and TYPES[str(spec.format)] == pixels.dtype
    sized = pixels.shape == (spec.height, spec.width, spec.nchannels) and min(spec.full_width, spec.full_height) > 0
    zipped = spec.getattribute("compression") == "zip" and spec.getattribute("CompressionQuality") is None
    return lines and named and alike and sized and zipped and bool(spec.getattribute("DateTime"))


def write_exr(path: Path, spec: Any, pixels: NDArray[Any]) -> bool:
    """Write an image that ``is_simple``; its pixels are compressed on all cores that this process may use.

    Args:
        path: is written anew; what was there is gone.
        spec: OpenImageIO's.
        pixels: (h, w, channels).

    Returns:
        Whether it was: a header that is shorter than OpenEXR's shortest, by a ``DateTime`` of a few letters, leaves no
        room.

    Raises:
        OSError: it could not be written, or only in part.
    """
    _begin()
    header = _header(path, spec)
    planes = _planes(spec, pixels)
    try:
        room = len(header) - _length_alone(planes)
        if room < NOTHING:
            return False
        _file(planes, spec, room).write(str(path))
    except (RuntimeError, ValueError) as error:  # what all of OpenEXR's own errors become
        raise OSError(str(error)) from error
    with path.open("r+b") as file:
        file.write(header)
    return True


def _header(path: Path, spec: Any) -> bytes:
    """What OpenImageIO begins the file with, found out by its first row."""
    row = oiio.ImageSpec(spec)
    row.height = 1
    output: Any = oiio.ImageOutput.create(str(path))
    blank = np.zeros((1, row.width, row.nchannels), dtype=np.float32)
    if not output.open(str(path), row) or not output.write_image(blank) or not output.close():
        raise OSError(output.geterror())
    written = path.read_bytes()
    try:
        values, length = _values(written)
    except (IndexError, ValueError) as error:  # closed well, for all it says, on a disk that is full
        raise OSError("the file is short") from error
    last_row = values[b"dataWindow"] + LAST_ROW
    found: bytes = (spec.y + spec.height - 1).to_bytes(INT, "little", signed=True)
    return written[:last_row] + found + written[last_row + INT : length]


def _planes(spec: Any, pixels: NDArray[Any]) -> Planes:
    if spec.channelformats:
        kinds = [str(spec.channelformat(index)) for index in range(spec.nchannels)]
        return {name: _typed(pixels[:, :, at], kinds[at]) for at, name in enumerate(spec.channelnames)}
    if _are_interleaved(spec):
        return {"".join(spec.channelnames): np.ascontiguousarray(pixels)}
    return {name: np.ascontiguousarray(pixels[:, :, index]) for index, name in enumerate(spec.channelnames)}


def _typed(plane: NDArray[Any], kind: str) -> NDArray[Any]:
    """One channel of float64 in its own type."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(np.rint(plane * TOP) if kind == "uint" else plane, dtype=TYPES[kind])


def _file(planes: Planes, spec: Any, room: int) -> Any:
    """A file that is not written yet; its header has room for that many bytes more."""
    right, bottom = spec.x + spec.width - 1, spec.y + spec.height - 1
    entries = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "dataWindow": ((spec.x, spec.y), (right, bottom)),
        "p": OpenEXR.OpaqueAttribute(bytes(room - NOTHING), "p"),
    }
    return OpenEXR.File(entries, planes)


def _length_alone(planes: Planes) -> int:
    """Bytes of the shortest header that OpenEXR writes above such planes."""
    stream = BytesIO()
    first_rows = {name: plane[:1] for name, plane in planes.items()}
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, first_rows).write(stream)
    return _values(stream.getvalue())[1]


def _values(written: bytes) -> tuple[dict[bytes, int], int]:
    """Where the values of a file's header begin, and how long it is."""
    found: dict[bytes, int] = {}
    at = VERSION
    while written[at]:
        end_of_name = written.index(b"\0", at)
        end_of_type = written.index(b"\0", end_of_name + 1)
        value = end_of_type + 1 + INT
        found[written[at:end_of_name]] = value
        at = value + int.from_bytes(written[end_of_type + 1 : value], "little")
    return found, at + 1

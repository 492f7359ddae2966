"""Writing: whole files, the same bytes for the same pixels, and EXR that carries a checksum."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses

from ...schema.errors import BadRequestError, DiskFullError, InputCorruptError, StorageError
from .exr import is_simple, write_exr
from .read import MIB, Limits, Pixels, check_whole, open_image, part_specs

FIXED_DATE = "2000:01:01 00:00:00"  # the same pixels must give the same bytes


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
    spec = oiio.ImageSpec(
        pixels.shape[1], pixels.shape[0], pixels.shape[2], pixels.dtype.name.replace("float16", "half")
    )
    spec.attribute("DateTime", FIXED_DATE)
    compression = {".exr": "zip", ".jpg": f"jpeg:{quality}", ".jpeg": f"jpeg:{quality}"}.get(path.suffix.lower())
    if compression:
        spec.attribute("compression", compression)
    for name, value in (attributes or {}).items():
        spec.attribute(name, value)
    write_spec(path, spec, pixels)


def write_spec(path: Path, spec: Any, pixels: Pixels) -> None:
    """Write pixels as an OpenImageIO specification says; the file appears when it was written whole.

    Raises:
        DiskFullError: no space is left.
        StorageError: it could not be written for another reason.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half_written = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        _write(half_written, spec, pixels)
        half_written.replace(path)
    except OSError as error:
        raise _storage_error(path, str(error), error.errno) from error
    finally:
        half_written.unlink(missing_ok=True)


def write_parts(path: Path, like: Path, spec: Any, pixels: Pixels, *, part: int, limits: Limits) -> None:
    """Write an EXR of several parts: one with other pixels, the others as they are, but ZIP.

    Args:
        path: it appears when it was written whole.
        like: where the other parts are.
        spec: of the part that is written anew.
        pixels: of that part.
        part: its number, from 0.
        limits: the largest image that is read.

    Raises:
        InputCorruptError: the other parts cannot be read whole.
        DiskFullError, StorageError: it could not be written.
    """
    half_written = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        with open_image(like, limits) as found:
            specs = _specs_as_zip(found, like)
            specs[part] = spec
            _tile_alike(specs)
            for other in specs:  # OpenEXR has one for all parts of a file
                _take_chromaticities(other, spec)
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_all(half_written, _Parts(like, found, specs, (part, np.ascontiguousarray(pixels))), limits)
        check_whole(half_written, limits)
        half_written.replace(path)
    except OSError as error:
        raise _storage_error(path, str(error), error.errno) from error
    finally:
        half_written.unlink(missing_ok=True)


def _take_chromaticities(spec: Any, other: Any) -> None:
    wanted = other.getattribute("chromaticities")
    if spec is not other:
        spec.erase_attribute("chromaticities")
        if wanted is not None:
            spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), wanted)


@dataclass(frozen=True)
class _Parts:
    """All parts of an open image as they are written; ``anew``: the number of one, and its own pixels."""

    path: Path
    source: Any
    specs: list[Any]
    anew: tuple[int, Pixels] | None = None


def _write_all(target: Path, parts: _Parts, limits: Limits) -> None:
    output: Any = oiio.ImageOutput.create(str(target))
    for number, spec in enumerate(parts.specs):
        parts.source.seek_subimage(number, 0)
        # All parts must be announced before the first is written.
        announced = (tuple(parts.specs),) if number == 0 else (spec, "AppendSubimage")
        if not output.open(str(target), *announced):
            raise _storage_error(target, output.geterror())
        if parts.anew is not None and number == parts.anew[0]:
            if not _write_anew(output, target, spec, parts.anew[1]):
                raise _storage_error(target, output.geterror())
        elif not output.copy_image(parts.source):
            check_whole(parts.path, limits)  # the message does not tell which side failed
            raise _storage_error(target, output.geterror())
    if not output.close():
        raise _storage_error(target, output.geterror())


def _write_anew(output: Any, target: Path, spec: Any, pixels: Pixels) -> bool:
    """Write the pixels of one part; channels of several types by way of a file of their own, see ``is_simple``."""
    alone = oiio.ImageSpec(spec.width, spec.height, spec.nchannels, str(spec.format))
    alone.x, alone.y, alone.channelnames, alone.channelformats = spec.x, spec.y, spec.channelnames, spec.channelformats
    alone.attribute("compression", "zip")
    alone.attribute("DateTime", FIXED_DATE)
    if not (spec.channelformats and is_simple(alone, pixels)):
        return bool(output.write_image(pixels))
    path = target.with_name(f".{target.stem}.alone{target.suffix}")
    try:
        _write(path, alone, pixels)
        return bool(output.copy_image(oiio.ImageInput.open(str(path))))
    finally:
        path.unlink(missing_ok=True)


def rewrite_zip(source: Path, target: Path, limits: Limits | None = None) -> None:
    """Write an EXR again with ZIP compression; pixels, parts, channels, windows and metadata stay, bit for bit.

    A lossy source (DWAA, B44) keeps the pixels that it decodes to. Deep parts become ZIPS, the only checked form they
    have.

    Raises:
        InputCorruptError: the source cannot be read whole.
        BadRequestError: it holds smaller copies of itself (a texture), which would be lost.
        DiskFullError: no space is left for the target.
    """
    allowed = limits or Limits()
    with open_image(source, allowed) as found:
        part_specs(found, source, allowed)
        _write_all(target, _Parts(source, found, _specs_as_zip(found, source)), allowed)
    try:
        check_whole(target, allowed)
    except InputCorruptError as error:
        raise _storage_error(target, error.message) from error


def _specs_as_zip(source: Any, path: Path) -> list[Any]:
    specs: list[Any] = []
    while source.seek_subimage(len(specs), 0):
        if source.seek_subimage(len(specs), 1):
            raise BadRequestError(
                f"{path} is a texture with smaller copies inside; publish it as a texture, or render it flat", path=path
            )
        source.seek_subimage(len(specs), 0)
        spec = oiio.ImageSpec(source.spec())
        spec.attribute("compression", "zips" if spec.deep else "zip")
        spec.attribute("DateTime", spec.getattribute("DateTime") or FIXED_DATE)
        specs.append(spec)
    source.geterror()  # looking for one part more than there is leaves a message behind
    _tile_alike(specs)
    return specs


def _tile_alike(specs: Sequence[Any]) -> None:
    """Parts of a file are all in tiles or all in lines: OpenImageIO cannot write one beside the other."""
    if len({spec.tile_width > 0 for spec in specs}) > 1:
        for spec in specs:
            spec.tile_width = spec.tile_height = spec.tile_depth = 0


def _write(path: Path, spec: Any, pixels: Pixels) -> None:
    simple = path.suffix.lower() == ".exr" and is_simple(spec, pixels)
    if not (simple and write_exr(path, spec, pixels)):
        _write_by_openimageio(path, spec, pixels)
    reread = oiio.ImageInput.open(str(path))  # a full disk can leave a short file behind good answers
    if reread is None:
        raise _storage_error(path, oiio.geterror())
    whole = (
        reread.spec().width == spec.width
        and reread.read_scanline(spec.y + spec.height - 1, 0, oiio.UNKNOWN) is not None
    )
    reread.close()
    if not whole:
        raise _storage_error(path, "the file is short")


def _write_by_openimageio(path: Path, spec: Any, pixels: Pixels) -> None:
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


def _storage_error(path: Path, message: str, number: int | None = None) -> StorageError:
    text = message.strip().splitlines()[0] if message.strip() else "unknown reason"
    free = os.statvfs(path.parent).f_bavail * os.statvfs(path.parent).f_frsize
    if number == errno.ENOSPC or "No space" in message or free < MIB:
        return DiskFullError(f"no space is left for {path}: {text}", hint="make space and retry", path=path)
    return StorageError(f"{path} could not be written: {text}", hint="check the folder's permissions", path=path)

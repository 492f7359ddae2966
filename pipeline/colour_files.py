"""Files that an OCIO config reads beside itself, LUTs and CDLs: looked at before OpenColorIO is, and held to hashes."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..schema.errors import ColourError
from ..schema.job import ColourFile
from .colour_hash import MAX_CONFIG_MIB, hash_small

MAX_LUT_MIB = 256  # OpenColorIO's largest cube has 129 nodes an edge: 64 MiB as text
CONFIG = ".ocio"
HEAD = 64 * 1024
XML = frozenset({".clf", ".ctf", ".cc", ".ccc", ".cdl", ".look"})
_ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")


def check_lut(path: str, *, most_mib: int = MAX_LUT_MIB) -> None:
    """Refuse a file that no reader should be given, by its size and its first bytes.

    Raises:
        ColourError: it is not there, is too large, is empty, holds nothing but zeros, or is XML with entities.
    """
    try:
        facts = Path(path).stat()
        if not stat.S_ISREG(facts.st_mode):
            raise _refused(path, "is no file; name another")
        if facts.st_size > most_mib << 20:
            raise _refused(path, f"has {facts.st_size >> 20} MiB, {most_mib} MiB are allowed; export it smaller")
        with Path(path).open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as error:
        raise _refused(path, f"cannot be read: {(error.strerror or str(error)).lower()}; bring it back") from error
    if not head.strip(b"\0 \t\r\n"):
        raise _refused(path, "is empty or holds nothing but zeros; export it again")
    if Path(path).suffix.lower() in XML:
        check_xml(path, head)


def check_archive(path: str) -> None:
    """Refuse a config in an archive by what its table of contents says, before anything is unpacked.

    Raises:
        ColourError: it is no ZIP file, or one of its files is too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise ColourError(
            f"OCIO config {path} cannot be read: {getattr(error, 'strerror', None) or error}",
            hint="set OCIO or the setting 'ocio' to a config.ocio, or to ocio://default",
            path=path,
        ) from error
    for name, size in sizes.items():
        most = MAX_CONFIG_MIB if name.endswith(CONFIG) else MAX_LUT_MIB
        if size > most << 20:
            raise _refused(path, f"has {name!r} of {size >> 20} MiB, {most} MiB are allowed; make it anew, smaller")


def check_xml(path: str, head: bytes) -> None:
    """Refuse XML that grows when it is read, or that hides what it holds.

    Raises:
        ColourError: it declares entities, or is no text in UTF-8.
    """
    if b"\0" in head:
        raise _refused(path, "is no XML in UTF-8; export it again")
    if any(mark in head.upper() for mark in _ENTITIES):
        raise _refused(path, "declares a document type or entities, which are not read; export it without")


def mark_files(paths: Iterable[str]) -> tuple[ColourFile, ...]:
    """What files hold now, in order of their paths.

    Raises:
        ColourError: one cannot be read.
    """
    return tuple(_marked(path) for path in sorted(set(paths)))


def check_files(frozen: Sequence[ColourFile]) -> None:
    """Refuse files that are not what they were when the job was submitted.

    Raises:
        ColourError: names the first that changed, or is not there.
    """
    for file in frozen:
        if _marked(file.path).sha256 != file.sha256:
            raise ColourError(
                f"{file.path}, which the OCIO config reads, is not what it was when the job was submitted",
                hint="shotmill retry submits it again, as a new job with the file of now",
                path=file.path,
            )


def _marked(path: str) -> ColourFile:
    place = os.path.abspath(path)  # noqa: PTH100 - '..' of a search path goes, links stay
    try:
        checksum, size = hash_small(Path(place), most_mib=MAX_LUT_MIB)
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}; bring it back, or name another") from error
    return ColourFile(path=place, sha256=checksum, size=size)


def _refused(path: str, what: str) -> ColourError:
    return ColourError(
        f"{path}, which the OCIO config reads, {what}", hint="shotmill colour explain SHOT lists all files", path=path
    )

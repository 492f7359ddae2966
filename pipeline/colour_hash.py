"""What an OCIO config is, as a hash; OpenColorIO is not loaded for it."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

from ..schema.errors import ColourError

BUILT_IN = "ocio://"
ARCHIVE = ".ocioz"  # a config and its LUTs in one ZIP file
MAX_CONFIG_MIB = 16  # the largest of OpenColorIO's own has 0.3
MAX_ARCHIVE_MIB = 512


def config_hash(source: str) -> str:
    """A hash that changes when an OCIO config changes.

    Args:
        source: a path or an ``ocio://`` name.

    Raises:
        ColourError: the config is not there.
    """
    if source.startswith(BUILT_IN):
        # Built-in configs are part of the library: its version fixes their content.
        return hashlib.sha256(f"{source} {_library()}".encode()).hexdigest()
    most = MAX_ARCHIVE_MIB if source.endswith(ARCHIVE) else MAX_CONFIG_MIB
    try:
        return hash_small(Path(source), most_mib=most)[0]
    except OSError as error:
        raise ColourError(
            f"OCIO config {source} cannot be read: {error.strerror}",
            hint="set OCIO or the setting 'ocio' to a config.ocio, or to ocio://default",
            path=source,
        ) from error


def hash_small(path: Path, *, most_mib: int) -> tuple[str, int]:
    """The SHA-256 of a file in hex and its size in bytes, in little memory.

    Raises:
        OSError: it cannot be read, is no file, or is larger than ``most_mib``.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        if facts.st_size > most_mib << 20:
            said = f"it has {facts.st_size >> 20} MiB, {most_mib} MiB are allowed"
            raise OSError(errno.EFBIG, said, str(path))
        return hashlib.file_digest(stream, "sha256").hexdigest(), facts.st_size


def check_config(source: str, wanted: str) -> None:
    """Refuse an OCIO config that is not what it was when the job was submitted.

    Raises:
        ColourError: it changed, or is not there.
    """
    if config_hash(source) == wanted:
        return
    if source.startswith(BUILT_IN):
        raise ColourError(
            f"OCIO config {source} of opencolorio {_library()}, which is on this host, is not the one that the job was "
            "submitted with",
            hint="install the same opencolorio everywhere, or type shotmill retry: it submits the job again",
            path=source,
        )
    raise ColourError(
        f"OCIO config {source} changed after the job was submitted; submit again",
        hint="shotmill retry submits it again, as a new job with the config of now",
        path=source,
    )


def _library() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - reads metadata from disk

    return version("opencolorio")

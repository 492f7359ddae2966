"""What an OCIO config is, as a hash; OpenColorIO is not loaded for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..schema.errors import ColourError

BUILT_IN = "ocio://"


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
    try:
        return hashlib.sha256(Path(source).read_bytes()).hexdigest()
    except OSError as error:
        raise ColourError(
            f"OCIO config {source} cannot be read: {error.strerror}",
            hint="set OCIO or the setting 'ocio' to a config.ocio, or to ocio://default",
            path=source,
        ) from error


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

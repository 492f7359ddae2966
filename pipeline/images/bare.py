"""Writing a frame again with its pixels alone, and header entries that somebody chose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses

from .read import Limits, Pixels, open_image
from .sources import corrupt, words_of
from .write import FIXED_DATE, write_spec

# Whole numbers keep their alpha apart from their colour; OpenImageIO would multiply the two.
_APART = ("oiio:UnassociatedAlpha", 1)


def write_bare(source: Path, target: Path, entries: Mapping[str, Any], limits: Limits) -> None:
    """Write the first part of a picture again: the same pixels, windows and channels, and no entries but those given.

    Args:
        source: what is read; its suffix is that of the target.
        target: appears when it was written whole. EXR is written ZIP.
        entries: of the header; a tuple is an array of floats, or two whole numbers a rational; None is left out.
        limits: the largest image that is read.

    Raises:
        InputCorruptError: the source cannot be read whole.
        DiskFullError, StorageError: the target could not be written.
    """
    config = oiio.ImageSpec()
    config.attribute(*_APART)
    with open_image(source, limits, config) as found:
        old = found.spec()
        pixels = found.read_image(0, 0, 0, old.nchannels, old.format)
        if pixels is None or found.has_error:
            raise corrupt(source, words_of(found))
        spec = oiio.ImageSpec(old)
    write_spec(target, _bare(spec, target, entries), _shaped(pixels, spec))


def _shaped(pixels: Pixels, spec: Any) -> Pixels:
    return pixels.reshape(spec.height, spec.width, spec.nchannels)


def _bare(spec: Any, target: Path, entries: Mapping[str, Any]) -> Any:
    for name in [entry.name for entry in spec.extra_attribs]:
        spec.erase_attribute(name)
    spec.tile_width = spec.tile_height = spec.tile_depth = 0
    spec.attribute("DateTime", FIXED_DATE)
    if target.suffix.lower() == ".exr":
        spec.attribute("compression", "zip")
    else:
        spec.attribute(*_APART)
    for name, value in entries.items():
        if isinstance(value, tuple):
            whole = len(value) == 2 and all(isinstance(one, int) for one in value)  # noqa: PLR2004 - as the docstring says
            spec.attribute(name, oiio.TypeDesc("rational" if whole else f"float[{len(value)}]"), value)
        elif value is not None:
            spec.attribute(name, value)
    return spec

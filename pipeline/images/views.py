"""The views of stereo pictures: several in one EXR, by its parts, or by the channels of one part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .read import Header, Limits, header_of, open_image


def read_views(path: Path, limits: Limits | None = None) -> tuple[str, ...]:
    """Names of the views that a picture holds, the one that is read first; empty: it says of none.

    Raises:
        InputMissingError: there is no file.
        InputCorruptError: it cannot be read as an image.
        InputTooLargeError: it claims to be larger than the limits allow.
    """
    with open_image(path, limits or Limits()) as source:
        return views_of(source, header_of(source, path))


def views_of(source: Any, header: Header) -> tuple[str, ...]:
    """The same of an open image, whose part that is read is then the current one."""
    named: list[str] = []
    for part in (header.part, *range(header.parts if header.parts > 1 else 0)):
        source.seek_subimage(part, 0)
        spec = source.spec()
        several = spec.getattribute("multiView") or ()
        named += [several] if isinstance(several, str) else several
        named.append(str(spec.getattribute("view") or ""))
    source.seek_subimage(header.part, 0)
    return tuple(name for name in dict.fromkeys(named) if name)

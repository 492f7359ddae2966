"""The media that a cut names: its address as a path, and whether it is on the disk."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .pathmap import mapped

_DRIVE = re.compile(r"/?([A-Za-z]:)[/\\]")
_HASHES = re.compile(r"#+")
STILLS = frozenset({"exr", "dpx", "cin", "tif", "tiff", "png", "jpg", "jpeg", "tga", "hdr", "sxr"})


def decode_url(url: str) -> str:
    """A media address as a path: ``file://`` and %-escapes undone, drives as ``D:/...``, shares as ``//HOST/...``.

    Other schemes, and what is no URL, stay as they are.
    """
    text = url
    if url.startswith("file:///") and "?" not in url and url.isprintable():  # nearly all, and by the thousand
        text = unquote(url[len("file://") :])
    elif url.startswith("file:"):
        parts = urlsplit(url, allow_fragments=False)
        # Premiere writes file://localhost/D%3a/...; file://server/share/... is a share.
        host = "" if parts.netloc in {"", "localhost", "127.0.0.1"} else f"//{unquote(parts.netloc)}"
        query = f"?{parts.query}" if parts.query else ""
        text = host + unquote(parts.path + query)
    return text.lstrip("/").replace("\\", "/") if _DRIVE.match(text) else text


def absolute_path(path: str, *, folder: Path, roots: Mapping[str, str] | None = None) -> str:
    """The path that a decoded address means on this machine; not yet checked, and it may not exist.

    Args:
        path: as ``decode_url`` gives it; a relative one counts from ``folder``.
        folder: the timeline's folder.
        roots: prefixes to replace, such as ``{"D:/media": "/mnt/media"}``; the longest that fits wins.
    """
    text = mapped(path, roots or {})
    if text.startswith(("/", "\\\\")) or _DRIVE.match(text) or "://" in text:
        return text
    return os.path.normpath(folder / text)


def is_pattern(path: str) -> bool:
    """Whether the path stands for numbered files: ``plate.####.exr``; a movie may have a ``#`` in its name."""
    name = path.rsplit("/", 1)[-1]
    return "#" in name and name.rpartition(".")[2].lower() in STILLS


def frame_path(pattern: str, frame: int) -> str:
    """The file of one frame of a pattern."""
    folder, slash, name = pattern.rpartition("/")
    last = list(_HASHES.finditer(name))[-1]
    digits = f"{frame:0{len(last.group()) + (frame < 0)}d}"
    return f"{folder}{slash}{name[: last.start()]}{digits}{name[last.end() :]}"


def is_on_disk(path: str, first: int, last: int) -> bool:
    """Whether the media is there; of a sequence, whether its first, middle or last frame is.

    Gaps are not looked for: a submission does that, and names them.
    """
    if not is_pattern(path):
        return os.path.isfile(path)  # noqa: PTH113 - thousands of clips: a Path object each costs more than the look
    return any(
        os.path.isfile(frame_path(path, frame))  # noqa: PTH113 - same
        for frame in dict.fromkeys((first + (last - first) // 2, first, last))
    )

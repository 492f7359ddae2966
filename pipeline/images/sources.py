"""Images that OpenImageIO opens, and what it says where it cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses

from ...schema.errors import InputCorruptError, InputMissingError

START = 512  # bytes; every format says what it is sooner


def open_source(path: Path, *hints: Any) -> Any:
    """OpenImageIO's input of a file.

    Where the reader of its kind fails, OpenImageIO asks all others, and that of IFF walks through zeros byte by byte:
    for minutes, where a large file was never filled. So a file that begins with zeros is handed to none.

    Args:
        path: of a file that is there.
        hints: OpenImageIO's.

    Raises:
        InputMissingError: it cannot be opened.
        InputCorruptError: it is no image.
    """
    try:
        with path.open("rb") as file:
            start = file.read(START)
    except OSError as error:
        raise InputMissingError(f"image {path} cannot be opened: {error.strerror}", path=path) from error
    if not any(start):
        raise corrupt(path, "it begins with nothing but zeros, as a file that was never filled does")
    source = oiio.ImageInput.open(str(path), *hints)
    if source is None:
        raise corrupt(path, words_of(oiio))
    return source


def words_of(speaker: Any) -> str:
    """What OpenImageIO has to say, and its message is cleared; damaged files put bytes into it that are no text."""
    try:
        return str(speaker.geterror())
    except UnicodeDecodeError:
        return "its header holds nonsense"


def corrupt(path: Path, message: str) -> InputCorruptError:
    """What OpenImageIO says of a damaged file, in our words."""
    text = message.strip().splitlines()[0] if message.strip() else "no reader accepts it"
    return InputCorruptError(f"image {path} cannot be read whole: {text}; render or copy it again", path=path)

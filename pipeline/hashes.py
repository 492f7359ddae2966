"""Checksums of files: xxh128, read once in large blocks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

BLOCK = 4 * 1024 * 1024


def new_hash() -> Any:
    """A fresh xxh128 hasher with ``update`` and ``hexdigest``."""
    import xxhash  # noqa: PLC0415 - heavy: compiled, and only writers need it

    return xxhash.xxh3_128()


def hash_bytes(content: bytes) -> str:
    """The xxh128 of bytes in lower-case hex."""
    hasher = new_hash()
    hasher.update(content)
    return str(hasher.hexdigest())


def hash_file(path: Path | str) -> tuple[str, int]:
    """The xxh128 of a file in lower-case hex, and how many bytes were read.

    Raises:
        OSError: the file cannot be read.
    """
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return hash_handle(file)
    finally:
        os.close(file)


def hash_handle(file: int) -> tuple[str, int]:
    """The xxh128 of an open file from where it stands, and how many bytes were read.

    Raises:
        OSError: the file cannot be read.
    """
    hasher = new_hash()
    size = 0
    expected = os.fstat(file).st_size
    while content := os.read(file, min(BLOCK, expected) or BLOCK):
        hasher.update(content)
        size += len(content)
        if size == expected:  # saves asking once more for each of ten thousand small files
            break
    return str(hasher.hexdigest()), size

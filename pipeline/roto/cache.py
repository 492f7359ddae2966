"""What roto tasks keep for the next one: masks and states by a key of all that they depend on.

A key of a frame is made of the key of the frame before it, so it says the whole walk: what is kept under it is what
would be made. Nothing is ever changed, only added and, the longest unused first, removed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
from pathlib import Path

from ...schema.errors import PathJailError
from ..files import write_whole
from ..hashes import hash_bytes
from ..jail import open_file, opened

log = logging.getLogger(__name__)

MIB = 1024 * 1024
CHECK = 32  # letters of an xxh128 in front of what is kept
KEPT_SHARE = 0.8  # of the allowed size, after it was passed
LOOK_EVERY = 64  # things kept between two looks at the size of it all
KEY = re.compile(r"[0-9a-f]{32}(-[a-z]+)?\Z")


class FrameCache:
    """A folder of things by key. Where it cannot be read or written, nothing is found and nothing is kept.

    Args:
        root: made when the first thing is kept; links in it are not followed out of it.
        most_mib: how large it may grow; 0: nothing is kept.
    """

    def __init__(self, root: Path, *, most_mib: int) -> None:
        self._root = root
        self._most = most_mib * MIB
        self._added = 0
        self._warned = False

    def get(self, key: str) -> bytes | None:
        """What is kept under a key, whole; None where nothing is."""
        if not self._most:
            return None
        path = self._path(key)
        try:
            with os.fdopen(open_file(path, root=self._root), "rb") as stream:
                content = stream.read()
            os.utime(path, follow_symlinks=False)  # used last now
        except OSError:
            return None
        body = content[CHECK:]
        return body if content[:CHECK] == hash_bytes(body).encode() else None

    def put(self, key: str, content: bytes) -> None:
        """Keep something; it appears whole, or not at all."""
        if not self._most:
            return
        path = self._path(key)
        half = f".{path.name}.{secrets.token_hex(8)}.part"
        try:
            with opened(self._root, path.parent.name, make=True) as folder:
                try:
                    write_whole(path.with_name(half), hash_bytes(content).encode() + content, folder=folder)
                    os.rename(half, path.name, src_dir_fd=folder, dst_dir_fd=folder)
                finally:
                    with contextlib.suppress(OSError):
                        os.unlink(half, dir_fd=folder)
        except (OSError, PathJailError) as error:
            if not self._warned:
                log.warning("nothing is kept in %s: %s", self._root, error)
            self._warned = True
            return
        self._added += 1
        if self._added % LOOK_EVERY == 1:
            self.prune()

    def prune(self) -> None:
        """Remove what was not used for the longest time, when all of it is larger than allowed."""
        found = sorted(self._entries())
        size = sum(entry[1] for entry in found)
        if size <= self._most:
            return
        for _time_ns, bytes_, path in found:
            if size <= self._most * KEPT_SHARE:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                size -= bytes_

    def _entries(self) -> list[tuple[int, int, Path]]:
        """When it was used last, its size, and its path, of everything that is kept."""
        found = []
        with contextlib.suppress(OSError):
            for folder in self._root.iterdir():
                for path in folder.iterdir() if folder.is_dir() and not folder.is_symlink() else ():
                    with contextlib.suppress(OSError):  # another process removed it
                        facts = path.stat(follow_symlinks=False)
                        found.append((facts.st_mtime_ns, facts.st_size, path))
        return found

    def _path(self, key: str) -> Path:
        if not KEY.match(key):
            raise ValueError(f"{key!r} is no key")
        return self._root / key[:2] / key


def next_key(before: str, *parts: object) -> str:
    """The key of a frame: of the key before it, and of all that this frame adds."""
    return hash_bytes(repr((before, *parts)).encode())

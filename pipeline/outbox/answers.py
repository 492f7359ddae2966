"""Reading what servers answer: not for ever, and never more than a machine can hold."""

from __future__ import annotations

import time
import zlib
from http.client import IncompleteRead
from typing import TYPE_CHECKING, Any

from ...schema.errors import TargetUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_ANSWER = 64 * 1024 * 1024  # bytes; thousands of rows are some
LONGEST_S = 600.0  # of one answer, however it drips: time limits of clients count anew with each byte
DETECT = 32  # zlib: tell gzip from its own form by the first bytes
PIECE = 1024  # bytes between two looks at the clock


def whole(answer: Any) -> bytes:
    """All of an answer of ``http.client`` or ``urllib``.

    Raises:
        TargetUnreachableError: it does not end.
        IncompleteRead: it ends too early.
    """
    found = _held(iter(lambda: answer.read(PIECE), b""))
    left = getattr(answer, "length", None)
    if left:
        raise IncompleteRead(found, left)
    return found


def hold(answer: Any) -> None:
    """Read an answer of ``requests`` before anybody else does, who would read it without end.

    Raises:
        TargetUnreachableError: it does not end.
    """
    try:
        answer._content = _held(answer.iter_content(PIECE))  # noqa: SLF001 - where the library keeps it
    except TargetUnreachableError:
        answer.close()
        raise


def unpacked(content: bytes) -> bytes:
    """What a compressed answer holds: ``gzip``, or ``deflate`` in either of its two forms.

    Raises:
        TargetUnreachableError: it holds more than is read of any answer.
        ValueError: it is not whole, or not compressed.
    """
    is_raw = content[:1] not in {b"\x1f", b"\x78"}  # first bytes of gzip, and of zlib at its usual window
    reader = zlib.decompressobj(-zlib.MAX_WBITS if is_raw else zlib.MAX_WBITS | DETECT)
    try:
        found = reader.decompress(content, MAX_ANSWER + 1)
    except zlib.error as error:
        raise ValueError(f"a compressed answer cannot be read: {error}") from None
    if len(found) > MAX_ANSWER:
        raise _endless()
    if not reader.eof:
        raise ValueError("a compressed answer ends too early")
    return found


def _held(pieces: Iterable[bytes]) -> bytes:
    return b"".join(_counted(pieces))


def _counted(pieces: Iterable[bytes]) -> Iterator[bytes]:
    ends, size = time.monotonic() + LONGEST_S, 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_ANSWER or time.monotonic() > ends:
            raise _endless()
        yield piece


def _endless() -> TargetUnreachableError:
    return TargetUnreachableError(
        f"an answer did not end within {MAX_ANSWER // 2**20} MiB and {LONGEST_S:.0f} s",
        hint="look at what stands between us and the server; it is tried again by itself",
    )

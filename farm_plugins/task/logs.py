"""The log of one attempt: what Shotmill says, and what the work prints."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from select import PIPE_BUF

SHOWN_EVERY_S = 0.2
SHOWN_AT_ONCE = 65_536
FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


@contextmanager
def logging_to(path: Path, *, prints: bool, shown: bool = False) -> Iterator[None]:
    """Everything that is logged meanwhile goes to the attempt's own file too.

    Args:
        path: of the log; its folder is made.
        prints: whether what this process and its children print goes there.
        shown: whether the log goes to standard output while it grows, as if it were printed there.

    Raises:
        OSError: the log cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = path.open("a", encoding="utf-8", errors="backslashreplace")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FORMAT)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    if before > logging.INFO or before == logging.NOTSET:
        root.setLevel(logging.INFO)
    try:
        if prints:
            with _shown(path) if shown else nullcontext(), printing_to(stream.fileno(), stream.fileno()):
                yield
        else:
            yield
    finally:
        if root.level != before:
            root.setLevel(before)
        root.removeHandler(handler)
        handler.close()
        stream.close()


@contextmanager
def _shown(path: Path) -> Iterator[None]:
    """Standard output gets what the log gets meanwhile.

    The log is written first, and followed: what passes things on dies with its process, and takes the last words along.
    """
    out, ended, begin = os.dup(1), threading.Event(), path.stat().st_size

    def copy() -> None:
        with path.open("rb") as log, os.fdopen(out, "wb", buffering=0) as farm, suppress(OSError):  # nobody listens
            log.seek(begin)
            over, begun = False, b""
            while not over:
                over = ended.wait(SHOWN_EVERY_S)
                while text := log.read(SHOWN_AT_ONCE):
                    *lines, begun = (begun + text).split(b"\n")
                    for piece in _pieces(lines):
                        farm.write(piece)
            if begun:
                farm.write(begun + b"\n")

    follower = threading.Thread(target=copy, daemon=True)
    follower.start()
    try:
        yield
    finally:
        ended.set()
        follower.join()


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines, as many as a pipe takes at once: what is told meanwhile stands between lines, not in one."""
    piece = b""
    for line in lines:
        if piece and len(piece) + len(line) >= PIPE_BUF:
            yield piece
            piece = b""
        piece += line + b"\n"
    if piece:
        yield piece


@contextmanager
def printing_to(output: int, errors: int) -> Iterator[None]:
    """File descriptors 1 and 2 are others meanwhile, so that libraries and children print there too."""
    kept = os.dup(1), os.dup(2)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a log is read while it is written
    os.dup2(output, 1)
    os.dup2(errors, 2)
    try:
        yield
    finally:
        try:
            _flush()
        finally:
            for number, saved in enumerate(kept, start=1):
                os.dup2(saved, number)
                os.close(saved)


def _flush() -> None:
    """Empty the streams' buffers; what a full disk refuses is lost, so that it lands in no later log.

    Raises:
        OSError: something was lost.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        sys.stdout.flush()
        sys.stderr.flush()
        raise

"""The log of one attempt: what Shotmill says, and what the work prints."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@contextmanager
def logging_to(path: Path, *, prints: bool) -> Iterator[None]:
    """Everything that is logged meanwhile goes to the attempt's own file too.

    Args:
        path: of the log; its folder is made.
        prints: whether what this process and its children print goes there, and nowhere else.

    Raises:
        OSError: the log cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = path.open("a", encoding="utf-8", errors="backslashreplace")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(FORMAT))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    if before > logging.INFO or before == logging.NOTSET:
        root.setLevel(logging.INFO)
    try:
        if prints:
            with printing_to(stream.fileno(), stream.fileno()):
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

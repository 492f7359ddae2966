"""Identifiers: time-ordered UUIDs for rows, and short handles for people."""

from __future__ import annotations

import os
import time
import uuid
from typing import NewType

JobId = NewType("JobId", uuid.UUID)
VersionId = NewType("VersionId", uuid.UUID)
TaskId = NewType("TaskId", uuid.UUID)

_HANDLE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: handles are read aloud


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7), made by the client so that retries are idempotent."""
    millis = time.time_ns() // 1_000_000
    value = (millis & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)


def job_handle(job_id: uuid.UUID) -> str:
    """The name people use for a job, such as ``J-7F3K9QAB``: eight letters from the random end of the id."""
    value = job_id.int & ((1 << 40) - 1)
    letters = []
    for _ in range(8):
        value, index = divmod(value, len(_HANDLE_ALPHABET))
        letters.append(_HANDLE_ALPHABET[index])
    return "J-" + "".join(letters)

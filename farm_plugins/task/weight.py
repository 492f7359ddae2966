"""How much a process that does many tasks has grown: libraries leak, and a fresh process is better then."""

from __future__ import annotations

import os
import time
from pathlib import Path

MAX_GROWTH = 1024 * 1024 * 1024  # bytes; a process that grew by more than this is replaced
WEIGH_S = 0.25
PAGE = os.sysconf("SC_PAGE_SIZE")


class Weight:
    """Memory of this process, weighed now and then."""

    def __init__(self) -> None:
        self._first_bytes = 0
        self._loads = 0
        self._worn = False
        self._weighed = 0.0

    def is_worn(self, loads: int) -> bool:
        """Whether it has grown so much that a fresh one is better.

        Args:
            loads: how often a model was loaded, which is no leak: what was weighed before counts no more.
        """
        moment = time.monotonic()
        if moment - self._weighed > WEIGH_S or loads != self._loads:
            self._weighed = moment
            used = resident_bytes()
            if loads != self._loads or not self._first_bytes:
                self._loads, self._first_bytes = loads, used
            self._worn = used - self._first_bytes > MAX_GROWTH
        return self._worn


def resident_bytes() -> int:
    """Memory of this process that lies in RAM; 0 where the kernel does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except OSError:
        return 0
